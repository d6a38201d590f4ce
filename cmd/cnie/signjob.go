package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"cnie/pki/adsig/cades"
)

// signJob is one output: a document, or several in a container.
type signJob struct {
	documents []*document
	format    *signFormat
	out       string
}

func (j *signJob) names() (all []string) {
	for _, d := range j.documents {
		all = append(all, d.name)
	}
	return all
}

// beside is the document that the signature lies beside; "" when it holds it.
func (j *signJob) beside() string {
	if j.format.name == "cades" || j.format.name == "jades" {
		return j.documents[0].name
	}
	return ""
}

// mode is what whoever may read the document may do with its signature.
func (j *signJob) mode() fs.FileMode {
	mode := fs.FileMode(0o666)
	for _, d := range j.documents {
		mode &= d.mode
	}
	return mode | 0o600
}

// plan turns arguments into jobs.
func (s *signing) plan(files []string) error {
	if err := s.checkFormat(); err != nil {
		return err
	}
	var all []*document
	for i, name := range files {
		if slices.Contains(files[:i], name) {
			return usage("%s is named twice", name)
		}
		about, err := os.Stat(name)
		if err != nil {
			return cannotRead(name, err)
		}
		if !about.Mode().IsRegular() {
			return usage("%s is no file that could be signed", name)
		}
		all = append(all, &document{name: name, size: about.Size(), mode: about.Mode().Perm()})
	}
	if err := s.gather(all); err != nil {
		return err
	}
	return s.nameOutputs()
}

func (s *signing) checkFormat() error {
	switch {
	case s.format == "jades" && s.level > cades.BB:
		return usage("JSON signatures are made at level B-B only; leave --level and --tsa out, or choose another format")
	case s.attached && s.format != "cades" && s.format != "jades":
		return usage("--attached goes with --format cades or jades; the other formats hold the document anyway")
	case s.visible != "" && s.format != "" && s.format != "pades":
		return usage("--visible is for PDF files; leave it out")
	}
	_, err := s.look()
	return err
}

// gather makes one job of all documents for a container, else one of each.
func (s *signing) gather(all []*document) error {
	if s.format == "asice" && len(all) > 1 {
		if s.out == "" {
			return usage("say with -o FILE how the container of these files is to be called")
		}
		f, err := s.formatFor("")
		s.jobs = []*signJob{{documents: all, format: f, out: s.out}}
		return err
	}
	for _, d := range all {
		f, err := s.formatFor(d.name)
		if err != nil {
			return err
		}
		if s.visible != "" && f.name != "pades" {
			return usage("--visible is for PDF files, and %s is none", d.name)
		}
		s.jobs = append(s.jobs, &signJob{documents: []*document{d}, format: f, out: f.out(s, d.name)})
	}
	return nil
}

// nameOutputs applies -o, and sees that no two outputs are one.
func (s *signing) nameOutputs() error {
	about, err := os.Stat(s.out)
	folder := err == nil && about.IsDir()
	if s.out != "" && !folder && len(s.jobs) > 1 {
		return usage("several documents are signed into several files; give -o a folder that exists, or leave it out")
	}
	seen := map[string]bool{}
	for _, j := range s.jobs {
		switch {
		case folder && len(j.documents) > 1:
			return usage("%s is a folder; say with -o FILE how the container is to be called", s.out)
		case folder:
			j.out = filepath.Join(s.out, filepath.Base(j.out))
		case s.out != "":
			j.out = s.out
		}
		if seen[j.out] || slices.ContainsFunc(j.names(), func(name string) bool { return sameFile(name, j.out) }) {
			return usage("%s would be written twice, or over the document itself; choose another name with -o", j.out)
		}
		seen[j.out] = true
	}
	return nil
}

// sameFile reports whether two names are of one file that is there, by whatever way
// they lead to it.
func sameFile(name, other string) bool {
	a, err1 := os.Stat(name)
	b, err2 := os.Stat(other)
	return err1 == nil && err2 == nil && os.SameFile(a, b)
}

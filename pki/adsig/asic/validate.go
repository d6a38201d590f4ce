package asic

import (
	"crypto"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"cnie/pki"
	"cnie/pki/adsig"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/tsp"
)

// The checks that a container adds to those of package adsig: each file that the
// manifest names is what was signed, and no other file is there.
const (
	CheckFiles    adsig.CheckID = "container.files"
	CheckUnsigned adsig.CheckID = "container.unsigned"
)

const clause = "EN 319 162-1 §4.4.4.2"

// Report is what validating one signature of a container came to.
type Report struct {
	adsig.Report
	Signature string   // its name in the container
	Files     []string // that it covers
}

// Validate opens a container and judges its signatures. What is no container has
// one report, which says so. Errors are adsig.ErrPolicy, ErrUnsupported, or the
// reader's.
func Validate(r io.ReaderAt, size int64, p adsig.Policy) ([]Report, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	c, err := Open(r, size)
	if errors.Is(err, ErrMalformed) {
		return []Report{unreadable(p, err)}, nil
	}
	if err != nil {
		return nil, err
	}
	return c.Validate(p)
}

func unreadable(p adsig.Policy, err error) Report {
	r := Report{Report: adsig.Report{At: p.At, Proven: p.At}}
	r.add(adsig.CheckFormat, pki.Failed, adsig.FormatFailure, err.Error())
	return r
}

func (r *Report) add(id adsig.CheckID, outcome pki.Outcome, sub adsig.SubIndication, reason string) {
	r.Checks = append(r.Checks, adsig.Check{ID: id, Outcome: outcome, Clause: clause, Reason: reason, Sub: sub})
}

// Validate judges every signature, in the order in which their manifests stand.
// The error is adsig.ErrPolicy.
func (c *Container) Validate(p adsig.Policy) ([]Report, error) {
	var all []Report
	for _, e := range c.signed {
		found, err := c.validate(e, p)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			report := Report{Report: r, Signature: e.by}
			c.judgeFiles(&report, e)
			all = append(all, report)
		}
	}
	return all, nil
}

// validate judges the signatures over one manifest.
func (c *Container) validate(e entry, p adsig.Policy) ([]adsig.Report, error) {
	message, err := c.read(e.by)
	if err != nil {
		return []adsig.Report{unreadable(p, err).Report}, p.Check()
	}
	return adsig.Validate(adsig.Input{Message: message, Digests: cades.DigestsOf(e.text), Stamps: c.stamps(e)}, p)
}

// stamps lists the archive timestamps over a signature. They count as being over
// it when everything else that they cover is as it was, too.
func (c *Container) stamps(e entry) (all []adsig.Stamp) {
	for _, a := range c.archives {
		if !a.over(e.name) || !a.over(e.by) {
			continue
		}
		token, err := c.read(a.by)
		if err != nil {
			continue
		}
		all = append(all, adsig.Stamp{Token: token, Covers: c.tokensIn(a), Digests: func(h crypto.Hash) ([]byte, error) {
			for _, r := range a.covers {
				if err := c.check(r); err != nil {
					return nil, fmt.Errorf("%w: %w", tsp.ErrImprint, err)
				}
			}
			return cades.DigestsOf(a.text)(h)
		}})
	}
	return all
}

func (m *manifest) over(name string) bool {
	return slices.ContainsFunc(m.covers, func(r reference) bool { return r.name == name })
}

// tokensIn reads the earlier timestamps that an archive manifest covers.
func (c *Container) tokensIn(a entry) (tokens [][]byte) {
	for _, earlier := range c.archives {
		if !a.over(earlier.by) {
			continue
		}
		if token, err := c.read(earlier.by); err == nil {
			tokens = append(tokens, token)
		}
	}
	return tokens
}

// judgeFiles adds what the manifest says of files: each is as it was signed, and
// the signature says nothing of those that are not in it.
func (c *Container) judgeFiles(r *Report, e entry) {
	var wrong []string
	sub := adsig.HashFailure
	for _, covered := range e.covers {
		r.Files = append(r.Files, covered.name)
		if err := c.check(covered); err != nil {
			wrong = append(wrong, err.Error())
			if c.files[covered.name] == nil {
				sub = adsig.SignedDataNotFound
			}
		}
	}
	if len(wrong) > 0 {
		r.add(CheckFiles, pki.Failed, sub, strings.Join(wrong[:min(len(wrong), 8)], "; "))
	} else {
		r.add(CheckFiles, pki.Passed, "", fmt.Sprintf("%d files are as they were signed", len(e.covers)))
	}
	var unsigned []string
	for _, name := range c.Files() {
		if !e.over(name) {
			unsigned = append(unsigned, fmt.Sprintf("%.80q", name))
		}
	}
	if len(unsigned) > 0 {
		r.add(CheckUnsigned, pki.Warned, "", "not signed by this signature: "+strings.Join(unsigned[:min(len(unsigned), 8)], ", "))
	} else {
		r.add(CheckUnsigned, pki.Passed, "", "every file in the container is signed")
	}
}

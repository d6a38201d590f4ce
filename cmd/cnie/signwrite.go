package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cnie/internal/wholefile"
	"cnie/pki/adsig/cades"
)

// draft is an output before it has a name.
type draft struct {
	*os.File
	begins []*beginning
}

// beginning watches that a draft begins with a document as it was listed.
type beginning struct {
	out  io.Writer
	hash hash.Hash
	left int64
	want []byte
}

// after is for formats that append to the document.
func (d *draft) after(doc *document) io.Writer {
	b := &beginning{out: d.File, hash: sha256.New(), left: doc.size, want: doc.digest}
	d.begins = append(d.begins, b)
	return b
}

// Write implements io.Writer.
func (b *beginning) Write(p []byte) (int, error) {
	part := p[:min(int64(len(p)), b.left)]
	b.hash.Write(part)
	b.left -= int64(len(part))
	return b.out.Write(p)
}

func (d *draft) check() error {
	for _, b := range d.begins {
		if b.left > 0 || !bytes.Equal(b.hash.Sum(nil), b.want) {
			return errChanged
		}
	}
	return nil
}

// write makes a file whole or not at all, and returns the name that it got: out,
// or one that tells the level where that is lower than was asked for. It replaces
// nothing unless told to.
func (l *levelOptions) write(out, content string, replace bool, mode fs.FileMode, make func(*draft) error) (string, error) {
	temporary, err := os.CreateTemp(filepath.Dir(out), ".cnie-*") // mode 0600
	if err != nil {
		return "", cannotWrite(out, err)
	}
	defer os.Remove(temporary.Name()) // gone already where it was renamed
	d := &draft{File: temporary}
	err = make(d)
	lower := errors.Is(err, cades.ErrLevel)
	if err != nil && !lower {
		return "", errors.Join(err, temporary.Close())
	}
	if bad := errors.Join(d.check(), temporary.Chmod(mode), temporary.Sync(), temporary.Close()); bad != nil {
		return "", bad
	}
	if lower {
		reached := l.levelOf(temporary.Name(), content)
		if reached == 0 { // nothing that could be kept
			return "", err
		}
		out = withLevel(out, reached)
		err = &failure{code: exitLowerLevel, sentence: fmt.Sprintf("level %v was not reached (%s); %s has level %v: raise it later with `cnie augment`", l.level, causeOf(err), out, reached), cause: err}
	}
	if bad := publish(temporary.Name(), out, replace); bad != nil {
		return "", bad
	}
	return out, err
}

// causeOf is what led to a lower level: what a person can act on.
func causeOf(err error) string {
	return strings.ReplaceAll(oneLine(err), cades.ErrLevel.Error()+": ", "")
}

// publish gives a finished file its name. A link cannot replace anything, not even
// what came to be a moment ago.
func publish(temporary, out string, replace bool) error {
	if !replace {
		err := os.Link(temporary, out)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, fs.ErrExist):
			return exists(out)
		}
		if _, err := os.Lstat(out); err == nil { // a file system without links
			return exists(out)
		}
	}
	place, err := wholefile.Place(out)
	if err == nil {
		err = os.Rename(temporary, place)
	}
	if err != nil {
		return cannotWrite(out, err)
	}
	return nil
}

func exists(out string) error {
	return &failure{code: exitIO, sentence: out + " exists already; choose another name with -o, or give --force to replace it"}
}

// withLevel puts a level into a file's name, before its ending.
func withLevel(name string, level cades.Level) string {
	ending := filepath.Ext(name)
	base := strings.TrimSuffix(name, ending)
	for _, other := range []cades.Level{cades.BB, cades.BT, cades.BLT, cades.BLTA} {
		base = strings.TrimSuffix(base, "."+other.String())
	}
	return base + "." + level.String() + ending
}

package asic

import (
	"archive/zip"
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"io"
	"strings"

	"cnie/pki/adsig/cades"
)

// MIMEType is the content of the file mimetype.
const MIMEType = "application/vnd.etsi.asic-e+zip"

const (
	metaFolder  = "META-INF/"
	mimeFile    = "mimetype"
	archiveName = "META-INF/ASiCArchiveManifest.xml" // of the latest; those before get a number
)

// Container is an open container. The file it was read from must stay open.
type Container struct {
	files    map[string]*zip.File
	order    []*zip.File // as the directory lists them
	signed   []entry     // manifests with signatures
	archives []entry     // archive manifests, in the order of the directory
	sums     map[string]*cades.Sums
}

// entry is a manifest in the container.
type entry struct {
	name string
	text []byte
	*manifest
}

// Open reads everything but the files themselves. Errors wrap ErrMalformed or
// ErrUnsupported, or are the reader's.
func Open(r io.ReaderAt, size int64) (*Container, error) {
	watched := &failing{r: r}
	c, err := open(watched, size)
	if watched.err != nil { // a broken disk is no broken container
		return nil, fmt.Errorf("read container: %w", watched.err)
	}
	return c, err
}

func open(r io.ReaderAt, size int64) (*Container, error) {
	z, err := openZIP(r, size)
	if err != nil {
		return nil, err
	}
	c := &Container{files: map[string]*zip.File{}, order: z.File, sums: map[string]*cades.Sums{}}
	for _, f := range z.File {
		if !f.Mode().IsDir() {
			c.files[f.Name] = f
		}
	}
	if err := c.checkType(); err != nil {
		return nil, err
	}
	return c, c.readManifests()
}

// failing remembers an error of the reader other than its end.
type failing struct {
	r   io.ReaderAt
	err error
}

// ReadAt implements io.ReaderAt.
func (f *failing) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 { // where a container may point, and no disk is to blame
		return 0, io.ErrUnexpectedEOF
	}
	n, err := f.r.ReadAt(p, at)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}

// checkType looks at the file mimetype, which tells the kind of container to
// programs that know no ZIP: it is the first, plain, and has no extra field
// (EN 319 162-1 §A.1).
func (c *Container) checkType() error {
	f := c.files[mimeFile]
	if f == nil || c.order[0] != f {
		return fmt.Errorf("%w: it does not begin with the file mimetype", ErrUnsupported)
	}
	at, err := f.DataOffset()
	if f.Method != zip.Store || err != nil || at != localSize+int64(len(mimeFile)) {
		return malformed("mimetype is compressed or has an extra field")
	}
	kind, err := c.read(mimeFile)
	if err != nil {
		return err
	}
	if string(kind) != MIMEType {
		return fmt.Errorf("%w: its type is %.60q", ErrUnsupported, kind)
	}
	return nil
}

// readManifests sorts what is in META-INF (EN 319 162-1 §4.4.4.2, §A.7).
func (c *Container) readManifests() error {
	foreign, by := false, map[string]bool{}
	for _, f := range c.order {
		plain, meta := strings.CutPrefix(f.Name, metaFolder)
		kind := strings.HasSuffix(plain, ".xml")
		switch {
		case !meta:
			continue
		case kind && strings.Contains(strings.ToLower(plain), "signatures"):
			foreign = true
			continue
		case !kind || !strings.HasPrefix(plain, "ASiCManifest") && !strings.HasPrefix(plain, "ASiCArchiveManifest"):
			continue
		}
		text, err := c.read(f.Name)
		if err != nil {
			return err
		}
		m, err := parseManifest(text)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		if by[m.by] || c.files[m.by] == nil || !strings.HasPrefix(m.by, metaFolder) {
			return malformed("%s: its signature %.80q is not there, or has another manifest", f.Name, m.by)
		}
		by[m.by] = true
		c.file(entry{f.Name, text, m})
	}
	return c.complete(foreign, by)
}

// file puts a manifest where it belongs. One with a timestamp instead of a
// signature says when files were there, and nothing about who signed them.
func (c *Container) file(e entry) {
	switch {
	case strings.HasSuffix(e.by, ".p7s"):
		c.signed = append(c.signed, e)
	case strings.HasPrefix(e.name, metaFolder+"ASiCArchiveManifest"):
		c.archives = append(c.archives, e)
	}
}

// complete refuses a signature of which nobody knows what it is over, and a
// container without one.
func (c *Container) complete(foreign bool, by map[string]bool) error {
	for name := range c.files {
		if strings.HasPrefix(name, metaFolder) && strings.HasSuffix(name, ".p7s") && !by[name] {
			return malformed("the signature %s has no manifest", name)
		}
	}
	switch {
	case len(c.signed) > 0:
		return nil
	case foreign:
		return fmt.Errorf("%w: its signatures are XAdES", ErrUnsupported)
	}
	return malformed("there is no signature in it")
}

// read returns a file of META-INF.
func (c *Container) read(name string) ([]byte, error) {
	f := c.files[name]
	if f.UncompressedSize64 > maxMeta {
		return nil, malformed("%s is too long", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, malformed("%s: %v", name, err)
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, maxMeta+1))
	if err != nil {
		return nil, malformed("%s: %v", name, err)
	}
	return content, nil
}

// check compares a file with a reference to it.
func (c *Container) check(r reference) error {
	f := c.files[r.name]
	if f == nil {
		return fmt.Errorf("%.80q is not in the container", r.name)
	}
	sums, known := c.sums[r.name]
	if !known {
		sums = &cades.Sums{}
		content, err := f.Open()
		if err != nil {
			return fmt.Errorf("%.80q cannot be unpacked: %w", r.name, err)
		}
		defer content.Close()
		if _, err := io.Copy(sums.Tap(c.hashesOf(r.name)), content); err != nil {
			return fmt.Errorf("%.80q cannot be unpacked: %w", r.name, err)
		}
		c.sums[r.name] = sums
	}
	digest, err := sums.Digest(r.hash)
	if err != nil || !bytes.Equal(digest, r.digest) {
		return fmt.Errorf("%.80q is not as it was signed", r.name)
	}
	return nil
}

// hashesOf lists the hashes that any manifest wants of a file, so that it is read
// once.
func (c *Container) hashesOf(name string) (all []crypto.Hash) {
	for _, list := range [][]entry{c.signed, c.archives} {
		for _, e := range list {
			for _, r := range e.covers {
				if r.name == name {
					all = append(all, r.hash)
				}
			}
		}
	}
	return all
}

// Files lists the files that are there to be signed.
func (c *Container) Files() (names []string) {
	for _, f := range c.order {
		if c.files[f.Name] != nil && f.Name != mimeFile && !strings.HasPrefix(f.Name, metaFolder) {
			names = append(names, f.Name)
		}
	}
	return names
}

// File opens a file that is there to be signed, as it is in the container.
func (c *Container) File(name string) (io.ReadCloser, error) {
	f := c.files[name]
	if f == nil {
		return nil, malformed("%.80q is not in the container", name)
	}
	return f.Open()
}

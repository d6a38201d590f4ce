package asic

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"crypto"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"mime"
	"path"
	"slices"
	"strings"

	"cnie/pki/adsig/cades"
)

// Document is a file to be put into a container and signed.
type Document struct {
	Name string // in the container, with slashes
	// Open is called twice: to hash the file, and to copy it.
	Open func() (io.ReadCloser, error)
}

// ErrChanged reports a file that was changed while it was being signed.
var ErrChanged = errors.New("the file changed while it was being signed")

// Create signs files and writes them and the signature as a container. For levels
// above B-B the augmenter raises the signature before it is written. Where that
// fails the container is complete at the level that was reached, and the error
// wraps cades.ErrLevel.
func Create(ctx context.Context, w io.Writer, documents []Document, s *cades.Signer, level cades.Level, a *cades.Augmenter) error {
	hash, err := s.DigestAlgorithm()
	if err != nil {
		return err
	}
	m := &manifest{}
	for _, d := range documents {
		if err := m.add(d, hash); err != nil {
			return err
		}
	}
	added, lower := sign(ctx, m, 1, s, level, a)
	if added == nil {
		return lower
	}
	return errors.Join(write(w, documents, m, added), lower)
}

// sign signs a manifest, and raises the signature to a level. It returns what is to
// be written to META-INF, nil when there is no signature.
func sign(ctx context.Context, m *manifest, number int, s *cades.Signer, level cades.Level, a *cades.Augmenter) ([]addition, error) {
	m.by = fmt.Sprintf(metaFolder+"signature%03d.p7s", number)
	e := entry{name: fmt.Sprintf(metaFolder+"ASiCManifest%03d.xml", number), manifest: m}
	var err error
	if e.text, err = m.encode(signatureType); err != nil {
		return nil, err
	}
	if parsed, err := parseManifest(e.text); err != nil || parsed.by != m.by { // what we would not read we do not write
		return nil, fmt.Errorf("make the manifest: %w", err)
	}
	message, err := s.SignReader(bytes.NewReader(e.text))
	if err != nil {
		return nil, err
	}
	added, lower := raise(ctx, message, e, level, a)
	if added == nil {
		return nil, lower
	}
	return append([]addition{{e.name, e.text}}, added...), lower
}

// add hashes a file into the manifest.
func (m *manifest) add(d Document, hash crypto.Hash) error {
	own := folded(d.Name)
	taken := slices.ContainsFunc(m.covers, func(r reference) bool { return folded(r.name) == own })
	if !wellNamed(d.Name) || strings.HasPrefix(own, folded(metaFolder)) || own == mimeFile || taken {
		return malformed("no file in a container can be named %.80q, or there are two", d.Name)
	}
	return m.refer(d, hash)
}

// refer adds a reference to a file.
func (m *manifest) refer(d Document, hash crypto.Hash) error {
	content, err := d.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	h := hash.New()
	if _, err := io.Copy(h, content); err != nil {
		return fmt.Errorf("read %s: %w", d.Name, err)
	}
	kind, _, _ := strings.Cut(mime.TypeByExtension(path.Ext(d.Name)), ";")
	m.covers = append(m.covers, reference{name: d.Name, mime: cmp.Or(kind, anyType), hash: hash, digest: h.Sum(nil)})
	return nil
}

// addition is a file of META-INF that is to be written.
type addition struct {
	name    string
	content []byte
}

// write writes a new container. What is copied is hashed again: a file that
// changed since would be one that nobody signed.
func write(w io.Writer, documents []Document, m *manifest, meta []addition) error {
	z := zip.NewWriter(w)
	if err := putPlain(z, addition{mimeFile, []byte(MIMEType)}); err != nil {
		return err
	}
	for i, d := range documents {
		if err := copyIn(z, d, m.covers[i]); err != nil {
			return err
		}
	}
	for _, a := range meta {
		if err := put(z, a); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write container: %w", err)
	}
	return nil
}

func copyIn(z *zip.Writer, d Document, r reference) error {
	content, err := d.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	target, err := z.CreateHeader(header(d.Name))
	if err != nil {
		return fmt.Errorf("write container: %w", err)
	}
	h := r.hash.New()
	if _, err := io.Copy(target, io.TeeReader(content, h)); err != nil {
		return fmt.Errorf("write container: %w", err)
	}
	if !bytes.Equal(h.Sum(nil), r.digest) {
		return fmt.Errorf("%w: %s", ErrChanged, d.Name)
	}
	return nil
}

// header leaves the time out: what is signed is what a file holds, not when it was
// put here. It says Unix, without which Info-ZIP takes names for those of DOS.
func header(name string) *zip.FileHeader {
	h := &zip.FileHeader{Name: name, Method: zip.Deflate}
	h.SetMode(0o644)
	return h
}

func put(z *zip.Writer, a addition) error {
	target, err := z.CreateHeader(header(a.name))
	if err == nil {
		_, err = target.Write(a.content)
	}
	if err != nil {
		return fmt.Errorf("write container: %w", err)
	}
	return nil
}

// putPlain writes a file as it is, with its size before it.
func putPlain(z *zip.Writer, a addition) error {
	h := header(a.name)
	h.Method, h.CRC32 = zip.Store, crc32.ChecksumIEEE(a.content)
	h.CompressedSize64, h.UncompressedSize64 = uint64(len(a.content)), uint64(len(a.content))
	target, err := z.CreateRaw(h)
	if err == nil {
		_, err = target.Write(a.content)
	}
	if err != nil {
		return fmt.Errorf("write container: %w", err)
	}
	return nil
}

// Sign adds another signature to a container, over the same files, and writes the
// whole anew. Signatures and timestamps that are there stay as they are.
func (c *Container) Sign(ctx context.Context, w io.Writer, s *cades.Signer, level cades.Level, a *cades.Augmenter) error {
	if level == cades.BLTA {
		return fmt.Errorf("%w: sign at B-LT, then augment the container", cades.ErrLevel)
	}
	hash, err := s.DigestAlgorithm()
	if err != nil {
		return err
	}
	m := &manifest{}
	for _, name := range c.Files() {
		if err := m.add(Document{Name: name, Open: func() (io.ReadCloser, error) { return c.files[name].Open() }}, hash); err != nil {
			return err
		}
	}
	added, lower := sign(ctx, m, c.free("ASiCManifest%03d.xml", "signature%03d.p7s"), s, level, a)
	if added == nil {
		return lower
	}
	return errors.Join(c.rewrite(w, nil, added), lower)
}

// free is the first number that none of the names has.
func (c *Container) free(patterns ...string) int {
	for n := 1; ; n++ {
		if !slices.ContainsFunc(patterns, func(p string) bool { return c.files[fmt.Sprintf(metaFolder+p, n)] != nil }) {
			return n
		}
	}
}

// rewrite writes the container with some files of META-INF replaced, renamed or
// added. Everything else is copied as it is, compressed as it was.
func (c *Container) rewrite(w io.Writer, replaced map[string]addition, added []addition) error {
	z := zip.NewWriter(w)
	for _, f := range c.order {
		var err error
		switch r, found := replaced[f.Name]; {
		case found:
			err = put(z, r)
		case f.Name == mimeFile: // Copy would write sizes after it
			err = putPlain(z, addition{mimeFile, []byte(MIMEType)})
		default:
			err = z.Copy(f)
		}
		if err != nil {
			return fmt.Errorf("write container: %w", err)
		}
	}
	for _, a := range added {
		if err := put(z, a); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write container: %w", err)
	}
	return nil
}

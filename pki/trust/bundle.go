package trust

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"cnie/pki/cert"
)

// MaxBundle is the largest bundle that is read, in bytes.
const MaxBundle = 32 << 20

// maxBundleFiles bounds the files of a bundle.
const maxBundleFiles = 2*maxMembers + 1

// Bundle is one version of a store as one file, to be carried to a machine
// without a network. It is an uncompressed tar archive of the index and the
// files it names; the same version always gives the same bytes, so that a
// signature over them can be made by whatever tool signs files.
type Bundle struct {
	ID      string // of the store that it was made from
	Version int
	Made    time.Time
	index   *index
	files   map[string][]byte
}

var errBundle = fmt.Errorf("%w: trust bundle", cert.ErrMalformed)

// Export writes the version that is open.
func (d *Dir) Export(w io.Writer) error {
	files := map[string][]byte{}
	for name, sum := range d.index.files() {
		content, err := checked(d.read, name, sum)
		if err != nil {
			return fmt.Errorf("export trust store: %w", err)
		}
		files[name] = content
	}
	if err := writeBundle(w, d.index, files); err != nil {
		return fmt.Errorf("export trust store: %w", err)
	}
	return nil
}

func writeBundle(w io.Writer, x *index, files map[string][]byte) error {
	text, err := x.encode()
	if err != nil {
		return err
	}
	archive := tar.NewWriter(w)
	add := func(name string, content []byte) error {
		// Nothing but name, size and date: no owner, no machine.
		header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(content)), ModTime: x.Made.Truncate(time.Second), Format: tar.FormatUSTAR}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		_, err := archive.Write(content)
		return err
	}
	if err := add(indexName, text); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := add(objectsDir+"/"+name, files[name]); err != nil {
			return err
		}
	}
	return archive.Close()
}

// ReadBundle reads a bundle whose signature was verified before. Everything in
// it is held against its index; what Export would not have written to the byte
// is refused, which leaves no room for links, paths or a second index.
func ReadBundle(content []byte) (*Bundle, error) {
	if len(content) > MaxBundle {
		return nil, fmt.Errorf("read trust bundle: %w", ErrTooLarge)
	}
	text, files, err := untar(content)
	if err != nil {
		return nil, err
	}
	x, err := decodeIndex(text)
	if err != nil {
		return nil, fmt.Errorf("read trust bundle: %w", err)
	}
	needed := x.files()
	for name, sum := range needed {
		if fingerprint(files[name]) != sum {
			return nil, fmt.Errorf("%w: the file %s is missing or altered", errBundle, name)
		}
	}
	var again bytes.Buffer
	if err := writeBundle(&again, x, files); err != nil || len(files) != len(needed) || !bytes.Equal(again.Bytes(), content) {
		return nil, fmt.Errorf("%w: something in it is not as it was exported", errBundle)
	}
	return &Bundle{ID: x.ID, Version: x.Version, Made: x.Made, index: x, files: files}, nil
}

// untar reads the index and the files. Sizes are claims until they are read.
func untar(content []byte) (text []byte, files map[string][]byte, err error) {
	archive := tar.NewReader(bytes.NewReader(content))
	files = map[string][]byte{}
	left := int64(len(content)) // a sparse file may be larger than the archive
	for count := 0; ; count++ {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return text, files, nil
		}
		if err != nil || count == maxBundleFiles || header.Typeflag != tar.TypeReg || header.Size > left {
			return nil, nil, fmt.Errorf("%w: entry %d", errBundle, count+1)
		}
		left -= header.Size
		one, err := io.ReadAll(io.LimitReader(archive, header.Size))
		if err != nil {
			return nil, nil, fmt.Errorf("%w: entry %d is cut short", errBundle, count+1)
		}
		if name, isObject := strings.CutPrefix(header.Name, objectsDir+"/"); isObject {
			files[name] = one
		} else {
			text = one
		}
	}
}

// Store is what the bundle holds, as a judge asks it.
func (b *Bundle) Store() (*Store, error) {
	loaded, err := b.index.load(func(name string) ([]byte, error) { return b.files[name], nil })
	if err != nil {
		return nil, fmt.Errorf("read trust bundle: %w", err)
	}
	return loaded.store(), nil
}

// Held lists the files, without the certificates inside master lists.
func (b *Bundle) Held() []Held { return slices.Clone(b.index.Held) }

// Into makes the bundle the newest version of a directory, which it creates if
// it must. The directory becomes a copy: what was added to it by other ways is
// replaced, and can be rolled back to. The error wraps ErrOlder for a bundle
// that is not newer than the one before, unless allowOlder, and ErrNotManaged
// for a directory that was not filled from the same store.
func (b *Bundle) Into(dir string, allowOlder bool, now time.Time) (*Dir, error) {
	if _, err := b.Store(); err != nil { // nothing unreadable gets in
		return nil, err
	}
	d, err := Open(dir)
	if errors.Is(err, ErrNotManaged) {
		d, err = Create(dir)
	}
	if err != nil {
		return nil, err
	}
	err = d.update(func(next *index, files map[string][]byte) error {
		if err := b.follows(next, allowOlder); err != nil {
			return err
		}
		copied, err := b.index.clone()
		if err != nil {
			return err
		}
		copied.From = &lineage{b.ID, b.Version, b.Made}
		copied.ID, copied.Version, copied.Made = next.ID, next.Version, now.UTC()
		copied.Action = fmt.Sprintf("copy of version %d of %s, of %s", b.Version, b.ID[:8], b.Made.Format(time.DateOnly))
		*next = *copied
		maps.Copy(files, b.files)
		return nil
	})
	if errors.Is(err, errNothing) {
		err = nil
	}
	return d, err
}

// follows decides whether the bundle may come after what a directory holds.
func (b *Bundle) follows(next *index, allowOlder bool) error {
	switch from := next.From; {
	case from == nil && len(next.Held) == 0:
		return nil
	case from == nil || from.ID != b.ID:
		return fmt.Errorf("%w: the directory holds another store", ErrNotManaged)
	case from.Version == b.Version && from.Made.Equal(b.Made):
		return errNothing
	case from.Version >= b.Version && !allowOlder:
		return fmt.Errorf("%w: version %d of the store is held, the bundle has version %d", ErrOlder, from.Version, b.Version)
	}
	return nil
}

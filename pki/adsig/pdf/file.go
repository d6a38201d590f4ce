package pdf

import (
	"bytes"
	"fmt"
	"io"
)

// Bounds on what a file may make its reader do.
const (
	maxNumber     = 8388607 // of an object (ISO 32000-1 annex C)
	maxGeneration = 65535
	maxObject     = 32 << 20 // bytes of one object but for a stream's
	maxSections   = 1024     // revisions and the like
	maxUnpacked   = 64 << 20 // bytes of one stream that holds structure, unpacked
	maxWork       = 1 << 30  // bytes unpacked for structure altogether
	maxAgain      = 64 << 20 // bytes read again because an object went on
	maxDeep       = 8        // objects that reading one object takes
)

// File is a PDF, read where it lies.
type File struct {
	r       io.ReaderAt
	size    int64
	start   int64 // of the last cross-reference section
	end     int64 // behind the last line
	streams bool  // which is a stream
	entries table
	trailer Dict
	version string
	held    map[int]*container
	holding int
	work    int64
	again   int64
	deep    int
	near    block
	lexer   lexer // of the object that is being read
	skimmed []Ref
	rows    []row
	kept    map[int64]kept // by offset
}

// entry says where an object is.
type entry struct {
	kind uint8 // as in a cross-reference stream: 0 free, 1 in the file, 2 in a stream
	at   int64 // an offset, or the number of the stream
	rank int   // a generation, or the place in the stream
}

// Open finds the objects of a file. Errors wrap ErrMalformed, ErrEncrypted or
// ErrLimit, or are those of the reader.
func Open(r io.ReaderAt, size int64) (*File, error) {
	f := &File{r: r, size: size, entries: newTable(size), held: map[int]*container{}}
	head, err := f.window(0, 16)
	if err != nil {
		return nil, err
	}
	if len(head) < 9 || !bytes.HasPrefix(head, []byte("%PDF-")) {
		return nil, malformed("the file does not begin with %%PDF-")
	}
	f.version = string(bytes.TrimRight(head[5:8], "\r\n "))
	if f.start, err = f.findStart(); err != nil {
		return nil, err
	}
	if err := f.readSections(); err != nil {
		return nil, err
	}
	if f.trailer["Encrypt"] != nil {
		return nil, ErrEncrypted
	}
	if _, ok := f.trailer["Root"].(Ref); !ok {
		return nil, malformed("the trailer names no catalog")
	}
	return f, nil
}

// Size is how long the file is.
func (f *File) Size() int64 { return f.size }

// Version is the one of the header and the catalog that is higher.
func (f *File) Version() string {
	if catalog, err := f.Catalog(); err == nil {
		if v, ok := catalog["Version"].(Name); ok && string(v) > f.version {
			return string(v)
		}
	}
	return f.version
}

// Trailer is the last revision's.
func (f *File) Trailer() Dict { return f.trailer }

// Root names the catalog.
func (f *File) Root() Ref { r, _ := f.trailer["Root"].(Ref); return r }

// Catalog is the document's root.
func (f *File) Catalog() (Dict, error) { return f.Dict(f.Root()) }

// parse has a function read at an offset, a first piece of the file, and gives
// it more for as long as it asks.
func (f *File) parse(at int64, first, limit int, read func(*lexer) error) error {
	for n := first; ; n *= 4 {
		b, err := f.piece(at, n)
		if err != nil {
			return err
		}
		l := &f.lexer // reading a value takes no other
		*l = lexer{data: b}
		err = read(l)
		// Objects can be written into each other's strings, so that reading all of
		// them reads the file over and over.
		if l.pos > minBlock {
			f.again += int64(l.pos)
		}
		if f.again > maxAgain+32*f.size {
			return fmt.Errorf("%w: objects that are read over and over", ErrLimit)
		}
		if !l.short || at+int64(len(b)) >= f.size {
			return err
		}
		if n > limit {
			return fmt.Errorf("%w: an object of more than %d bytes", ErrLimit, limit)
		}
	}
}

// findStart reads where the last cross-reference section is (ISO 32000-2
// §7.5.5): it stands before the last line of the file.
func (f *File) findStart() (int64, error) {
	const tail = 1024
	b, err := f.window(max(0, f.size-tail), tail)
	if err != nil {
		return 0, err
	}
	i := bytes.LastIndex(b, []byte("startxref"))
	if i < 0 {
		return 0, malformed("the file does not end with startxref")
	}
	l := &lexer{data: b[i+len("startxref"):]}
	at, err := l.integer()
	if err != nil {
		return 0, err
	}
	rest := bytes.TrimLeft(l.data[l.pos:], "\r\n \t")
	if !bytes.HasPrefix(rest, []byte("%%EOF")) {
		return 0, malformed("the file does not end with %%%%EOF")
	}
	f.end = f.size - int64(len(rest)-len("%%EOF"))
	return at, nil
}

// After counts what stands behind the last %%EOF and is not white space.
func (f *File) After() (int64, error) {
	b, err := f.window(f.end, int(f.size-f.end))
	return int64(len(bytes.Trim(b, "\r\n \t\x00"))), err
}

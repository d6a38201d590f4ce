package asic

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Bounds on a container. ZIP64, which would lift the first, is refused.
const (
	maxFiles = 1024
	maxTotal = 16 << 30 // bytes of all files together
	maxMeta  = 16 << 20 // bytes of a file in META-INF
	maxName  = 512
)

var (
	// ErrMalformed reports what is no container, or one that two programs might
	// read differently.
	ErrMalformed = errors.New("malformed container")
	// ErrUnsupported reports a container of another kind than ASiC-E with CAdES.
	ErrUnsupported = errors.New("not an ASiC-E container with CAdES signatures")
)

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// Signatures of the parts of a ZIP file (APPNOTE 6.3.10 §4.3).
const (
	localSign, centralSign, endSign, descriptorSign = 0x04034b50, 0x02014b50, 0x06054b50, 0x08074b50
	localSize, endSize                              = 30, 22
)

// openZIP reads the directory and holds it against what stands before each file.
func openZIP(r io.ReaderAt, size int64) (*zip.Reader, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, malformed("%v", err)
	}
	if err := checkEntries(z.File); err != nil {
		return nil, err
	}
	w := &walk{r: r}
	inOrder := slices.Clone(z.File)
	offsets := map[*zip.File]int64{}
	for _, f := range inOrder {
		if offsets[f], err = f.DataOffset(); err != nil {
			return nil, malformed("%s: %v", name(f), err)
		}
	}
	slices.SortFunc(inOrder, func(a, b *zip.File) int { return cmp.Compare(offsets[a], offsets[b]) })
	for i, f := range inOrder {
		if err := w.file(f, offsets[f]); err != nil {
			return nil, err
		}
		if i == 0 && f != z.File[0] {
			return nil, malformed("the directory begins with another file")
		}
	}
	return z, w.end(size, len(z.Comment))
}

// checkEntries checks what the directory says, before anything is read.
func checkEntries(files []*zip.File) error {
	if len(files) > maxFiles {
		return malformed("more than %d files", maxFiles)
	}
	seen, total := map[string]bool{}, uint64(0)
	within := map[string]bool{} // folders of the files so far
	for _, f := range files {
		folded := folded(f.Name)
		switch total += f.UncompressedSize64; {
		case !wellNamed(f.Name):
			return malformed("a file is named %s", name(f))
		case seen[folded], within[folded] && !f.Mode().IsDir(), blocked(seen, folded):
			return malformed("%s is there twice", name(f))
		case f.Flags&0x800 == 0 && strings.ContainsFunc(f.Name, func(r rune) bool { return r > '~' }), renamed(f.Extra):
			return malformed("%s has a name that can be read in two ways", name(f))
		case f.Flags&0x2041 != 0:
			return malformed("%s is encrypted", name(f))
		case f.Method != zip.Store && f.Method != zip.Deflate:
			return malformed("%s is compressed in a way that is not allowed", name(f))
		case f.Mode()&fs.ModeType != 0 && !f.Mode().IsDir(), f.Mode().IsDir() && f.UncompressedSize64 > 0:
			return malformed("%s is no ordinary file", name(f))
		case total > maxTotal, f.UncompressedSize64 >= 1<<32-1, f.CompressedSize64 >= 1<<32-1:
			return malformed("it unpacks to too much")
		}
		seen[folded] = true
		for dir := path.Dir(folded); dir != "."; dir = path.Dir(dir) {
			within[dir] = true
		}
	}
	return nil
}

// folded is what is one name on some file systems: they know one case only, and one
// spelling of accented letters (Unicode Standard Annex #15).
func folded(s string) string { return norm.NFC.String(cases.Fold().String(norm.NFC.String(s))) }

// blocked reports whether a file has the name of a folder that this one lies in.
func blocked(files map[string]bool, folded string) bool {
	for dir := path.Dir(folded); dir != "."; dir = path.Dir(dir) {
		if files[dir] {
			return true
		}
	}
	return false
}

// wellNamed reports whether a name stays inside a folder into which it is
// unpacked, on every system, and can be shown.
func wellNamed(s string) bool {
	plain := strings.TrimSuffix(s, "/")
	for part := range strings.SplitSeq(plain, "/") {
		if strings.TrimRight(part, ". ") != part { // Windows drops what is behind
			return false
		}
	}
	return len(s) <= maxName && fs.ValidPath(plain) && plain != "." && !strings.ContainsFunc(s, unfit)
}

func unfit(r rune) bool {
	return r < ' ' || r >= 0x7F && r < 0xA0 || strings.ContainsRune("\\:*?\"<>|\uFEFF\uFFFD", r) ||
		r >= 0x200E && r <= 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 // would turn a line around
}

// name quotes what a stranger wrote.
func name(f *zip.File) string { return fmt.Sprintf("%.80q", f.Name) }

// renamed reports whether an extra field gives the file another name, which some
// programs take (APPNOTE §4.6.9), or sizes that need 64 bits.
func renamed(extra []byte) bool {
	for len(extra) >= 4 {
		id, length := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if id == 0x7075 || id == 0x0001 || 4+length > len(extra) {
			return true
		}
		extra = extra[4+length:]
	}
	return len(extra) > 0
}

// walk goes through a ZIP file from front to back.
type walk struct {
	r  io.ReaderAt
	at int64
}

// file compares what stands before a file with the directory, and goes to what
// comes after it (APPNOTE §4.3.7, §4.3.9).
func (w *walk) file(f *zip.File, body int64) error {
	var head [localSize]byte
	if _, err := w.r.ReadAt(head[:], w.at); err != nil {
		return malformed("%s: %v", name(f), err)
	}
	le := binary.LittleEndian
	named, extra := int64(le.Uint16(head[26:])), int64(le.Uint16(head[28:]))
	if le.Uint32(head[:]) != localSign || w.at+localSize+named+extra != body {
		return malformed("%s does not begin where the one before ends", name(f))
	}
	local := make([]byte, named+extra)
	if _, err := w.r.ReadAt(local, w.at+localSize); err != nil {
		return malformed("%s: %v", name(f), err)
	}
	later := f.Flags&8 != 0 // size and checksum follow the file
	switch {
	case string(local[:named]) != f.Name, renamed(local[named:]), le.Uint16(head[6:]) != f.Flags, le.Uint16(head[8:]) != f.Method:
		return malformed("%s is described in two ways", name(f))
	case !later && (le.Uint32(head[14:]) != f.CRC32 || uint64(le.Uint32(head[18:])) != f.CompressedSize64 || uint64(le.Uint32(head[22:])) != f.UncompressedSize64):
		return malformed("%s is measured in two ways", name(f))
	}
	w.at = body + int64(f.CompressedSize64)
	if later {
		return w.descriptor(f)
	}
	return nil
}

// descriptor steps over what follows a file whose size was not known before.
func (w *walk) descriptor(f *zip.File) error {
	var b []byte
	for _, n := range []uint32{f.CRC32, uint32(f.CompressedSize64), uint32(f.UncompressedSize64)} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	marked := append(binary.LittleEndian.AppendUint32(nil, descriptorSign), b...)
	for _, form := range [][]byte{marked, b} {
		found := make([]byte, len(form))
		if _, err := w.r.ReadAt(found, w.at); err == nil && bytes.Equal(found, form) {
			w.at += int64(len(form))
			return nil
		}
	}
	return malformed("%s is measured in two ways", name(f))
}

// end checks that the directory comes next, and nothing after it (APPNOTE
// §4.3.16). Package zip has read the directory from where this record says.
func (w *walk) end(size int64, comment int) error {
	var tail [endSize]byte
	at := size - endSize - int64(comment)
	if _, err := w.r.ReadAt(tail[:], max(at, 0)); err != nil {
		return malformed("%v", err)
	}
	le := binary.LittleEndian
	length, begin := int64(le.Uint32(tail[12:])), int64(le.Uint32(tail[16:]))
	if le.Uint32(tail[:]) != endSign || begin != w.at || begin+length != at {
		return malformed("there is more in it than its directory tells of")
	}
	return nil
}

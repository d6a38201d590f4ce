package pades

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"cnie/pki/adsig/pdf"
)

// ErrRoom reports a signature that does not fit into the place set aside for it.
var ErrRoom = errors.New("the signature is larger than the room set aside for it")

// grown is a file with revisions appended in memory.
type grown struct {
	base io.ReaderAt
	size int64
	tail []byte
}

func (g *grown) length() int64 { return g.size + int64(len(g.tail)) }

// ReadAt reads across the seam.
func (g *grown) ReadAt(p []byte, at int64) (n int, err error) {
	if at < g.size {
		part := p[:min(int64(len(p)), g.size-at)]
		if n, err = g.base.ReadAt(part, at); n < len(part) {
			return n, err
		}
		at += int64(n)
	}
	if n < len(p) && at-g.size < int64(len(g.tail)) {
		n += copy(p[n:], g.tail[at-g.size:])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// write copies the file and what was appended.
func (g *grown) write(w io.Writer) error {
	if _, err := io.Copy(w, io.NewSectionReader(g.base, 0, g.size)); err != nil {
		return fmt.Errorf("copy PDF: %w", err)
	}
	if _, err := w.Write(g.tail); err != nil {
		return fmt.Errorf("write revision: %w", err)
	}
	return nil
}

// hole is the place in a signature dictionary where the signature will stand.
type hole struct{ contents, bounds pdf.Raw }

const boundsWidth = 48 // of a byte range, for numbers of twelve digits

// cut puts a hole into a signature dictionary.
func cut(d pdf.Dict, room int) *hole {
	h := &hole{}
	h.contents.Text = fmt.Appendf(nil, "<%0*d>", 2*room, 0)
	h.bounds.Text = bytes.Repeat([]byte{' '}, boundsWidth)
	d["Contents"], d["ByteRange"] = &h.contents, &h.bounds
	return h
}

// draft is a revision with a hole, ready to be hashed and filled.
type draft struct {
	file     *grown
	tail     []byte
	from, to int64 // of the hole
	room     int
}

// newDraft fixes the revision's bytes, all but those in the hole.
func newDraft(g *grown, u *pdf.Update, h *hole) (*draft, error) {
	tail, err := u.Bytes()
	if err != nil {
		return nil, err
	}
	d := &draft{file: g, tail: tail, from: h.contents.At, room: len(h.contents.Text)/2 - 1}
	d.to = d.from + int64(len(h.contents.Text))
	bounds := fmt.Sprintf("[0 %d %d %d]", d.from, d.to, g.length()+int64(len(tail))-d.to)
	if len(bounds) > boundsWidth {
		return nil, fmt.Errorf("%w: the file is too long", pdf.ErrLimit)
	}
	copy(tail[h.bounds.At-g.length():], bounds)
	return d, nil
}

// sums hashes what the signature will cover.
func (d *draft) sums() *sums {
	whole := &grown{base: d.file, size: d.file.length(), tail: d.tail}
	return newSums(&prefixes{r: whole}, d.from, d.to, whole.length())
}

// fill puts a signature into the hole and appends the revision to the file.
func (d *draft) fill(message []byte) error {
	if len(message) > d.room {
		return fmt.Errorf("%w: %d bytes of %d", ErrRoom, len(message), d.room)
	}
	digits := hex.AppendEncode(nil, message)
	copy(d.tail[d.from-d.file.length()+1:], bytes.ToUpper(digits))
	d.file.tail = append(d.file.tail, d.tail...)
	return nil
}

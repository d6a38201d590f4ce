package cms

import (
	"io"
)

// header reads identifier and length of an element whose identifier is one
// octet; size is -1 where the length is indefinite.
func (d *detacher) header() (identifier byte, size int64, raw []byte, err error) {
	raw = make([]byte, 2, 6)
	if err := d.fill(raw); err != nil {
		return 0, 0, nil, err
	}
	identifier = raw[0]
	switch length := raw[1]; {
	case identifier&0x1f == 0x1f:
		return 0, 0, nil, malformed("identifier of several octets")
	case length == 0x80 && identifier&constructedBit == 0:
		return 0, 0, nil, malformed("primitive element of indefinite length")
	case length == 0x80:
		return identifier, -1, raw, nil
	case length < 0x80:
		return identifier, int64(length), raw, nil
	case length > 0x87:
		return 0, 0, nil, malformed("length of an element")
	default:
		octets := make([]byte, length&0x7f)
		if err := d.fill(octets); err != nil {
			return 0, 0, nil, err
		}
		for _, b := range octets {
			size = size<<8 | int64(b)
		}
		return identifier, size, append(raw, octets...), nil
	}
}

func (d *detacher) fill(buffer []byte) error {
	n, err := io.ReadFull(d.in, buffer)
	d.offset += int64(n)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return malformed("message cut short")
	}
	return err
}

// enter reads the header of an element that must be of this kind.
func (d *detacher) enter(identifier byte) (frame, error) {
	found, size, _, err := d.header()
	if err != nil {
		return frame{}, err
	}
	if found != identifier {
		return frame{}, malformed("element of another kind")
	}
	return frame{end: d.offset + size, indefinite: size < 0}, nil
}

// leave reports whether the frame is at its end, and reads its end marker.
func (d *detacher) leave(f frame) (bool, error) {
	if !f.indefinite {
		if d.offset > f.end {
			return false, malformed("element longer than what holds it")
		}
		return d.offset == f.end, nil
	}
	next, err := d.in.Peek(2)
	if err != nil || next[0] != 0 || next[1] != 0 {
		return false, nil
	}
	return true, d.fill(make([]byte, 2))
}

// raw reads one small element whole.
func (d *detacher) raw(depth int) ([]byte, error) {
	_, size, out, err := d.header()
	switch {
	case err != nil:
		return nil, err
	case depth > maxDepth || size > maxHeader:
		return nil, malformed("header of the message")
	case size >= 0:
		content := make([]byte, size)
		err := d.fill(content)
		return append(out, content...), err
	}
	for f := (frame{indefinite: true}); ; {
		if done, err := d.leave(f); done || err != nil {
			return append(out, endMarker...), err
		}
		member, err := d.raw(depth + 1)
		if err != nil {
			return nil, err
		}
		if out = append(out, member...); len(out) > maxHeader {
			return nil, malformed("header of the message")
		}
	}
}

// copyRaw copies elements to out and returns the last.
func (d *detacher) copyRaw(out *[]byte, count int) (last []byte, err error) {
	for range count {
		if last, err = d.raw(0); err != nil {
			return nil, err
		}
		*out = append(*out, last...)
	}
	return last, nil
}

// octets hands on the content of an octet string, whole or in pieces.
func (d *detacher) octets(w io.Writer, depth int) error {
	identifier, size, _, err := d.header()
	switch {
	case err != nil:
		return err
	case identifier&^constructedBit != tagOctets || depth > maxDepth:
		return malformed("content is no octet string")
	case identifier == tagOctets:
		return d.copyContent(w, size)
	}
	for f := (frame{end: d.offset + size, indefinite: size < 0}); ; {
		if done, err := d.leave(f); done || err != nil {
			return err
		}
		if err := d.octets(w, depth+1); err != nil {
			return err
		}
	}
}

// copyContent hands on so many bytes in the pieces in which they are buffered.
func (d *detacher) copyContent(w io.Writer, size int64) error {
	for size > 0 {
		if _, err := d.in.Peek(1); err != nil {
			if err == io.EOF {
				err = malformed("message cut short")
			}
			return err
		}
		next, _ := d.in.Peek(int(min(size, int64(d.in.Buffered()))))
		if _, err := w.Write(next); err != nil {
			return err
		}
		n, _ := d.in.Discard(len(next))
		d.offset, size = d.offset+int64(n), size-int64(n)
	}
	return nil
}

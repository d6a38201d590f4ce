package emrtd

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"cnie/apdu"
	"cnie/apdu/tlv"
	"cnie/cardreader/emrtd/access"
	"cnie/lds"
)

// maxHeader is the longest header of a file: a tag of one byte, a length of
// three. ICAO 9303-10 §4.6 has no other tags.
const maxHeader = 4

// readFile reads a whole file of the current directory. The first command
// selects it by its short identifier and asks for a full block at once; the
// block's first bytes tell how long the file is. A file that is not what its
// header announces (absurd, too long, cut short) is returned as far as it came:
// its hash will not fit.
func (h *habits) readFile(ctx context.Context, s source, f lds.File, progress func(read, total int)) ([]byte, error) {
	content, err := h.first(ctx, s, f)
	if err != nil {
		return nil, err
	}
	if content, err = h.header(ctx, s, content); err != nil {
		return nil, err
	}
	header, err := tlv.ReadHeader(content)
	total := header.Size + header.Length
	if err != nil || total > MaxFile {
		return content, nil
	}
	content = slices.Grow(content, max(0, total-len(content)))
	for len(content) < total {
		if progress != nil {
			progress(len(content), total)
		}
		piece, err := h.readAt(ctx, s, len(content), total-len(content))
		if err != nil {
			return nil, err
		}
		if len(piece) == 0 {
			break
		}
		content = append(content, piece...)
	}
	content = content[:min(total, len(content))]
	if progress != nil {
		progress(len(content), total)
	}
	return content, nil
}

// header reads on until the header of the file is there.
func (h *habits) header(ctx context.Context, s source, content []byte) ([]byte, error) {
	for 0 < len(content) && len(content) < maxHeader {
		if header, err := tlv.ReadHeader(content); err == nil && header.Size > 0 {
			break
		}
		piece, err := h.readAt(ctx, s, len(content), maxHeader-len(content))
		if err != nil || len(piece) == 0 {
			return content, err
		}
		content = append(slices.Clip(content), piece...)
	}
	return content, nil
}

// maxEvenOffset is what P1-P2 can say with the bit for short identifiers clear.
const maxEvenOffset = 0x7FFF

// readAt reads a block of the current file, or what is left of it; none at or
// beyond its end. A card that finds the block too long is asked for less.
func (h *habits) readAt(ctx context.Context, s source, offset, left int) ([]byte, error) {
	block := h.limit(s.most)
	piece, err := readOnce(ctx, s, offset, block, left)
	for _, less := range []int{s.short, fallbackBlock} {
		if !tooLong(err) || min(block, left) <= less {
			continue
		}
		block = less
		if piece, err = readOnce(ctx, s, offset, block, left); err == nil {
			h.most = block
		}
	}
	return endOfFile(piece, err)
}

func readOnce(ctx context.Context, s source, offset, block, left int) ([]byte, error) {
	if offset > maxEvenOffset {
		return readFar(ctx, s, offset, block, left)
	}
	return readBlock(ctx, s, apdu.Command{INS: apdu.INSReadBinary, P1: byte(offset >> 8), P2: byte(offset), Ne: s.fit(min(block, left))})
}

// readFar reads with the odd instruction, whose offset and answer are data
// objects. ISO 7816-4 §11.3.3.
func readFar(ctx context.Context, s source, offset, block, left int) ([]byte, error) {
	const header = 4 // of DO'53', at most
	n := s.fit(min(block, left+header)) - header
	answer, err := readBlock(ctx, s, apdu.Command{
		INS: apdu.INSReadBinaryOdd, Data: tlv.Encode(0x54, []byte{byte(offset >> 8), byte(offset)}),
		Ne: len(tlv.AppendHeader(nil, 0x53, n)) + n,
	})
	if answer, err = endOfFile(answer, err); err != nil || len(answer) == 0 {
		return nil, err
	}
	object, err := tlv.One(answer, 0x53)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", access.ErrProtocol, err)
	}
	return object.Value, nil
}

// readBlock is one READ BINARY. 6282 comes with the data that there was before
// the end of the file; 6Cxx names the length to ask for instead.
func readBlock(ctx context.Context, t apdu.Transmitter, c apdu.Command) ([]byte, error) {
	r, err := t.Transmit(ctx, c)
	if err == nil && r.SW.SW1() == 0x6C {
		if n := cmp.Or(int(r.SW.SW2()), apdu.MaxShortNe); n < c.Ne {
			c.Ne = n
			r, err = t.Transmit(ctx, c)
		}
	}
	if err != nil {
		return nil, err
	}
	if r.SW == apdu.StatusEndOfFile {
		return r.Data, nil
	}
	return r.Data, r.Err(c.INS)
}

// endOfFile turns the refusal of an offset beyond the end into no data.
func endOfFile(piece []byte, err error) ([]byte, error) {
	if refusal := refused(err); refusal != nil && refusal.SW == apdu.StatusOffsetOutside {
		return nil, nil
	}
	return piece, err
}

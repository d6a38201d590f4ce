package pdf

import (
	"errors"
	"fmt"
	"io"
)

const (
	minBlock = 2 << 10
	maxBlock = 64 << 10
)

// block is the part of the file that was read last. Objects mostly stand one
// behind the other, and are asked for in that order: the further that goes on,
// the more is read at once.
type block struct {
	at   int64
	data []byte
}

// from gives the block's bytes from an offset on, if there are so many.
func (b *block) from(at int64, n int) ([]byte, bool) {
	if at < b.at || at+int64(n) > b.at+int64(len(b.data)) {
		return nil, false
	}
	return b.data[at-b.at:], true
}

// next is how much to read at an offset.
func (b *block) next(at int64, n int) int {
	ahead := minBlock
	if at >= b.at && at <= b.at+int64(len(b.data))+minBlock {
		ahead = min(4*len(b.data), maxBlock)
	}
	return max(n, ahead)
}

// window reads n bytes at an offset; less only at the end of the file. They hold
// until the next call.
func (f *File) window(at int64, n int) ([]byte, error) {
	b, err := f.piece(at, n)
	return b[:min(n, len(b))], err
}

// piece is window with what else is at hand behind it.
func (f *File) piece(at int64, n int) ([]byte, error) {
	if at < 0 || at > f.size {
		return nil, malformed("offset %d is outside the file", at)
	}
	n = int(min(int64(n), f.size-at))
	if b, held := f.near.from(at, n); held {
		return b, nil
	}
	size := int(min(int64(f.near.next(at, n)), f.size-at))
	b := f.near.data
	if cap(b) < size || cap(b) > 4*maxBlock {
		b = make([]byte, max(size, int(min(maxBlock, f.size))))
	}
	b = b[:size]
	f.near = block{}
	if _, err := f.r.ReadAt(b, at); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read PDF: %w", err)
	}
	f.near = block{at, b}
	return b, nil
}

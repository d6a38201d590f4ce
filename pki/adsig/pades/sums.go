package pades

import (
	"crypto"
	"fmt"
	"hash"
	"io"
	"slices"
	"sync"
)

// sums hashes what a signature covers, once for each hash.
type sums struct {
	prefix        *prefixes
	from, to, end int64
	known         map[crypto.Hash][]byte
}

func newSums(p *prefixes, from, to, end int64) *sums {
	p.ends = append(p.ends, from)
	return &sums{prefix: p, from: from, to: to, end: end, known: map[crypto.Hash][]byte{}}
}

func (s *sums) digest(h crypto.Hash) ([]byte, error) {
	s.prefix.mu.Lock()
	defer s.prefix.mu.Unlock()
	if sum, ok := s.known[h]; ok {
		return sum, nil
	}
	if !h.Available() {
		return nil, fmt.Errorf("hash %v is not available", h)
	}
	running, err := s.prefix.upTo(s.from, h)
	if err != nil {
		return nil, err
	}
	if err := s.prefix.feed(running, s.to, s.end); err != nil {
		return nil, err
	}
	s.known[h] = running.Sum(nil)
	return s.known[h], nil
}

// prefixes hashes what comes before a signature. All signatures of a file begin
// to cover it at its first byte, so the way to a later one leads past the earlier
// ones, and is gone once.
type prefixes struct {
	r      io.ReaderAt
	mu     sync.Mutex
	ends   []int64 // where prefixes end that will be asked for
	gone   []milestone
	buffer []byte
}

// milestone is a running hash of the file's first bytes.
type milestone struct {
	hash  crypto.Hash
	at    int64
	state hash.Cloner
}

// upTo gives a running hash of the file up to an offset.
func (p *prefixes) upTo(at int64, h crypto.Hash) (hash.Hash, error) {
	running, done := p.nearest(at, h)
	slices.Sort(p.ends)
	for _, end := range append(p.ends[:len(p.ends):len(p.ends)], at) {
		if end <= done || end > at {
			continue
		}
		if err := p.feed(running, done, end); err != nil {
			return nil, err
		}
		done = end
		p.mark(running, done, h)
	}
	return running, nil
}

// mark keeps a copy of a running hash, if it can be copied.
func (p *prefixes) mark(running hash.Hash, at int64, h crypto.Hash) {
	if c, ok := running.(hash.Cloner); ok {
		if state, err := c.Clone(); err == nil {
			p.gone = append(p.gone, milestone{h, at, state})
		}
	}
}

// nearest is a copy of the last milestone before an offset, or a beginning.
func (p *prefixes) nearest(at int64, h crypto.Hash) (running hash.Hash, done int64) {
	running = h.New()
	for _, m := range p.gone {
		if m.hash != h || m.at > at || m.at <= done {
			continue
		}
		if c, err := m.state.Clone(); err == nil {
			running, done = c, m.at
		}
	}
	return running, done
}

func (p *prefixes) feed(running io.Writer, from, to int64) error {
	if p.buffer == nil {
		p.buffer = make([]byte, 64<<10)
	}
	n, err := io.CopyBuffer(running, io.NewSectionReader(p.r, from, to-from), p.buffer)
	if err == nil && n < to-from {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("read PDF: %w", err)
	}
	return nil
}

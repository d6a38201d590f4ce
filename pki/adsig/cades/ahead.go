package cades

import (
	"io"
	"sync"
)

const (
	aheadPiece  = 256 << 10
	aheadPieces = 4
)

// ahead is content that is read and hashed while what came before is still being
// written: three things that take their time, none of which needs to wait for
// another but in turn.
type ahead struct {
	free, read, hashed chan aheadChunk
	stop               chan struct{}
	running            sync.WaitGroup
	current            aheadChunk
	rest               []byte
}

// aheadChunk is a piece of the content, with what ended it.
type aheadChunk struct {
	buffer []byte
	n      int
	err    error
}

// readAhead begins to read. When Read has returned the content's end, all of it
// went into the hash. Close has to be called, and waits for the reader's last
// Read.
func readAhead(content io.Reader, hash io.Writer) *ahead {
	a := &ahead{
		free: make(chan aheadChunk, aheadPieces), read: make(chan aheadChunk, aheadPieces), hashed: make(chan aheadChunk, aheadPieces),
		stop: make(chan struct{}),
	}
	for range aheadPieces {
		a.free <- aheadChunk{buffer: make([]byte, aheadPiece)}
	}
	a.stage(a.free, a.read, func(c *aheadChunk) { c.n, c.err = content.Read(c.buffer) })
	a.stage(a.read, a.hashed, func(c *aheadChunk) {
		if _, err := hash.Write(c.buffer[:c.n]); err != nil {
			c.err = err
		}
	})
	return a
}

// stage works on one chunk after the other, up to the last one.
func (a *ahead) stage(in <-chan aheadChunk, out chan<- aheadChunk, work func(*aheadChunk)) {
	a.running.Go(func() {
		for {
			select {
			case c := <-in:
				work(&c)
				out <- c // there is room for all that there are
				if c.err != nil {
					return
				}
			case <-a.stop:
				return
			}
		}
	})
}

// Read implements io.Reader.
func (a *ahead) Read(p []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.current.err != nil {
			return 0, a.current.err
		}
		if a.current.buffer != nil {
			a.free <- aheadChunk{buffer: a.current.buffer}
		}
		a.current = <-a.hashed
		a.rest = a.current.buffer[:a.current.n]
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// Close ends the reading, wherever it is.
func (a *ahead) Close() {
	close(a.stop)
	a.running.Wait()
}

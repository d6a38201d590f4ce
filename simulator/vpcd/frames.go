package vpcd

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
)

// A frame is a length of two bytes and as many bytes as it says.
const (
	headerLen = 2
	maxFrame  = 0xFFFF
)

// frames reads and writes frames with buffers made once: the length field
// bounds both.
type frames struct {
	in      *bufio.Reader
	pending int // bytes of the frame that was read last
	conn    io.Writer
	out     [headerLen + maxFrame]byte
}

func newFrames(conn *net.TCPConn) *frames {
	return &frames{conn: conn, in: bufio.NewReaderSize(newPrompt(conn), headerLen+maxFrame)}
}

// read returns the next frame, which is never empty. It is valid until the next
// read.
func (f *frames) read() ([]byte, error) {
	if _, err := f.in.Discard(f.pending); err != nil {
		return nil, err
	}
	f.pending = 0
	header, err := f.in.Peek(headerLen)
	if err != nil {
		return nil, cut(err, len(header))
	}
	n := int(binary.BigEndian.Uint16(header))
	if n == 0 {
		return nil, errors.New("frame of no bytes from the reader")
	}
	frame, err := f.in.Peek(headerLen + n)
	if err != nil {
		return nil, cut(err, len(frame))
	}
	f.pending = headerLen + n
	return frame[headerLen:], nil
}

// cut tells the end between two frames from one inside a frame.
func cut(err error, got int) error {
	if err == io.EOF && got > 0 {
		return io.ErrUnexpectedEOF
	}
	return err
}

// write sends one frame in one piece: in two, it would wait for the reader's
// delayed acknowledgement.
func (f *frames) write(content []byte) error {
	if len(content) == 0 || len(content) > maxFrame {
		return fmt.Errorf("a frame cannot carry %d bytes", len(content))
	}
	binary.BigEndian.PutUint16(f.out[:], uint16(len(content)))
	n := copy(f.out[headerLen:], content)
	_, err := f.conn.Write(f.out[:headerLen+n])
	return err
}

// prompt is a connection that acknowledges at once what it reads.
type prompt struct {
	conn *net.TCPConn
	raw  syscall.RawConn // nil where the system cannot be asked
}

func newPrompt(conn *net.TCPConn) *prompt {
	raw, err := conn.SyscallConn()
	if err != nil { // already closed: Read will say so
		raw = nil
	}
	return &prompt{conn: conn, raw: raw}
}

// Read asks anew before each read, since the kernel forgets. That also sends
// the acknowledgement of what was read before, which is what a sender that has
// written the length alone is waiting for.
func (p *prompt) Read(b []byte) (int, error) {
	if p.raw != nil && quickAck != nil {
		_ = p.raw.Control(quickAck) // slower without, nothing worse
	}
	return p.conn.Read(b)
}

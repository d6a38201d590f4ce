package photo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"cnie/lds"
)

// Command is the hidden command of the program that Confined starts: it must call
// Child with the program's standard input and output and exit with what that
// returns.
const Command = "photo-decode"

const (
	patience  = 5 * time.Second // of the parent
	atOnce    = 2               // children, each with up to maxMemory
	maxOutput = 8 << 20         // 2 Mi pixels of three bytes, badly compressed
)

// ErrNotShown is every error of Confined that is not the caller's cancellation.
var ErrNotShown = errors.New("picture could not be shown")

// Reason says why a picture is not shown.
type Reason string

// Reasons.
const (
	Refused    Reason = "refused"    // malformed, or beyond the bounds of this package
	Crashed    Reason = "crashed"    // the decoder fell, or hit its limit of memory or time
	TimedOut   Reason = "timed-out"  // it was killed at the deadline
	BadOutput  Reason = "bad-output" // what came back is not what was asked for
	Unconfined Reason = "unconfined" // the system does not let the child be confined, or started
)

// Failure is why a picture is not shown. It is an ErrNotShown and holds nothing
// of the picture.
type Failure struct{ Reason Reason }

// Error implements error.
func (f *Failure) Error() string { return fmt.Sprintf("%v: %s", ErrNotShown, f.Reason) }

// Is reports that every Failure is an ErrNotShown.
func (f *Failure) Is(target error) bool { return target == ErrNotShown }

var turns = make(chan struct{}, atOnce)

// Confined is Render in a process of its own, which gives up files, network and
// new processes and most of its memory before it sees the first byte. Whatever
// becomes of that process, this one goes on: the error is a *Failure, or that of a
// context which ended.
func Confined(ctx context.Context, face lds.Face) (Picture, error) {
	return confined(ctx, self(), patience, face)
}

// self is this program under the name by which it was started. Neither the search
// path nor any variable has a say in what is run.
func self() *exec.Cmd {
	return &exec.Cmd{Path: executable(), Args: []string{os.Args[0], Command}}
}

func confined(ctx context.Context, program *exec.Cmd, patience time.Duration, face lds.Face) (Picture, error) {
	if len(face.Image) > maxBytes {
		return Picture{}, &Failure{Refused}
	}
	select {
	case turns <- struct{}{}:
		defer func() { <-turns }()
	case <-ctx.Done():
		return Picture{}, ctx.Err()
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, reason := converse(limited, program, face)
	switch {
	case ctx.Err() != nil:
		return Picture{}, ctx.Err()
	case limited.Err() != nil:
		return Picture{}, &Failure{TimedOut}
	case reason != "":
		return Picture{}, &Failure{reason}
	}
	return inspect(out, face)
}

// converse gives the child a face and returns what it answers.
func converse(ctx context.Context, program *exec.Cmd, face lds.Face) ([]byte, Reason) {
	out := &bounded{room: maxOutput}
	c := exec.CommandContext(ctx, program.Path)
	c.Args, c.Env, c.Dir = program.Args, []string{}, program.Dir
	c.Stdin = io.MultiReader(bytes.NewReader([]byte{byte(face.Format)}), bytes.NewReader(face.Image))
	c.Stdout = out
	c.WaitDelay = time.Second
	if err := c.Start(); err != nil {
		return nil, Unconfined
	}
	err := c.Wait()
	switch code := c.ProcessState.ExitCode(); {
	case out.full:
		return nil, BadOutput
	case code == exitRefused:
		return nil, Refused
	case code == exitUnconfined:
		return nil, Unconfined
	case code != 0 || err != nil:
		return nil, Crashed
	}
	return out.b.Bytes(), ""
}

// bounded keeps what is written up to its room, and then refuses more: the child's
// pipe breaks.
type bounded struct {
	b    bytes.Buffer
	room int
	full bool
}

// Write implements io.Writer.
func (w *bounded) Write(p []byte) (int, error) {
	if len(p) > w.room-w.b.Len() {
		w.full = true
		return 0, errors.New("too much")
	}
	return w.b.Write(p)
}

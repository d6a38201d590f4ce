package shell

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/term"
)

// Output is a program's standard output. It remembers the first thing that went
// wrong, so that a full disk is told although hardly a line looks whether it was
// written.
type Output struct {
	to  io.Writer
	err error
}

// NewOutput writes to w. A command that runs another one goes on with its output.
func NewOutput(w io.Writer) *Output {
	if o, is := w.(*Output); is {
		return o
	}
	return &Output{to: w}
}

// Write implements io.Writer.
func (o *Output) Write(p []byte) (int, error) {
	n, err := o.to.Write(p)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// Err is what went wrong first.
func (o *Output) Err() error { return o.err }

// Columns is the width of the terminal behind it, 0 where there is none.
func (o *Output) Columns() int {
	file, is := o.to.(*os.File)
	if !is {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// failure is what a program ends with that could not say what it had to.
func (o *Output) failure() error {
	cause := o.err
	var path *fs.PathError
	if errors.As(cause, &path) {
		cause = path.Err
	}
	return Failed(ExitFile, "cannot write to standard output: %w; mend that and try again", cause)
}

package photo

import (
	"io"
	"runtime"
	"runtime/debug"

	"cnie/lds"
)

// Exit codes of the child, as everywhere in the program.
const (
	exitRefused    = 65
	exitUnconfined = 70
)

// What the child may use. The greatest picture that Render accepts, 2048 by 1024
// pixels without loss in 4 MiB, was seen to take 165 MiB and three seconds.
const (
	maxMemory     = 512 << 20
	softMemory    = 256 << 20 // from here on memory is collected eagerly
	maxCPUSeconds = 10
	maxThreads    = 2
)

// Child is what the hidden command does: it gives up every right that decoding
// does not need, and only then reads a picture from in and writes one to out. It
// returns the exit code.
func Child(in io.Reader, out io.Writer) int {
	runtime.GOMAXPROCS(maxThreads)
	debug.SetMemoryLimit(softMemory)
	if err := confine(); err != nil {
		return exitUnconfined
	}
	b, err := io.ReadAll(io.LimitReader(in, 1+maxBytes+1))
	if err != nil || len(b) == 0 {
		return exitRefused
	}
	p, err := Render(lds.Face{Format: lds.ImageFormat(b[0]), Image: b[1:]})
	if err != nil {
		return exitRefused
	}
	if _, err := out.Write(p.Data); err != nil {
		return exitRefused
	}
	return 0
}

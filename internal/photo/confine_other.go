//go:build !linux && !windows

package photo

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// confine limits what the process may use. There is no filter of system calls
// here: with no file to open and none to write, what stays in reach is the network.
func confine() error {
	for _, l := range []struct {
		resource int
		most     uint64
	}{
		{unix.RLIMIT_DATA, maxMemory}, {unix.RLIMIT_CPU, maxCPUSeconds}, {unix.RLIMIT_FSIZE, 0},
		{unix.RLIMIT_CORE, 0}, {unix.RLIMIT_NOFILE, 0}, {unix.RLIMIT_NPROC, 0},
	} {
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: l.most, Max: l.most}); err != nil {
			return fmt.Errorf("limit resource %d: %w", l.resource, err)
		}
	}
	return nil
}

//go:build unix

package site

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

func systemKeys() string { return "/etc/cnie/site.pub" }

// protected refuses a file that its group or others may write, or put another
// in the place of, and says who can: the owners of the file and of the folders
// above it.
func protected(path string) (writers string, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return "", err
	}
	var owners []int
	for {
		owner, err := soleWriter(path)
		if err != nil {
			return "", err
		}
		if owner != 0 && !slices.Contains(owners, owner) {
			owners = append(owners, owner)
		}
		if path == filepath.Dir(path) {
			return inPerson(owners), nil
		}
		path = filepath.Dir(path)
	}
}

func inPerson(owners []int) string {
	switch me := os.Getuid(); {
	case len(owners) == 0 && me == 0:
		return "the administrator, who runs this program; run counters under another account"
	case len(owners) == 0:
		return "the administrator only"
	case slices.Contains(owners, me):
		return "whoever runs this program: a clerk under this account could put other keys there"
	}
	return fmt.Sprintf("the administrator and %d other accounts", len(owners))
}

// soleWriter is the owner of a file or folder that nobody else may write. In a
// folder with the sticky bit, others add files and do not replace them.
func soleWriter(path string) (owner int, err error) {
	about, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	shared := about.IsDir() && about.Mode()&os.ModeSticky != 0
	if about.Mode().Perm()&0o022 != 0 && !shared {
		return 0, fmt.Errorf("%w (mode %04o of %s); take that away with `chmod go-w`", ErrKeyWritable, about.Mode().Perm(), path)
	}
	if system, ok := about.Sys().(*syscall.Stat_t); ok {
		return int(system.Uid), nil
	}
	return -1, nil
}

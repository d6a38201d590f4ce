package pcscd

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// The shell only mounts; then it becomes pcscd, with the same process id.
// $1 folder of this daemon, $2 drivers to hide, $3 pcscd.
const mounts = `mount --bind "$1/run" /run && mount --bind "$1/none" "$2" && exec "$3" --foreground --config "$1/conf"`

// spawn starts pcscd in a mount namespace, and in a user namespace too when
// only that one may be made.
func spawn(program, dir, hidden string, log *os.File) (*exec.Cmd, error) {
	var failed []error
	for _, attributes := range []*syscall.SysProcAttr{
		{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL},
		{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
			Pdeathsig:   syscall.SIGKILL,
		},
	} {
		cmd := exec.Command("/bin/sh", "-c", mounts, "sh", dir, hidden, program)
		cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = log, log, attributes
		err := cmd.Start()
		if err == nil {
			return cmd, nil
		}
		failed = append(failed, err)
	}
	return nil, errors.Join(failed...)
}

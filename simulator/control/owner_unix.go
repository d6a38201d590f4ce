//go:build unix

package control

import "syscall"

// ownerOnly takes the rights of everybody else from the socket before it has a
// name: on Linux the file is made with them. Elsewhere Chmod does it, a moment
// later.
func ownerOnly(_, _ string, conn syscall.RawConn) error {
	return conn.Control(func(fd uintptr) { _ = syscall.Fchmod(int(fd), 0o600) })
}

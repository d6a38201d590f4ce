//go:build !linux

package vpcd

// quickAck is nil: these systems have no such socket option.
var quickAck func(fd uintptr)

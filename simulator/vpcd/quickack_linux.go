package vpcd

import "syscall"

// quickAck is a variable so that asking costs no allocation.
var quickAck = func(fd uintptr) {
	_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
}

package pcscd

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
)

// Ports are taken from below 32768, where Linux starts to give ports to
// outgoing connections.
const firstPort, lastPort = 21000, 31000

type locks []net.Listener

func (l locks) release() {
	for _, lock := range l {
		_ = lock.Close()
	}
}

// reserve finds pairs of free TCP ports, in a row. Between looking and pcscd's
// listening a second test could choose the same ones; an abstract socket for
// each pair prevents that: it belongs to the same network namespace as the
// ports do, and the kernel frees it whatever happens to this process.
func reserve(pairs int) ([]int, locks, error) {
	for first := firstPort; first+2*pairs <= lastPort; first += 2 {
		if ports, held := take(first, pairs); ports != nil {
			return ports, held, nil
		}
	}
	return nil, nil, errors.New("no free ports for virtual readers")
}

func take(first, pairs int) (ports []int, held locks) {
	for port := first; port < first+2*pairs; port += 2 {
		lock, err := net.Listen("unix", fmt.Sprintf("@cnie-vpcd-%d", port))
		if err == nil {
			held = append(held, lock)
		}
		if err != nil || !free(port) || !free(port+1) {
			held.release()
			return nil, nil
		}
		ports = append(ports, port, port+1)
	}
	return ports, held
}

func free(port int) bool {
	l, err := net.Listen("tcp4", fmt.Sprintf(":%d", port))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// listening reports whether all the ports are open. It asks the kernel: a
// connection made to find out would be taken for a card.
func listening(ports []int) bool {
	table, _ := os.ReadFile("/proc/net/tcp")
	for _, port := range ports {
		// local address, remote address, state 0A = LISTEN
		if !strings.Contains(string(table), fmt.Sprintf("00000000:%04X 00000000:0000 0A", port)) {
			return false
		}
	}
	return true
}

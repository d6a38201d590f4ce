//go:build cgo && !windows

package pcsc

import (
	"strconv"
	"sync"
)

// pin keeps the names given to C alive. The library below holds the C form of
// each name in a map, under the name, while the service waits with it: a second
// context that waits for the same reader replaces the entry, and the first is
// left with freed memory. So each context adds a number of its own behind a
// zero byte, where C stops reading. Numbers are used again, which bounds the map.
type pin int

var pins struct {
	sync.Mutex
	taken []bool
}

func takePin() pin {
	pins.Lock()
	defer pins.Unlock()
	for i, taken := range pins.taken {
		if !taken {
			pins.taken[i] = true
			return pin(i)
		}
	}
	pins.taken = append(pins.taken, true)
	return pin(len(pins.taken) - 1)
}

func (p pin) hold(name string) string { return name + "\x00" + strconv.Itoa(int(p)) }

func (p pin) give() {
	pins.Lock()
	defer pins.Unlock()
	pins.taken[p] = false
}

package main

import (
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

// overwriting is the runtime's own switch that has memory overwritten when it is
// found to be garbage, and not when somebody needs it next. It is read once, when
// a program starts.
const overwriting = "clobberfree=1"

// overwritten tells whether freed memory is overwritten in this process, and how
// to have the system's variables say so to the next one.
func overwritten() (already bool, environment []string) {
	current := os.Getenv("GODEBUG")
	if strings.Contains(current, overwriting) {
		return true, nil
	}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "GODEBUG=") {
			environment = append(environment, variable)
		}
	}
	return false, append(environment, "GODEBUG="+strings.TrimPrefix(current+","+overwriting, ","))
}

// How long after a visit memory is collected: the screens have drawn what comes
// next, and the last one to ask has had its answer.
const (
	firstSweep = 300 * time.Millisecond
	lastSweep  = 2 * time.Second
)

// forgetter collects what visits leave in memory. What was typed, shown or sent
// went through texts, pages and buffers, which nobody can overwrite one by one.
type forgetter struct {
	mu     sync.Mutex
	timers [2]*time.Timer
}

// visitEnded has memory collected when nobody needs it any more.
func (f *forgetter) visitEnded() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, after := range []time.Duration{firstSweep, lastSweep} {
		if f.timers[i] != nil {
			f.timers[i].Stop()
		}
		f.timers[i] = time.AfterFunc(after, collect)
	}
}

// collect goes round three times: pools of buffers survive the first two.
func collect() {
	runtime.GC()
	runtime.GC()
	overwriteStacks()
	debug.FreeOSMemory()
}

// stacks is how many are overwritten at once: more than a desk has goroutines.
const stacks = 256

// overwriteStacks takes the stacks that goroutines have left, which no collector
// overwrites, and fills them: all at the same time, so that each is another one.
func overwriteStacks() {
	var full sync.WaitGroup
	full.Add(stacks)
	for range stacks {
		go func() {
			fill(32)
			full.Done()
			full.Wait()
		}()
	}
	full.Wait()
}

// fill writes nothing over a kilobyte of its stack for each level. The stack grows
// on the way, and leaves each smaller one filled.
//
//go:noinline
func fill(depth int) byte {
	var blank [1024]byte
	if depth == 0 {
		return blank[0]
	}
	return fill(depth-1) + blank[depth]
}

// cleanListener gives connections whose buffers hold what was received last, and
// nothing that was received before, perhaps by another connection: net/http uses
// its buffers again, some of them for a stream that lasts all day.
type cleanListener struct{ net.Listener }

// Accept implements net.Listener.
func (l cleanListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return cleanConn{c}, nil
}

type cleanConn struct{ net.Conn }

// Read implements io.Reader, which may use all of p as scratch space.
func (c cleanConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	clear(p[n:])
	return n, err
}

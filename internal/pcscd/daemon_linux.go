package pcscd

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	startTime = 15 * time.Second // 35 ms on an idle machine
	stopTime  = 4 * time.Second  // pcscd takes up to 2 s to close its readers
)

// ErrMissing says that pcscd or its virtual reader is not installed.
var ErrMissing = errors.New("pcscd with the vpcd driver is not installed; run `make deps`")

// Options say what to start. The zero value is one driver, which has two
// readers.
type Options struct {
	Drivers int // 1…8: pcscd has room for 16 readers
}

// Daemon is a running private pcscd. Readers and Ports go together: a card that
// connects to Ports[i] is in the reader called Readers[i].
type Daemon struct {
	Socket  string // for PCSCLITE_CSOCK_NAME
	Ports   []int
	Readers []string

	dir    string
	locks  locks
	pid    int
	once   sync.Once
	exited chan struct{}
}

// Start runs a daemon for the rest of a test and points the PC/SC library of
// this process to it. The test fails when pcscd is not installed.
func Start(t testing.TB, o Options) *Daemon {
	t.Helper()
	d, err := Launch(o)
	if err != nil {
		t.Fatalf("start a private pcscd: %v", err)
	}
	t.Cleanup(d.Stop)
	t.Setenv("PCSCLITE_CSOCK_NAME", d.Socket)
	return d
}

// Launch runs a daemon until Stop or the end of this process. It returns when
// the daemon is ready for clients and cards.
func Launch(o Options) (*Daemon, error) {
	program, driver, err := find()
	if err != nil {
		return nil, err
	}
	drivers := min(max(o.Drivers, 1), 8)
	ports, held, err := reserve(drivers)
	if err != nil {
		return nil, err
	}
	d := &Daemon{Ports: ports, locks: held, exited: make(chan struct{}), dir: folders.take()}
	d.Socket = filepath.Join(d.dir, "run", "pcscd", "pcscd.comm")
	if err := d.prepare(driver); err != nil {
		d.remove()
		return nil, err
	}
	if err := d.start(program, filepath.Dir(filepath.Dir(driver))); err != nil {
		d.remove()
		return nil, err
	}
	if err := d.ready(startTime); err != nil {
		d.Stop()
		return nil, err
	}
	return d, nil
}

// start runs pcscd from a thread of its own: the kernel sends the parent-death
// signal when the starting thread ends, not the process.
func (d *Daemon) start(program, hidden string) error {
	log, err := os.Create(filepath.Join(d.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the daemon
		cmd, err := spawn(program, d.dir, hidden, log)
		if err == nil {
			d.pid = cmd.Process.Pid
		}
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in its log
			close(d.exited)
		}
	}()
	return <-started
}

// Stop ends the daemon and removes all that it left. Only the first call does:
// the next daemon may have the same folder.
func (d *Daemon) Stop() { d.once.Do(d.stop) }

func (d *Daemon) stop() {
	d.signal(syscall.SIGTERM)
	select {
	case <-d.exited:
	case <-time.After(stopTime):
		d.Kill()
	}
	d.remove()
}

// Kill ends the daemon at once, as a crash would. Its folder stays until Stop.
func (d *Daemon) Kill() {
	d.signal(syscall.SIGKILL)
	<-d.exited
}

func (d *Daemon) signal(s syscall.Signal) {
	select {
	case <-d.exited: // the process id may belong to another by now
	default:
		_ = syscall.Kill(d.pid, s)
	}
}

func (d *Daemon) remove() {
	_ = os.RemoveAll(d.dir)
	folders.give(d.dir)
	d.locks.release()
}

//go:build cgo

package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// moment is when something is typed at the agent's terminal.
type moment string

const (
	atQuestion moment = "the question is shown"
	atPIN      moment = "the PIN is asked for"
	afterPIN   moment = "the PIN was typed"
)

// citizen sits at the terminal of a program that runs there: reads the questions,
// agrees by the number, types the PIN after that and at no other time.
type citizen struct {
	t        *testing.T
	keyboard *os.File
	tty      *os.File
	run      *exec.Cmd
	gone     chan error
	done     chan struct{}

	mu       sync.Mutex
	screen   string // what was not dealt with yet
	all      string
	agrees   func(question string) bool
	hook     map[moment]func() // once
	asked    int               // questions
	agreed   int
	pins     int // typed
	expected bool
}

// at puts a program on a new terminal.
func (c *citizen) at(program string, environment []string, args ...string) {
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	require.NoError(c.t, err)
	require.NoError(c.t, unix.IoctlSetPointerInt(int(keyboard.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(keyboard.Fd()), unix.TIOCGPTN)
	require.NoError(c.t, err)
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(c.t, err)
	c.keyboard, c.tty, c.gone, c.done = keyboard, tty, make(chan error, 1), make(chan struct{})
	c.run = exec.Command(program, args...)
	c.run.Env, c.run.Stdin, c.run.Stdout, c.run.Stderr = environment, tty, tty, tty
	c.run.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(c.t, c.run.Start())
	go func(run *exec.Cmd, gone chan error) { gone <- run.Wait() }(c.run, c.gone)
	go c.watch(keyboard, tty, c.done)
}

// leave ends the program and the terminal.
func (c *citizen) leave(with syscall.Signal) {
	_ = c.run.Process.Signal(with)
	<-c.gone
	close(c.done)
	_ = c.tty.Close()
	_ = c.keyboard.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.screen, c.expected = "", false
}

// watch reads the screen, piece by piece.
func (c *citizen) watch(keyboard, tty *os.File, done chan struct{}) {
	for piece := make([]byte, 4096); ; {
		n, err := keyboard.Read(piece)
		if err != nil {
			return
		}
		c.mu.Lock()
		c.screen += string(piece[:n])
		c.all += string(piece[:n])
		c.mu.Unlock()
		c.react(tty, done)
	}
}

var (
	toAgree = regexp.MustCompile(`(?s)^(.*)To agree type (\d\d); anything else refuses: `)
	toOpen  = regexp.MustCompile(`(?s)^.*PIN for [^\n]*: `)
	onward  = regexp.MustCompile(`(?s)^.*Press Enter to see the next one\. `)
)

func (c *citizen) react(tty *os.File, done chan struct{}) {
	c.mu.Lock()
	text := c.screen
	c.mu.Unlock()
	switch {
	case onward.MatchString(text):
		c.seen(len(onward.FindString(text)))
		c.types("\n")
	case toAgree.MatchString(text):
		found := toAgree.FindStringSubmatch(text)
		c.seen(len(found[0]))
		c.decide(found[1], found[2], done)
	case toOpen.MatchString(text):
		c.seen(len(toOpen.FindString(text)))
		c.open(tty, done)
	}
}

func (c *citizen) seen(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.screen = c.screen[n:]
}

// decide answers a question. A hook may pull the program from under it.
func (c *citizen) decide(question, number string, done chan struct{}) {
	c.mu.Lock()
	c.asked++
	yes := c.agrees == nil || c.agrees(question)
	c.mu.Unlock()
	if c.interrupted(atQuestion, done) {
		return
	}
	if !yes {
		c.types("no\n")
		return
	}
	c.mu.Lock()
	c.agreed++
	c.expected = true
	c.mu.Unlock()
	c.types(number + "\n")
}

// open types the PIN, once what is typed is not shown any more.
func (c *citizen) open(tty *os.File, done chan struct{}) {
	c.mu.Lock()
	expected := c.expected
	c.mu.Unlock()
	if !expected {
		c.t.Errorf("the PIN is asked for, and nothing was agreed to: %s", c.shown())
		return
	}
	if c.interrupted(atPIN, done) {
		return
	}
	for echoes(tty) {
		time.Sleep(time.Millisecond)
	}
	c.mu.Lock()
	c.pins++
	c.expected = false
	c.mu.Unlock()
	c.types("123456\n")
	c.interrupted(afterPIN, done)
}

// interrupted lets the test do something at this moment, and tells whether the program
// is gone after it.
func (c *citizen) interrupted(m moment, done chan struct{}) bool {
	c.mu.Lock()
	hook := c.hook[m]
	delete(c.hook, m)
	c.mu.Unlock()
	if hook != nil {
		hook()
	}
	select {
	case <-done:
		return true
	default:
		return false
	}
}

func echoes(tty *os.File) bool {
	state, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	return err == nil && state.Lflag&unix.ECHO != 0
}

func (c *citizen) types(text string) {
	_, err := c.keyboard.WriteString(text)
	if err != nil {
		c.t.Logf("type: %v", err)
	}
}

func (c *citizen) shown() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all
}

// reads waits until the program has said something n times since it was first started.
func (c *citizen) reads(text string, n int) {
	c.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for strings.Count(c.shown(), text) < n {
		require.True(c.t, time.Now().Before(deadline), "%q is not shown %d times: %s", text, n, c.shown())
		time.Sleep(5 * time.Millisecond)
	}
}

// when has something done at the next such moment.
func (c *citizen) when(m moment, do func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hook = map[moment]func(){m: do}
}

// counts are how often the citizen was asked, agreed, and typed the PIN.
func (c *citizen) counts() (asked, agreed, pins int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked, c.agreed, c.pins
}

func (c *citizen) answers(yes bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.agrees = func(string) bool { return yes }
}

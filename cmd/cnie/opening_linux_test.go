package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

// On a terminal the PIN is typed without being shown, and the terminal is as it
// was afterwards.
func TestVerifyByPINOnATerminal(t *testing.T) {
	_, card, _, system := guarded(t, "pin")
	s, trust := newScreen(t), anchors(t)
	var stdout bytes.Buffer
	p := &program{system: system, stdin: s.tty, stdout: &stdout, stderr: s.tty}
	code := make(chan int)
	go func() { code <- p.run(t.Context(), []string{"verify", "--password", "pin", "--trust", trust}) }()
	s.reads(`PIN of the card: $`)
	s.silent()
	s.types(card.PIN + "\n")
	assert.Equal(t, exitOK, <-code, s.shown())
	assert.True(t, s.echoes())
	assert.NotContains(t, s.shown()+stdout.String(), card.PIN)
}

package main

import (
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a buffer held before is gone once something was received into it.
func TestCleanListener(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l := cleanListener{inner}
	defer l.Close()
	go func() {
		if c, err := net.Dial("tcp", inner.Addr().String()); err == nil {
			_, _ = c.Write([]byte("abc")) // the other side reads it, or fails
			c.Close()
		}
	}()
	c, err := l.Accept()
	require.NoError(t, err)
	defer c.Close()
	buffer := []byte("password=748293")
	n, err := c.Read(buffer)
	require.NoError(t, err)
	assert.Equal(t, "abc"[:n]+strings.Repeat("\x00", len(buffer)-n), string(buffer))
}

// The next program overwrites what it frees, and does what else it was told.
func TestOverwritten(t *testing.T) {
	for before, after := range map[string]string{"": "GODEBUG=clobberfree=1", "gctrace=0": "GODEBUG=gctrace=0,clobberfree=1"} {
		t.Setenv("GODEBUG", before)
		already, environment := overwritten()
		assert.False(t, already)
		assert.Contains(t, environment, after)
		assert.Equal(t, 1, strings.Count(strings.Join(environment, "\n"), "GODEBUG="))
	}
	t.Setenv("GODEBUG", "clobberfree=1")
	already, _ := overwritten()
	assert.True(t, already)
}

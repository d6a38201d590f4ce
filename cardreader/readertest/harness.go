package readertest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
)

// Script says how the harness's card answers.
type Script struct {
	// Ping gives the n-th of at least two commands whose answers differ and do
	// not depend on what came before.
	Ping func(n int) (command, response []byte)
	// Count is answered otherwise the second time, and as at first after the
	// card lost power. Nil leaves out the tests of reset.
	Count []byte
	// Slow is a command that takes about a second. Nil leaves out the test of
	// a command that is given up.
	Slow []byte
	// Long gives the command with the longest response. Nil leaves it out.
	Long func() (command, response []byte)
}

// Harness is a system under test and the hands of a person.
type Harness struct {
	System  cardreader.System
	Readers []string // at least two of its readers, all empty
	Insert  func(reader int)
	Remove  func(reader int)
	Script  Script
	// Notice is how long the system may take to see an act; 3 s if zero.
	Notice time.Duration
}

// run is one test with its harness.
type run struct {
	*testing.T
	Harness
}

// insert puts a card in and waits until the system sees it.
func (r run) insert(reader int) {
	r.Helper()
	r.Insert(reader)
	r.waitForCard(reader, true)
}

// remove takes the card out and waits until the system sees it.
func (r run) remove(reader int) {
	r.Helper()
	r.Remove(reader)
	r.waitForCard(reader, false)
}

func (r run) waitForCard(reader int, present bool) {
	r.Helper()
	require.Eventually(r, func() bool { return r.state(reader).HasCard == present },
		r.Notice, 5*time.Millisecond, "card in %q: %v", r.Readers[reader], present)
}

// state is the reader as the system lists it.
func (r run) state(reader int) cardreader.Reader {
	readers, err := r.System.Readers(context.Background())
	assert.NoError(r, err)
	for _, found := range readers {
		if found.Name == r.Readers[reader] {
			return found
		}
	}
	assert.Fail(r, "reader is not listed", r.Readers[reader])
	return cardreader.Reader{}
}

// connect opens the card in a reader until the test ends.
func (r run) connect(reader int) cardreader.Card {
	r.Helper()
	card, err := r.System.Connect(r.Context(), r.Readers[reader])
	require.NoError(r, err)
	r.Cleanup(func() { assert.NoError(r, card.Close()) })
	return card
}

// ping sends the n-th command and checks the answer.
func (r run) ping(card cardreader.Card, n int) {
	r.Helper()
	command, want := r.Script.Ping(n)
	got, err := card.TransmitRaw(r.Context(), command)
	require.NoError(r, err)
	require.Equal(r, want, got)
}

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
	"cnie/simulator"
)

// Whoever wants the PIN typed on the reader is never asked for it here instead.
func TestPINPadThatIsNotThere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "SPECIMEN.txt")
	require.NoError(t, os.WriteFile(file, []byte("SPECIMEN"), 0o600))
	system := simulator.NewSystem("Simulated", signatureCard(t, nil))
	o := cnie(t, system, "sign", "--pin-pad", file)
	assert.Equal(t, exitUnavailable, o.code)
	assert.Contains(t, o.stderr, "no keys to type a PIN on")
	o = cnie(t, system, "sign", "--pin-pad", "--key", "pkcs11:?module-path=/nowhere.so", file)
	assert.Equal(t, exitUsage, o.code)
	assert.Contains(t, o.stderr, "--pin-pad is for cards in readers")
}

// What the reader itself says has its own sentence and code.
func TestPINPadFailures(t *testing.T) {
	for err, code := range map[error]int{
		cardreader.ErrPINTimeout: exitTryAgain, cardreader.ErrPINCancelled: exitInterrupted, cardreader.ErrPINLength: exitWrongPassword,
	} {
		var f *failure
		require.ErrorAs(t, signFailure(err), &f)
		assert.Equal(t, code, f.code)
		assert.Contains(t, f.sentence, "reader")
	}
}

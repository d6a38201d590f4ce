package interop

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/pki/specimen"
	"cnie/simulator/persona"
)

// ours makes cnie, the program that people run, once for all tests.
var (
	ours = sync.OnceValues(func() (program string, err error) {
		if built, err = os.MkdirTemp("", "cnie-interop"); err != nil {
			return "", err
		}
		program = filepath.Join(built, "cnie")
		if out, err := exec.Command("go", "build", "-o", program, "cnie/cmd/cnie").CombinedOutput(); err != nil {
			return "", fmt.Errorf("%w: %s", err, out)
		}
		return program, nil
	})
	built string // where, once it is
)

func TestMain(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(built)
	os.Exit(code)
}

func (b *bench) build() string {
	b.t.Helper()
	program, err := ours()
	require.NoError(b.t, err)
	return program
}

// anchors are the specimen country's, in a folder.
func (b *bench) anchors() string {
	b.t.Helper()
	dir := filepath.Join(b.dir, "anchors")
	require.NoError(b.t, os.MkdirAll(dir, 0o700))
	require.NoError(b.t, specimen.Default().WriteTrust(dir, time.Now()))
	return dir
}

// personalise writes what a chip of OpenPACE is told: files by their numbers.
func (b *bench) personalise(card *persona.Card) (dir string) {
	b.t.Helper()
	dir = b.t.TempDir()
	require.NoError(b.t, os.WriteFile(filepath.Join(dir, "00"), card.ATR, 0o600))
	for f, content := range card.Files {
		if f == lds.CardAccess || !f.InMasterFile() {
			require.NoError(b.t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02X", f.SFI())), content, 0o600))
		}
	}
	return dir
}

// verdict is what is looked at in an answer of cnie verify.
type verdict struct {
	Verdict string
	Checks  []struct{ ID, Outcome string }
}

func (v verdict) outcome(id string) string {
	for _, c := range v.Checks {
		if c.ID == id {
			return c.Outcome
		}
	}
	return ""
}

// OpenPACE as the chip: it carries the files of a persona, and everything that the
// chip computes, the library does. Our program opens it, authenticates it and
// accepts it.
func TestOpenPACEIsReadByUs(t *testing.T) {
	b := newBench(t)
	cnie, anchors := b.build(), b.anchors()
	chip := b.compile("openpace/card.c", openpace...)
	insert := func(b *bench, card *persona.Card, key []byte) (takeOut func()) {
		end := b.background(chip, strconv.Itoa(b.daemon.Ports[0]), b.personalise(card), card.CAN, strings.Join(card.MRZLines, ""), fmt.Sprintf("%X", key))
		return func() { assert.Empty(b.t, end()); b.awaitEmpty() }
	}
	verify := func(b *bench, arguments ...string) (string, error) {
		return b.try(cnie, append([]string{"verify", "--json", "--wait", "10s", "--reader", b.reader(), "--trust", anchors}, arguments...)...)
	}
	for _, name := range []string{"specimen", "tdes", "p384", "brainpool", "brainpool512", "pace-dh-3des"} {
		t.Run(name, func(t *testing.T) {
			b := b.in(t)
			_, card := citizen(t, name)
			defer insert(b, card, card.ChipKeys[0].Private)()
			for _, password := range [][]string{{"--can", card.CAN}, {"--mrz", strings.Join(card.MRZLines, "")}} {
				out, err := twice(name, func() (string, error) { return verify(b, password...) })
				require.NoError(t, err, out)
				var v verdict
				require.NoError(t, json.Unmarshal([]byte(out), &v))
				assert.Equal(t, "accepted", v.Verdict)
				assert.Equal(t, "passed", v.outcome("chip.authentication"))
			}
		})
	}
	_, card := citizen(t, "specimen")
	t.Run("a wrong CAN", func(t *testing.T) {
		b := b.in(t)
		defer insert(b, card, card.ChipKeys[0].Private)()
		out, err := verify(b, "--can", "999999")
		assert.Equal(t, 13, exit(err), out)
	})
	t.Run("another key", func(t *testing.T) { // a copy
		b := b.in(t)
		key := bytes.Clone(card.ChipKeys[0].Private)
		key[len(key)-1] ^= 1
		defer insert(b, card, key)()
		out, err := verify(b, "--can", card.CAN)
		assert.Equal(t, 10, exit(err), out)
		assert.Contains(t, out, `"refused"`)
	})
}

// exit is the status that a program ended with.
func exit(err error) int {
	var ended *exec.ExitError
	if !errors.As(err, &ended) {
		return 0
	}
	return ended.ExitCode()
}

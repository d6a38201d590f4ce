//go:build linux

package ledger_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ledger"
)

var crashFaults = flag.Int("crash-faults", 24, "faults to inject, of all there are; 0: all of them")

const (
	recorderDir    = "LEDGER_TEST_RECORDER"
	recorderEvents = 4
)

// TestMain makes the test program the recorder that strace runs: it adds events, tells
// after each that Add has returned, and erases the first.
func TestMain(m *testing.M) {
	dir := os.Getenv(recorderDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := recorder(dir); err != nil {
		fmt.Println("failed:", err)
		os.Exit(9)
	}
}

func crashEvent(n int) ledger.Record {
	r := verification(n)
	r.ID = "event-" + strconv.Itoa(n)
	return r
}

func recorder(dir string) error {
	ctx := context.Background()
	l, err := ledger.Open(ctx, ledger.Options{Dir: dir, Origin: "test/crash"})
	if err != nil {
		return err
	}
	for n := range recorderEvents {
		place, err := l.Add(ctx, crashEvent(n))
		if err != nil {
			return err
		}
		fmt.Printf("returned %d at %d\n", n, place.Index)
	}
	if _, err := l.Erase(ctx, ledger.Selection{Transaction: "tx-0"}, "crash test"); err != nil {
		return err
	}
	fmt.Println("erased")
	return l.Close()
}

// writing are the system calls by which Go, SQLite and tessera change files, and open
// and close them.
var writing = []string{"openat", "mkdirat", "renameat", "unlinkat", "linkat", "write", "pwrite64", "fsync", "ftruncate", "close", "fchmod", "fchmodat"}

// strace runs the recorder. One thread of Go at a time keeps the counts of calls much
// the same from run to run.
func strace(t *testing.T, dir string, args ...string) (said, trace string, err error) {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	log := filepath.Join(t.TempDir(), "trace")
	command := exec.Command("strace", slices.Concat([]string{"-f", "-qq", "-o", log}, args, []string{program})...)
	command.Env = append(os.Environ(), recorderDir+"="+dir, "GOMAXPROCS=1")
	var out bytes.Buffer
	command.Stdout = &out
	err = command.Run()
	content, readErr := os.ReadFile(log)
	require.NoError(t, readErr)
	return out.String(), string(content), err
}

type crash struct {
	call, fault string
	when        int
}

// crashes counts the calls of one undisturbed run: strace counts by thread.
func crashes(t *testing.T) (all []crash) {
	said, trace, err := strace(t, t.TempDir(), "-e", "trace="+strings.Join(writing, ","))
	require.NoError(t, err, said)
	require.Contains(t, said, "erased")
	counts, most := map[string]int{}, map[string]int{}
	for _, call := range regexp.MustCompile(`(?m)^(\d+) +([a-z0-9]+)\(`).FindAllStringSubmatch(trace, -1) {
		counts[call[1]+call[2]]++
		most[call[2]] = max(most[call[2]], counts[call[1]+call[2]])
	}
	for _, call := range writing {
		for n := range most[call] {
			for _, fault := range []string{"error=EIO", "error=ENOSPC", "signal=SIGKILL"} {
				all = append(all, crash{call, fault, n + 1})
			}
		}
	}
	return all
}

// TestCrashes fails or kills the recorder at one system call, and then looks: the
// ledger opens, everything that Add returned is there, nothing is there twice, and
// trying again completes it.
func TestCrashes(t *testing.T) {
	all := crashes(t)
	faults := slices.Clone(all)
	if *crashFaults > 0 {
		random := rand.New(rand.NewPCG(11, 22))
		random.Shuffle(len(faults), func(i, j int) { faults[i], faults[j] = faults[j], faults[i] })
		faults = faults[:min(*crashFaults, len(faults))]
	}
	struck := map[string]int{}
	for _, f := range faults {
		t.Run(fmt.Sprintf("%s %s %d", f.call, f.fault, f.when), func(t *testing.T) {
			dir := t.TempDir()
			said, trace, err := strace(t, dir, "-e", "trace="+f.call, "-e", fmt.Sprintf("inject=%s:%s:when=%d", f.call, f.fault, f.when))
			if strings.Contains(trace, "INJECTED") || err != nil {
				struck[f.fault]++
			}
			recovered(t, dir, said)
		})
	}
	t.Logf("crashes: %d of %d faults injected, of which struck %v", len(faults), len(all), struck)
	assert.NotEmpty(t, struck)
}

func recovered(t *testing.T, dir, said string) {
	l, err := ledger.Open(t.Context(), ledger.Options{Dir: dir, Origin: "test/crash"})
	require.NoError(t, err, said)
	defer func() { assert.NoError(t, l.Close()) }()
	before := sound(t, l)
	assert.Zero(t, before.Pending)
	there := map[string]uint64{}
	erasures := 0
	require.NoError(t, l.Export(t.Context(), ledger.Selection{}, func(e ledger.Entry) error {
		if e.Record.Kind == ledger.Erasure {
			erasures++
			return nil
		}
		require.NotContains(t, there, e.Record.ID)
		there[e.Record.ID] = e.Index
		return nil
	}))
	assert.LessOrEqual(t, erasures, 1)
	assert.EqualValues(t, erasures, before.Erased)
	if strings.Contains(said, "erased\n") {
		assert.Equal(t, 1, erasures)
	}
	for n := range recorderEvents {
		id := crashEvent(n).ID
		index, found := there[id]
		if n == 0 && erasures == 1 {
			assert.False(t, found)
			continue
		}
		if strings.Contains(said, fmt.Sprintf("returned %d at", n)) {
			require.True(t, found, "Add returned, and event %d is not there", n)
			assert.Contains(t, said, fmt.Sprintf("returned %d at %d\n", n, index))
		}
		place, err := l.Add(t.Context(), crashEvent(n))
		require.NoError(t, err)
		if found {
			assert.Equal(t, index, place.Index, "recorded twice")
		}
	}
	assert.EqualValues(t, recorderEvents+erasures, sound(t, l).Size)
}

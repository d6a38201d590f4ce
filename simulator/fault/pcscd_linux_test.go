package fault_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/pcscd"
	"cnie/pki/specimen"
	"cnie/simulator/fault"
	"cnie/simulator/persona"
)

var everyRow = flag.Bool("every-row", false, "judge every row of the table over PC/SC, not some of each layer")

// shown are the rows that a run without -every-row judges over PC/SC: some of
// each layer, and all that depends on what lies between reader and chip.
var shown = strings.Fields(`
	self-signed-signer impostor-authority expired-signer-undated revoked-signer weak-hash
	flip photo-swapped photo-bomb sod-swapped sod-trailing hide dg14-never-signed length endless-file
	clone wrong-key active-replayed wrong-atr fussy-short-id fussy-needs-le fussy-exact fussy-block fussy-short-answers
	wrong-can card-access-hidden bac-only bac-no-challenge bac-wrong-answer pace-refuses-nonce pace-refuses-token pace-reflected pace-wrong-token
	sm-flip-data sm-replayed sm-status sm-stripped session-lost
	slow hang garbage huge-answers storm-61 storm-6c pieces
	torn torn-back torn-other switched pin-nearly-blocked`)

// bench is a PC/SC service with virtual readers, and the programs as they are
// shipped.
type bench struct {
	daemon    *pcscd.Daemon
	cnie, sim string
	trust     string
}

func newBench(t *testing.T) bench {
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", dir, "cnie/cmd/cnie", "cnie/cmd/cnie-sim")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	trust := filepath.Join(dir, "trust")
	require.NoError(t, specimen.Default().WriteTrust(trust, time.Now()))
	return bench{
		daemon: pcscd.Start(t, pcscd.Options{Drivers: 2}),
		cnie:   filepath.Join(dir, "cnie"), sim: filepath.Join(dir, "cnie-sim"), trust: trust,
	}
}

// play has cnie-sim lay the card into a virtual reader until the returned
// function takes it out.
func (b bench) play(t *testing.T, at int, card string) (takeOut func()) {
	run := exec.Command(b.sim, "run", card, "--vpcd", fmt.Sprintf("127.0.0.1:%d", b.daemon.Ports[at]))
	var mistakes bytes.Buffer
	run.Stderr = &mistakes
	out, err := run.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, run.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "Ready: ") {
	}
	require.NoError(t, lines.Err())
	return func() {
		require.NoError(t, run.Process.Signal(syscall.SIGINT))
		_ = run.Wait()
		assert.Empty(t, mistakes.String(), card)
	}
}

// verify judges what lies in the reader.
func (b bench) verify(t *testing.T, at int, k fault.Kind) (exit int, verdict string, failed []string, said string) {
	p, err := persona.Load(k.Persona)
	require.NoError(t, err)
	card, err := p.Card()
	require.NoError(t, err)
	args := []string{"verify", "--json", "--wait", "10s", "--timeout", "20s", "--reader", b.daemon.Readers[at], "--trust", b.trust}
	if p.Expect.AllowBAC {
		args = append(args, "--allow-bac", "--mrz", strings.Join(card.MRZLines, ""))
	} else {
		args = append(args, "--can", card.CAN)
	}
	if k.Name == "hang" {
		args = append(args, "--timeout", "1s")
	}
	var stdout, stderr bytes.Buffer
	run := exec.Command(b.cnie, args...)
	run.Stdout, run.Stderr = &stdout, &stderr
	var ended *exec.ExitError
	if err := run.Run(); !errors.As(err, &ended) {
		require.NoError(t, err)
	}
	if stdout.Len() == 0 {
		return run.ProcessState.ExitCode(), fault.Error, nil, stderr.String()
	}
	var answer struct {
		Verdict string
		Checks  []struct{ ID, Outcome string }
	}
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &answer))
	for _, c := range answer.Checks {
		if c.Outcome == "failed" {
			failed = append(failed, c.ID)
		}
	}
	return run.ProcessState.ExitCode(), answer.Verdict, failed, stderr.String()
}

// TestOverPCSC judges cards of cnie-sim with the compiled cnie, through pcscd and
// its virtual readers: what the table says holds there too.
func TestOverPCSC(t *testing.T) {
	b := newBench(t)
	rows := slices.DeleteFunc(fault.All(), func(k fault.Kind) bool {
		return k.Expect.At != "" || !*everyRow && !slices.Contains(shown, k.Name)
	})
	if !*everyRow {
		require.Len(t, rows, len(shown), "every name in the list is one of the table")
	}
	t.Logf("%d rows over %d readers", len(rows), len(b.daemon.Readers))
	free := make(chan int, len(b.daemon.Readers))
	for i := range b.daemon.Readers {
		free <- i
	}
	t.Run("rows", func(t *testing.T) {
		for _, k := range rows {
			t.Run(k.Name, func(t *testing.T) {
				t.Parallel()
				at := <-free
				defer func() { free <- at }()
				defer b.empty(t, at)
				spec := k.Name
				switch k.Name {
				case "hang":
					spec = "hang=3s"
				case "torn", "torn-back", "torn-other": // after PC/SC has had its first look at the card
					spec += "@20"
				}
				takeOut := b.play(t, at, k.Persona+","+spec)
				defer takeOut()
				exit, verdict, failed, said := b.verify(t, at, k)
				slices.Sort(failed)
				want := slices.Sorted(slices.Values(k.Expect.Checks))
				assert.Equal(t, fmt.Sprint(k.Expect.Verdict, want, k.Expect.Exit), fmt.Sprint(verdict, failed, exit), said)
			})
		}
	})
}

// empty waits until the reader has seen that its card is gone, which takes it up
// to 400 ms.
func (b bench) empty(t *testing.T, at int) {
	require.Eventually(t, func() bool {
		list, err := exec.Command(b.cnie, "readers").Output()
		return err == nil && strings.Contains(string(list), b.daemon.Readers[at]+": empty\n")
	}, 10*time.Second, 100*time.Millisecond, "the reader is empty again")
}

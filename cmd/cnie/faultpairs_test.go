package main

import (
	"flag"
	"hash/crc32"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator/fault"
	"cnie/simulator/persona"
)

var allPairs = flag.Bool("all-pairs", false, "judge every pair of faults, not a sample")

// sampled is the part of the pairs that a run without -all-pairs judges.
const sampled = 16

// ordinary is what an inspection may end with: verdicts, and what a person can
// do something about.
var ordinary = []int{exitOK, exitRefused, exitInconclusive, exitWrongPassword, exitUnavailable, exitTryAgain}

// trial is one inspection of one persona with faults.
type trial struct {
	possible bool // the faults could be put on one card
	code     int
	verdict  string
	took     time.Duration
}

// try has cnie judge a persona with faults, and looks whether what came of it is
// sane: a verdict or one sentence, in time, and holder fields only of what is
// accepted.
func try(t *testing.T, trust string, p *persona.Persona, kinds ...fault.Kind) trial {
	var faults []fault.Fault
	timeout := 2 * time.Second
	for _, k := range kinds {
		f, err := fault.Parse(k.Name)
		require.NoError(t, err)
		faults = append(faults, f)
		if k.Name == "hang" {
			timeout = 400 * time.Millisecond
		}
	}
	card, err := fault.Card(p, faults...)
	if err != nil { // such as two who both want to sign
		return trial{}
	}
	start := time.Now()
	o, a := inspect(t, trust, p, card, faults, "--timeout", timeout.String())
	r := trial{true, o.code, verdictOf(o, a), time.Since(start)}
	assert.Contains(t, ordinary, o.code, "%v: %s", faults, o.stderr)
	assert.Less(t, r.took, 10*time.Second, "%v", faults)
	assert.Equal(t, r.verdict == fault.Accepted, a.Holder != nil, "%v", faults)
	assert.Equal(t, r.verdict == fault.Accepted, o.code == exitOK, "%v", faults)
	return r
}

// TestFaultPairs judges cards with two faults each. A pair is accepted only if
// either fault alone is, on the same persona.
func TestFaultPairs(t *testing.T) {
	trust, kinds := anchors(t), fault.All()
	personas := map[string]*persona.Persona{}
	alone := map[string]map[string]trial{} // by persona and fault
	for _, k := range kinds {
		if alone[k.Persona] != nil {
			continue
		}
		p, err := persona.Load(k.Persona)
		require.NoError(t, err)
		personas[k.Persona], alone[k.Persona] = p, map[string]trial{}
		for _, k := range kinds {
			alone[p.Name][k.Name] = try(t, trust, p, k)
		}
	}
	var judged, excluded atomic.Int64
	var slowest atomic.Int64
	counts := map[string]*atomic.Int64{fault.Accepted: {}, fault.Refused: {}, fault.Inconclusive: {}, fault.Error: {}}
	t.Run("pairs", func(t *testing.T) {
		for i, a := range kinds {
			t.Run(a.Name, func(t *testing.T) {
				t.Parallel()
				for _, b := range kinds[i+1:] {
					if !*allPairs && crc32.ChecksumIEEE([]byte(a.Name+" "+b.Name))%sampled != 0 {
						continue
					}
					name := common(a, b)
					r := try(t, trust, personas[name], a, b)
					if !r.possible {
						excluded.Add(1)
						continue
					}
					judged.Add(1)
					counts[r.verdict].Add(1)
					slowest.Store(max(slowest.Load(), int64(r.took)))
					if r.verdict == fault.Accepted {
						for _, k := range []fault.Kind{a, b} {
							assert.Contains(t, []string{"", fault.Accepted}, alone[name][k.Name].verdict, "%s and %s on %s", a.Name, b.Name, name)
						}
					}
				}
			})
		}
	})
	t.Logf("%d faults, %d pairs judged: %d accepted, %d refused, %d inconclusive, %d without a verdict; %d exclude each other; the slowest took %v",
		len(kinds), judged.Load(), counts[fault.Accepted].Load(), counts[fault.Refused].Load(), counts[fault.Inconclusive].Load(),
		counts[fault.Error].Load(), excluded.Load(), time.Duration(slowest.Load()).Round(time.Millisecond))
}

// common is the persona that two faults are shown on: the one that either needs.
func common(a, b fault.Kind) string {
	names := []string{a.Persona, b.Persona}
	if i := slices.IndexFunc(names, func(s string) bool { return s != persona.Names()[0] }); i >= 0 {
		return names[i]
	}
	return names[0]
}

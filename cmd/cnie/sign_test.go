package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/signreport"
	"cnie/pki/adsig"
	"cnie/simulator"
)

// validated runs `cnie validate --json` and parses what it prints.
func validated(t testing.TB, args ...string) (outcome, signreport.View) {
	t.Helper()
	o := atDesk(t, simulator.NewSystem("Simulated"), nil, append([]string{"validate", "--json"}, args...)...)
	var v signreport.View
	if o.stdout != "" {
		require.NoError(t, json.Unmarshal([]byte(o.stdout), &v), o.stdout)
	}
	return o, v
}

// TestSignLevels signs at each level by each format, and has the result judged by
// cnie, and what openssl knows by openssl.
func TestSignLevels(t *testing.T) {
	o := newOffice(t)
	system := simulator.NewSystem("Simulated", o.chip())
	for _, level := range []string{"B-B", "B-T", "B-LT", "B-LTA"} {
		for _, format := range []string{"cades", "asice", "jades"} {
			if format == "jades" && level != "B-B" {
				continue
			}
			t.Run(format+" "+level, func(t *testing.T) {
				file := papers(t, "letter.txt")[0]
				args := []string{"sign", file, "--format", format, "--chain", o.chain}
				if level != "B-B" {
					args = append(args, o.raised(level)...)
				}
				h := amina()
				got := atDesk(t, system, h, args...)
				require.Equal(t, exitOK, got.code, got.stderr)
				out := file + map[string]string{"cades": ".p7s", "asice": ".asice"}[format]
				if format == "jades" {
					out = file + ".jws"
				}
				assert.Equal(t, "Signed "+out+", "+level+", with the certificate of SPECIMEN AMINA\n", got.stdout)
				assert.Len(t, h.asks, 1)
				assert.Equal(t, 3, h.asks[0].Left)
				assert.Contains(t, got.stderr, "SHA-256 ")
				about, err := os.Stat(out)
				require.NoError(t, err)
				assert.Equal(t, os.FileMode(0o644), about.Mode().Perm())

				more := []string{"--online"}
				if level > "B-L" && level != "B-T" {
					more = nil
				}
				j, view := validated(t, append([]string{out, "--trust", o.roots, "--ocsp", o.ocsp}, more...)...)
				require.Equal(t, exitOK, j.code, "%s%s", j.stderr, j.stdout)
				s := view.Files[0].Signatures[0]
				assert.Equal(t, adsig.TotalPassed, s.Indication)
				assert.Equal(t, level, s.Level)
				assert.Contains(t, s.Signer.Subject, "SPECIMEN AMINA")
				assert.NotContains(t, strings.ToLower(j.stdout), "qualified")
				if format == "cades" {
					judgedBy(t, "cms", "-verify", "-binary", "-inform", "DER", "-in", out, "-content", file, "-CAfile", filepath.Join(o.dir, "root.crt"), "-purpose", "any", "-out", os.DevNull)
				}
			})
		}
	}
}

// TestSignBatch: one consent that lists every document, one PIN, many signatures;
// run again, nothing is asked and nothing changes.
func TestSignBatch(t *testing.T) {
	o := newOffice(t)
	system := simulator.NewSystem("Simulated", o.chip())
	files := papers(t, "a.txt", "b.txt", "c.txt")
	h := amina()
	got := atDesk(t, system, h, append([]string{"sign"}, files...)...)
	require.Equal(t, exitOK, got.code, got.stderr)
	require.Len(t, h.asks, 1)
	assert.Equal(t, 3, h.asks[0].Signatures)
	for _, file := range files {
		assert.Contains(t, got.stderr, file+", 16 bytes\n      SHA-256 ")
		assert.FileExists(t, file+".p7s")
	}
	before, err := os.ReadFile(files[0] + ".p7s")
	require.NoError(t, err)
	h = amina()
	got = atDesk(t, system, h, append([]string{"sign"}, files...)...)
	assert.Equal(t, exitOK, got.code, got.stderr)
	assert.Empty(t, h.asks)
	assert.Equal(t, 3, strings.Count(got.stdout, "Was signed before:"))
	after, err := os.ReadFile(files[0] + ".p7s")
	require.NoError(t, err)
	assert.Equal(t, before, after)

	// Another document under the same name is in the way, and so is a lower level.
	require.NoError(t, os.WriteFile(files[0], []byte("other\n"), 0o600))
	got = atDesk(t, system, h, "sign", files[0])
	assert.Equal(t, exitIO, got.code)
	assert.Contains(t, got.stderr, "exists already")
	got = atDesk(t, system, h, append([]string{"sign", files[1]}, o.raised("B-T")...)...)
	assert.Equal(t, exitIO, got.code)
	assert.Contains(t, got.stderr, "is signed at level B-B already; raise it with `cnie augment`")
	assert.Empty(t, h.asks)
	got = atDesk(t, system, h, "sign", files[0], "--force")
	assert.Equal(t, exitOK, got.code, got.stderr)
	assert.Len(t, names(t, filepath.Dir(files[0])), 6, "nothing half-written is left")

	// A link stays a link: the file behind it gives way.
	kept := filepath.Join(filepath.Dir(files[0]), "kept.p7s")
	require.NoError(t, os.Rename(files[0]+".p7s", kept))
	require.NoError(t, os.Symlink("kept.p7s", files[0]+".p7s"))
	require.NoError(t, os.WriteFile(files[0], []byte("a third\n"), 0o600))
	got = atDesk(t, system, h, "sign", files[0], "--force")
	assert.Equal(t, exitOK, got.code, got.stderr)
	about, err := os.Lstat(files[0] + ".p7s")
	require.NoError(t, err)
	assert.NotZero(t, about.Mode()&fs.ModeSymlink)
}

// TestSignPulled pulls the card at each signature of a batch; the same command
// goes on with the rest, and no document is signed twice.
func TestSignPulled(t *testing.T) {
	o := newOffice(t)
	for pulled := range 3 {
		files := papers(t, "a.txt", "b.txt", "c.txt")
		made := 0
		var system *simulator.System
		system = simulator.NewSystem("Simulated", o.chip(simulator.WithWire(func(next func([]byte) []byte) func([]byte) []byte {
			return func(command []byte) []byte {
				if command[1] == 0x87 { // GENERAL AUTHENTICATE
					if made++; made == pulled+1 {
						require.NoError(t, system.Remove("Simulated 00"))
					}
				}
				return next(command)
			}
		})))
		got := atDesk(t, system, amina(), append([]string{"sign"}, files...)...)
		require.Equal(t, exitTryAgain, got.code, got.stderr)
		assert.Contains(t, got.stderr, fmt.Sprintf("the card was removed; lay it back on the reader and start again (%d of 3 are signed and stay; the same command goes on with the rest)", pulled))
		assert.Len(t, names(t, filepath.Dir(files[0])), 3+pulled)
		assert.Equal(t, pulled, strings.Count(got.stdout, "Signed "))

		h := amina()
		got = atDesk(t, simulator.NewSystem("Simulated", o.chip()), h, append([]string{"sign"}, files...)...)
		require.Equal(t, exitOK, got.code, got.stderr)
		assert.Equal(t, pulled, strings.Count(got.stdout, "Was signed before:"))
		assert.Equal(t, 3-pulled, h.asks[0].Signatures)
		assert.Len(t, names(t, filepath.Dir(files[0])), 6)
	}
}

// TestSignLower: the time-stamp authority is out of order. What was signed is kept
// under a name that says what it is.
func TestSignLower(t *testing.T) {
	o := newOffice(t)
	system := simulator.NewSystem("Simulated", o.chip())
	for format, out := range map[string]string{"cades": "letter.txt.B-B.p7s", "asice": "letter.txt.B-B.asice"} {
		files := papers(t, "letter.txt", "second.txt")
		args := []string{"sign", files[0], "--format", format, "--level", "B-T", "--tsa", "http://" + free(t), "--chain", o.chain}
		if format == "cades" {
			args = append(args, files[1])
		}
		got := atDesk(t, system, amina(), args...)
		assert.Equal(t, exitLowerLevel, got.code, got.stderr)
		lower := filepath.Join(filepath.Dir(files[0]), out)
		assert.Equal(t, "Signed "+lower+", B-B, with the certificate of SPECIMEN AMINA\n", got.stdout)
		assert.Contains(t, got.stderr, "level B-T was not reached")
		assert.Contains(t, got.stderr, "has level B-B: raise it later with `cnie augment`")
		if format == "cades" {
			assert.Contains(t, got.stderr, "; 1 more were not signed")
		}
		assert.Equal(t, []string{"letter.txt", out, "second.txt"}, names(t, filepath.Dir(files[0])))
		_, view := validated(t, lower, "--trust", o.roots, "--ocsp", o.ocsp)
		assert.Equal(t, "B-B", view.Files[0].Signatures[0].Level)

		raised := atDesk(t, system, nil, append([]string{"augment", lower}, o.raised("B-LTA")...)...)
		require.Equal(t, exitOK, raised.code, raised.stderr)
		best := strings.Replace(lower, "B-B", "B-LTA", 1)
		assert.Equal(t, "Raised to B-LTA: "+best+"\n", raised.stdout)
		j, view := validated(t, best, "--trust", o.roots, "--ocsp", o.ocsp)
		require.Equal(t, exitOK, j.code, j.stdout)
		assert.Equal(t, "B-LTA", view.Files[0].Signatures[0].Level)
	}
}

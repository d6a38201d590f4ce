package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
	desks "cnie/internal/counter"
	"cnie/internal/ledger"
	"cnie/internal/site"
	"cnie/pki"
	"cnie/pki/specimen"
)

// noReaders is a machine without a card reader.
type noReaders struct{}

func (noReaders) Readers(context.Context) ([]cardreader.Reader, error) { return nil, nil }
func (noReaders) Watch(ctx context.Context) iter.Seq2[cardreader.Event, error] {
	return func(func(cardreader.Event, error) bool) { <-ctx.Done() }
}
func (noReaders) Connect(context.Context, string) (cardreader.Card, error) {
	return nil, cardreader.ErrNoReader
}

// A desk says where it is, lets nobody in without pairing, and stops when it is told.
func TestCounterServesAndStops(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	said, writes := io.Pipe()
	var log bytes.Buffer
	p := &program{system: noReaders{}, stdin: strings.NewReader(""), stdout: writes, stderr: &log}
	dir := filepath.Join(t.TempDir(), "ledger")
	ended := make(chan int, 1)
	go func() {
		ended <- p.run(ctx, []string{"counter", "--no-browser", "--listen", "127.0.0.1:0", "--ledger", dir, "--trust", t.TempDir()})
		writes.Close()
	}()
	line := make([]byte, 200)
	n, err := said.Read(line)
	require.NoError(t, err)
	go func() { _, _ = io.Copy(io.Discard, said) }()
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(string(line[:n]))
	require.NotEmpty(t, address)
	for path, want := range map[string]int{"/healthz": 200, "/metrics": 200, "/pair": 200, "/s/aaaa/": 403} {
		answered, err := http.Get(address + path)
		require.NoError(t, err)
		answered.Body.Close()
		assert.Equal(t, want, answered.StatusCode, path)
	}
	stop()
	select {
	case code := <-ended:
		assert.Equal(t, exitOK, code)
	case <-time.After(20 * time.Second):
		t.Fatal("the desk does not stop")
	}
	book, err := ledger.Open(t.Context(), ledger.Options{Dir: dir})
	require.NoError(t, err, "the ledger was left closed")
	require.NoError(t, book.Close())
}

// A desk that was for trying out leaves nothing.
func TestTryOut(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	d := &counterRun{}
	end, err := d.tryOut()
	require.NoError(t, err)
	assert.Equal(t, os.Getenv("TMPDIR"), filepath.Dir(filepath.Dir(d.ledgerDir)))
	require.NoError(t, os.MkdirAll(d.ledgerDir, 0o700))
	end()
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	assert.Empty(t, left)
	for _, d := range []counterRun{{siteFile: "site.yaml"}, {ledgerDir: "mine"}} {
		_, err := d.tryOut()
		var f *failure
		require.ErrorAs(t, err, &f)
		assert.Equal(t, exitUsage, f.code)
	}
}

func TestCounterRefusesToServeOthers(t *testing.T) {
	for _, row := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--listen", "0.0.0.0:0"}, exitUsage, "this machine alone"},
		{[]string{"--listen", "192.0.2.1:80"}, exitUsage, "this machine alone"},
		{[]string{"--listen", "7312"}, exitUsage, "this machine alone"},
		{[]string{"--lang", "de"}, exitUsage, "ar, fr, en or zgh"},
		{[]string{"--site", "missing.yaml"}, exitIO, "missing.yaml"},
	} {
		var out, err bytes.Buffer
		p := &program{system: noReaders{}, stdin: strings.NewReader(""), stdout: &out, stderr: &err}
		base := []string{"counter", "--no-browser", "--listen", "127.0.0.1:0", "--ledger", filepath.Join(t.TempDir(), "l"), "--trust", t.TempDir()}
		assert.Equal(t, row.code, p.run(t.Context(), append(base, row.args...)), row.args)
		assert.Contains(t, err.String(), row.says)
		assert.Empty(t, out.String())
	}
}

func TestProductionSiteDecidesOnItsOwn(t *testing.T) {
	for _, d := range []counterRun{{policyFile: "lax.yaml"}, {trustDir: "mine"}, {ledgerDir: "mine"}} {
		for _, place := range []site.Site{{Production: true}, {Production: true, Trust: "theirs", Policy: "theirs", Ledger: site.Ledger{Dir: "theirs"}}} {
			var f *failure
			require.ErrorAs(t, d.settle(&place), &f)
			assert.Equal(t, exitNotPermitted, f.code)
		}
	}
	require.NoError(t, (&counterRun{trustDir: "mine"}).settle(&site.Site{Trust: "theirs"}))
}

// A production desk does not open with a specimen authority in its store, nor goes on
// with one that came there since.
func TestProductionRefusesSpecimenAuthority(t *testing.T) {
	place := &site.Site{Production: true}
	d := &counterRun{trustDir: t.TempDir()}
	judge, _, err := d.judge(place)
	require.NoError(t, err)
	require.NoError(t, specimen.Default().WriteTrust(d.trustDir, time.Now()))
	_, err = judge(time.Now())
	require.ErrorIs(t, err, site.ErrSpecimen)
	var f *failure
	_, _, err = d.judge(place)
	require.ErrorAs(t, err, &f)
	assert.Equal(t, exitNotPermitted, f.code)
	_, _, err = d.judge(&site.Site{})
	require.NoError(t, err)
}

// What a site file names lies beside it, wherever the program is started, and its
// policy is the one that was pinned.
func TestSiteFilesNeighbours(t *testing.T) {
	dir := t.TempDir()
	pinned := "name: strict\n"
	name := filepath.Join(dir, "site.yaml")
	text := strings.Replace(string(site.Starter), "\nproduction: false", fmt.Sprintf(
		"\nproduction: false\ntrust: anchors\npolicy: policy.yaml\npolicy-sha256: %x\nledger: {dir: book}\naudio: spoken", sha256.Sum256([]byte(pinned))), 1)
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "spoken"), 0o700))
	place, err := site.Load(name, site.Keys{})
	require.NoError(t, err)
	d := &counterRun{}
	require.NoError(t, d.settle(place))
	assert.Equal(t, filepath.Join(dir, "anchors"), d.trustDir)
	assert.Equal(t, filepath.Join(dir, "policy.yaml"), d.policyFile)
	assert.Equal(t, filepath.Join(dir, "book"), d.ledgerDir)
	_, err = recordings(place)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(d.policyFile, []byte(pinned), 0o600))
	_, err = d.policy()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(d.policyFile, []byte(pinned+"allow-bac: true\n"), 0o600))
	_, err = d.policy()
	assert.ErrorIs(t, err, site.ErrPolicy)
}

// A slip names what was looked at and holds none of it.
func TestSlip(t *testing.T) {
	place := site.Specimen()
	purpose := place.Purposes[0]
	done := desks.Transaction{ID: "t-7f3a", Purpose: purpose.ID, State: desks.Done, Agreed: true, Changed: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC),
		Place: &ledger.Place{Index: 42, Leaf: make([]byte, 32)}}
	done.Holder = &pki.Holder{Surname: "SPECIMEN", GivenNames: "AMINA", CIN: "ZZ012345"}
	done.Looked = []string{"photo", "surname"}
	for _, paper := range []string{"58mm", "a4"} {
		page, err := slips(place, "cnie/ledger/test")(done, "fr", paper)
		require.NoError(t, err)
		assert.Contains(t, string(page), "t-7f3a")
		assert.NotContains(t, string(page), "AMINA")
		assert.NotContains(t, string(page), "ZZ012345")
		assert.NotContains(t, string(page), "<script")
		assert.Contains(t, string(page), "photo")
	}
	// Who takes back what he had said is told what was seen until then, and of a
	// guardian it is the guardian's fields.
	done.State, done.Holder, done.Looked = desks.RefusedByHolder, nil, []string{"birth_date"}
	facts := slipFacts(place, "cnie/ledger/test", done)
	assert.True(t, facts.Withdrawn)
	assert.Equal(t, []string{"birth_date"}, facts.Fields)
}

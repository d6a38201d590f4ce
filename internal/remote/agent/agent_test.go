package agent

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/activation"
	"cnie/internal/remote/order"
)

var lease = []byte("The house is let for a year.\n")

// agreed has the holder agree to an order, through an agent that runs.
func (w *world) agreed(o *order.Order) *order.Order {
	w.t.Helper()
	w.service.give(o)
	require.Equal(w.t, order.Consented, w.answer(o).Outcome)
	return o
}

// What the holder saw is what the card signs: openssl says so.
func TestCAdES(t *testing.T) {
	w := newWorld(t)
	stop := w.run()
	var shown []byte
	w.holder.agree = func(_ context.Context, q Question) (bool, error) {
		require.Len(t, q.Files, 1)
		assert.Equal(t, ".txt", filepath.Ext(q.Files[0]))
		var err error
		shown, err = os.ReadFile(q.Files[0])
		return true, err
	}
	asked := w.agreed(w.asks(order.Doc, order.CAdES, lease))
	assert.Equal(t, lease, shown)
	signed, pins := w.counter.counts()
	assert.Zero(t, signed+pins, "nothing is asked of the card before the order to sign")

	o := w.wants(asked, nil, lease)
	w.service.give(o)
	a := w.answer(o)
	require.Equal(t, order.Signed, a.Outcome, a.Reason)
	w.judge(a.Values[0], lease)
	signed, pins = w.counter.counts()
	assert.Equal(t, []int{1, 1}, []int{signed, pins})
	require.NoError(t, stop())

	left, err := filepath.Glob(filepath.Join(w.folder, "documents-*"))
	require.NoError(t, err)
	assert.Empty(t, left, "no document stays")
	written, err := os.ReadFile(filepath.Join(w.folder, recordFile))
	require.NoError(t, err)
	assert.Equal(t, 2, strings.Count(string(written), "\n"))
	assert.Contains(t, string(written), `"outcome":"signed"`)
	assert.NotContains(t, string(written), "house")
	for _, name := range []string{recordFile, journalFile, keyFile} {
		info, err := os.Stat(filepath.Join(w.folder, name))
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
}

// judge has openssl verify a detached message.
func (w *world) judge(message, content []byte) {
	w.t.Helper()
	dir := w.t.TempDir()
	signature, file := filepath.Join(dir, "s.p7s"), filepath.Join(dir, "content")
	require.NoError(w.t, os.WriteFile(signature, message, 0o600))
	require.NoError(w.t, os.WriteFile(file, content, 0o600))
	out, err := exec.Command("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", signature, "-content", file, "-noverify", "-out", os.DevNull).CombinedOutput()
	assert.NoError(w.t, err, string(out))
}

// paper is a PDF of one page, with its cross references where they are.
func paper(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	var offsets []int
	b.WriteString("%PDF-1.7\n")
	for i, object := range []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>"} {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := b.Len()
	b.WriteString("xref\n0 4\n0000000000 65535 f \n")
	for _, offset := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", start)
	return b.Bytes()
}

// A PDF gets its revision, made from the file that was shown: poppler judges.
func TestPAdES(t *testing.T) {
	w := newWorld(t)
	stop := w.run()
	content := paper(t)
	o := w.wants(w.agreed(w.asks(order.Doc, order.PAdES, content)), nil, content)
	w.service.give(o)
	a := w.answer(o)
	require.Equal(t, order.Signed, a.Outcome, a.Reason)
	assert.Equal(t, ".pdf", filepath.Ext(w.holder.asked[0].Files[0]))
	file := filepath.Join(t.TempDir(), "signed.pdf")
	require.NoError(t, os.WriteFile(file, append(content, a.Values[0]...), 0o600))
	out, err := exec.Command("pdfsig", "-nocert", file).CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Contains(t, string(out), "Signature is Valid")
	assert.Contains(t, string(out), "Total document signed")
	require.NoError(t, stop())

	stop = w.run()
	o = w.asks(order.Doc, order.PAdES, lease)
	w.service.give(o)
	assert.Equal(t, order.Unsupported, w.answer(o).Reason, "a text is no PDF")
	assert.Len(t, w.holder.asked, 1)
	require.NoError(t, stop())
	signed, _ := w.counter.counts()
	assert.Equal(t, 1, signed)
}

// Each way in which an order to sign can be wrong has its own reason, and none of
// them reaches the card.
func TestRefusals(t *testing.T) {
	foreign := func(t *testing.T, g activation.Grant) string {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		other, err := activation.NewSigner(key)
		require.NoError(t, err)
		text, err := other.Sign(g)
		require.NoError(t, err)
		return text
	}
	for name, c := range map[string]struct {
		change func(*order.Order, *activation.Grant)
		reason order.Reason
	}{
		"expired":           {func(_ *order.Order, g *activation.Grant) { g.Expires = time.Now().Add(-time.Minute).Unix() }, order.TokenExpired},
		"not yet":           {func(_ *order.Order, g *activation.Grant) { g.Issued = time.Now().Add(time.Hour).Unix() }, order.TokenExpired},
		"another service":   {func(o *order.Order, g *activation.Grant) { o.Token = foreign(t, *g) }, order.TokenForeign},
		"another issuer":    {func(_ *order.Order, g *activation.Grant) { g.Issuer = "https://other.example" }, order.TokenForeign},
		"no token":          {func(o *order.Order, _ *activation.Grant) { o.Token = "x.y.z" }, order.TokenForeign},
		"another agent":     {func(_ *order.Order, g *activation.Grant) { g.Audience[1] = "urn:cnie:agent:4712" }, order.TokenAudience},
		"another hash":      {func(o *order.Order, g *activation.Grant) { g.Digests = [][]byte{digest([]byte("x"))} }, order.TokenMismatch},
		"another number":    {func(o *order.Order, g *activation.Grant) { g.Digests, g.Count = append(g.Digests, digest(nil)), 2 }, order.TokenMismatch},
		"another algorithm": {func(_ *order.Order, g *activation.Grant) { g.Signature = order.RSAPKCS1 }, order.TokenMismatch},
		"another program":   {func(_ *order.Order, g *activation.Grant) { g.Client = "other" }, order.TokenMismatch},
		"another consent":   {func(_ *order.Order, g *activation.Grant) { g.Consent = order.NewID() }, order.TokenMismatch},
		"no consent":        {func(o *order.Order, g *activation.Grant) { g.Consent = order.NewID(); o.Consent = g.Consent }, order.NoConsent},
		"hash agreed by all but the holder": {func(o *order.Order, g *activation.Grant) {
			o.Documents = []order.Document{o.Documents[0]}
			o.Documents[0].Digest = digest([]byte("x"))
			g.Digests = o.Digests()
		}, order.NoConsent},
		"another name":    {func(o *order.Order, _ *activation.Grant) { o.Documents = []order.Document{renamed(o.Documents[0])} }, order.NoConsent},
		"another purpose": {func(o *order.Order, _ *activation.Grant) { o.Purpose = "gift" }, order.NoConsent},
		"another credential": {func(o *order.Order, g *activation.Grant) {
			o.Credential = order.Credential(strings.Repeat("a", 24))
			g.Credential = o.Credential
		}, order.OtherCard},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			stop := w.run()
			o := w.wants(w.agreed(w.asks(order.Doc, order.CAdES, lease)), c.change, lease)
			w.service.give(o)
			a := w.answer(o)
			assert.Equal(t, []any{order.Refused, c.reason}, []any{a.Outcome, a.Reason})
			signed, pins := w.counter.counts()
			assert.Zero(t, signed+pins)
			require.NoError(t, stop())
		})
	}
}

func renamed(d order.Document) order.Document {
	d.Name = "gift.pdf"
	return d
}

// A token is good for one order, also after the agent was started anew.
func TestTokenReplayed(t *testing.T) {
	w := newWorld(t)
	stop := w.run()
	asked := w.agreed(w.asks(order.Doc, order.CAdES, lease))
	o := w.wants(asked, nil, lease)
	w.service.give(o)
	require.Equal(t, order.Signed, w.answer(o).Outcome)
	for range 2 {
		again := w.wants(asked, nil, lease)
		w.service.give(again)
		assert.Equal(t, order.TokenUsed, w.answer(again).Reason)
		require.NoError(t, stop())
		stop = w.run()
	}
	require.NoError(t, stop())
	signed, _ := w.counter.counts()
	assert.Equal(t, 1, signed)
}

// A document that is another than before, or than announced, is neither shown nor
// signed.
func TestDocumentChanged(t *testing.T) {
	forged := []byte("The house is let for 9 years")
	longer := append([]byte(string(lease)), "And the car.\n"...)
	w := newWorld(t)
	stop := w.run()
	for _, content := range [][]byte{forged, longer, lease[:5], {}} {
		o := w.asks(order.Doc, order.CAdES, lease)
		w.service.keep(o.ID, 0, content)
		w.service.give(o)
		assert.Equal(t, order.DocumentChanged, w.answer(o).Reason)
	}
	assert.Empty(t, w.holder.asked)
	for _, content := range [][]byte{forged, longer, lease[:5]} {
		o := w.wants(w.agreed(w.asks(order.Doc, order.CAdES, lease)), nil, content)
		w.service.give(o)
		assert.Equal(t, order.DocumentChanged, w.answer(o).Reason)
	}
	require.NoError(t, stop())
	signed, pins := w.counter.counts()
	assert.Zero(t, signed+pins)
}

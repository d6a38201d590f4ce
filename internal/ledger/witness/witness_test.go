package witness

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

const origin = "test/log"

// world is a log of two entries, whose consistency proofs are one hash, and a witness.
type world struct {
	t      *testing.T
	signer note.Signer
	dir    string
	keys   [2]string // secret of the witness, public of the log
	server *httptest.Server
}

func newWorld(t *testing.T) *world {
	secret, public, err := note.GenerateKey(nil, origin)
	require.NoError(t, err)
	w := &world{t: t, dir: t.TempDir()}
	w.signer, err = note.NewSigner(secret)
	require.NoError(t, err)
	w.keys[1] = public
	w.keys[0], _, err = Keys("witness.test")
	require.NoError(t, err)
	w.start()
	return w
}

func (w *world) start() {
	witness, err := New(w.dir, w.keys[0], w.keys[1])
	require.NoError(w.t, err)
	w.server = httptest.NewServer(witness.Handler())
	w.t.Cleanup(w.server.Close)
}

func (w *world) checkpoint(size uint64, hash []byte) string {
	signed, err := note.Sign(&note.Note{Text: string(log.Checkpoint{Origin: origin, Size: size, Hash: hash}.Marshal())}, w.signer)
	require.NoError(w.t, err)
	return string(signed)
}

func (w *world) post(body string) (int, string) {
	response, err := http.Post(w.server.URL+"/add-checkpoint", "", strings.NewReader(body))
	require.NoError(w.t, err)
	var b bytes.Buffer
	_, err = b.ReadFrom(response.Body)
	require.NoError(w.t, err)
	require.NoError(w.t, response.Body.Close())
	return response.StatusCode, b.String()
}

// The status codes are those of C2SP tlog-witness.
func TestAddCheckpoint(t *testing.T) {
	w := newWorld(t)
	a, b := rfc6962.DefaultHasher.HashLeaf([]byte("a")), rfc6962.DefaultHasher.HashLeaf([]byte("b"))
	both := rfc6962.DefaultHasher.HashChildren(a, b)
	other := rfc6962.DefaultHasher.HashChildren(b, a)
	line := fmt.Sprintf("%s\n", encode(b))
	for _, step := range []struct {
		name, body string
		code       int
		says       string
	}{
		{"nothing", "", 400, ""},
		{"no proof end", "old 0\n", 400, ""},
		{"leading zero", "old 00\n\n" + w.checkpoint(1, a), 400, ""},
		{"not base64", "old 1\n!\n\n" + w.checkpoint(2, both), 400, ""},
		{"unknown log", "old 0\n\nother/log\n1\n" + encode(a) + "\n\n— other/log AAAA\n", 404, ""},
		{"bad signature", "old 0\n\n" + strings.Replace(w.checkpoint(1, a), "\n1\n", "\n2\n", 1), 403, ""},
		{"old beyond", "old 2\n\n" + w.checkpoint(1, a), 400, ""},
		{"first", "old 0\n\n" + w.checkpoint(1, a), 200, "— witness.test "},
		{"again", "old 1\n\n" + w.checkpoint(1, a), 200, "— witness.test "},
		{"stale", "old 0\n\n" + w.checkpoint(2, both), 409, "1\n"},
		{"another of this size", "old 1\n\n" + w.checkpoint(1, b), 409, ""},
		{"no proof", "old 1\n\n" + w.checkpoint(2, both), 422, ""},
		{"another tree", "old 1\n" + line + "\n" + w.checkpoint(2, other), 422, ""},
		{"extended", "old 1\n" + line + "\n" + w.checkpoint(2, both), 200, "— witness.test "},
		{"back", "old 1\n\n" + w.checkpoint(1, a), 409, "2\n"},
	} {
		code, said := w.post(step.body)
		assert.Equal(t, step.code, code, step.name)
		assert.True(t, strings.HasPrefix(said, step.says), "%s: %s", step.name, said)
	}
	w.server.Close()
	w.start() // it remembers
	code, said := w.post("old 1\n\n" + w.checkpoint(1, a))
	assert.Equal(t, 409, code)
	assert.Equal(t, "2\n", said)
}

func encode(hash []byte) string { return base64.StdEncoding.EncodeToString(hash) }

func FuzzParse(f *testing.F) {
	f.Add([]byte("old 0\n\ntest/log\n0\n\n"))
	f.Add([]byte("old 1\n" + encode(make([]byte, 32)) + "\n\nx"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := parse(body)
		if err != nil {
			return
		}
		back := fmt.Sprintf("old %d\n", r.old)
		for _, hash := range r.proof {
			back += encode(hash) + "\n"
		}
		require.Equal(t, string(body), back+"\n"+string(r.note))
	})
}

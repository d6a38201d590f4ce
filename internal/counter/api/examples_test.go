package api

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/answer"
	"cnie/internal/counter"
	"cnie/pki"
)

// blocks are the examples of docs/api.md in a language.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/api.md")
	require.NoError(t, err)
	var found []string
	for _, match := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		found = append(found, match[1])
	}
	require.NotEmpty(t, found)
	return found
}

// Clients that nobody here wrote an HTTP library for do what the page tells them,
// while clerk and citizen serve them at the desk.
func TestDocumentedClients(t *testing.T) {
	for _, row := range []struct{ language, file, program string }{{"sh", "client.sh", "bash"}, {"js", "client.mjs", "node"}, {"python", "client.py", "python3"}} {
		t.Run(row.language, func(t *testing.T) {
			w := newWorld(t)
			file := filepath.Join(t.TempDir(), row.file)
			require.NoError(t, os.WriteFile(file, []byte(blocks(t, row.language)[0]), 0o600))
			person := card(t, "specimen")
			served := make(chan struct{})
			go func() {
				defer close(served)
				var id string
				if assert.Eventually(t, func() bool { id = w.desk.Readers()[0].Transaction; return id != "" }, 30*time.Second, 5*time.Millisecond) {
					w.people(id, person, counter.Matches)
				}
			}()
			out, err := exec.CommandContext(t.Context(), row.program, file, w.server.URL, w.tokens["trial"]).CombinedOutput()
			<-served
			require.NoError(t, err, string(out))
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			var got Result
			require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &got), string(out))
			assert.Equal(t, pki.Accepted, got.Verdict)
			assert.Equal(t, answer.Yes, got.Answers[0].Answer)
			assert.Len(t, got.Statements, 1)
			if row.language != "sh" {
				assert.Equal(t, "done", lines[len(lines)-2])
			}
		})
	}
}

// The page's own verification of webhooks takes what is sent, and nothing else.
func TestDocumentedReceiver(t *testing.T) {
	s, got := receiver(t, http.StatusNoContent)
	hook, keys := newHook(t, s.URL, &lockedBuffer{})
	require.True(t, hook.Tell("t-1", counter.Done, now))
	sent := <-got
	program := blocks(t, "python")[1] + `
import sys, json
secret, other, given = json.load(sys.stdin)
headers = {k.lower(): v[0] for k, v in given["Header"].items()}
body = given["Body"].encode()
print(genuine(secret, headers, body), genuine(other, headers, body), genuine(secret, headers, body + b" "), genuine(secret, headers, body, lambda: time.time() + 900))
`
	input, err := json.Marshal([]any{keys.Secret, "whsec_" + strings.Repeat("AAAA", 11), map[string]any{"Header": sent.Header, "Body": sent.body}})
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), "python3", "-c", program)
	command.Stdin = strings.NewReader(string(input))
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Equal(t, "True False False False", strings.TrimSpace(string(out)))
}

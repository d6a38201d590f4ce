package server

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/plainyaml"
	"cnie/internal/remote/oauth"
)

func sampleText(t testing.TB) string {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, sample.Execute(&text, map[string]string{"Client": "program", "Secret": oauth.HashSecret("x")}))
	return text.String()
}

// The sample says what the defaults are: where the two differ, one of them is wrong.
func TestSample(t *testing.T) {
	c, err := Parse([]byte(sampleText(t)))
	require.NoError(t, err)
	d := defaults()
	assert.Equal(t, d.Limits, c.Limits)
	assert.Equal(t, d.State, c.State)
	assert.Equal(t, d.Hashes, c.Hashes)
	assert.Equal(t, "program", c.Clients[0].ID)
}

func TestMistakes(t *testing.T) {
	text := sampleText(t)
	for name, c := range map[string][3]string{
		"misspelt":            {"url:", "ulr:", "unknown field"},
		"no name":             {`name: "cnie remote"`, `name: ""`, "name is missing"},
		"no root":             {`agents: "agents.crt"`, `agents: ""`, "trust.agents is missing"},
		"http":                {`url: "https://`, `url: "http://`, "the address of the service"},
		"a path":              {`8776"`, `8776/x"`, "the address of the service"},
		"another database":    {"sqlite:state.db", "mysql://x", "the state is kept in"},
		"too little time":     {"token-seconds: 300", "token-seconds: 1", "token-seconds is between 5 and 3600"},
		"a secret in clear":   {"secret-sha256: \"", "secret-sha256: \"secret", "not the SHA-256"},
		"no secret":           {`secret-sha256: "` + oauth.HashSecret("x") + `"`, `secret-sha256: ""`, ""},
		"redirect to http":    {"http://127.0.0.1/authorized", "http://example.org/", "a redirect address"},
		"a credential's name": {"credentials: []", `credentials: ["x"]`, "a credential is named by"},
		"an id with a space":  {`id: "program"`, `id: "a program"`, "the id of a client"},
		"a nameless client":   {`name: "A program on this machine"`, `name: ""`, "a client has a name"},
		"an anchor":           {`lang: "en"`, `lang: &a "en"`, "anchors"},
	} {
		_, err := Parse([]byte(strings.Replace(text, c[0], c[1], 1)))
		if c[2] == "" {
			assert.NoError(t, err, name)
			continue
		}
		var wrong *plainyaml.Error
		require.ErrorAs(t, err, &wrong, name)
		assert.Contains(t, wrong.Reason, c[2], name)
		assert.Positive(t, wrong.Line, name)
	}
	_, err := Parse([]byte(text + "  - id: \"program\"\n    name: \"again\"\n    secret-sha256: \"" + oauth.HashSecret("y") + "\"\n"))
	require.ErrorContains(t, err, "two clients have this id")
	_, err = Parse(nil)
	require.Error(t, err)
	_, err = Parse(make([]byte, maxConfig+1))
	require.Error(t, err)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sampleText(f)))
	f.Add([]byte("clients: [{id: a}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := Parse(text); err != nil {
			var wrong *plainyaml.Error
			require.ErrorAs(t, err, &wrong)
		}
	})
}

package agent

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/plainyaml"
)

const config = `service: https://sign.example:7443
service-roots: service.crt
authority: https://ca.example:9000
authority-roots: root.crt
folder: state
view: [less, -R]
`

func TestParseConfig(t *testing.T) {
	c, err := ParseConfig([]byte(config))
	require.NoError(t, err)
	assert.Equal(t, []string{"9C", "9A"}, []string{c.Key, c.Authentication})
	assert.Equal(t, []string{"less", "-R"}, c.View)
	assert.False(t, c.InModule())
	for name, c := range map[string]struct {
		from, to string
		line     int
		reason   string
	}{
		"unknown key":     {"folder:", "folders:", 5, "folders"},
		"clear":           {"https://sign", "http://sign", 1, "https://HOST:PORT"},
		"a path":          {":9000", ":9000/x", 3, "without a path"},
		"a password":      {"https://ca", "https://me:x@ca", 3, "without a path"},
		"no roots":        {"service-roots: service.crt\n", "", 1, "service-roots is missing"},
		"half a module":   {"view: [less, -R]", "key: 'pkcs11:token=x'", 1, "both"},
		"reader, module":  {"view: [less, -R]", "key: 'pkcs11:a'\nauthentication-key: 'pkcs11:b'\nreader: x", 8, "leave reader out"},
		"half a key":      {"service-roots:", "service-key: abcd\nservice-roots:", 2, "SHA-256"},
		"not a key":       {"service-roots:", "service-key: xyz\nservice-roots:", 2, "SHA-256"},
		"no viewer":       {"[less, -R]", "['']", 6, "program"},
		"a second value":  {"folder: state", "folder: state\nfolder: other", 6, ""},
		"not a mapping":   {config, "[]", 1, ""},
		"empty":           {config, "# nothing\n", 1, "empty"},
		"larger than any": {"state", strings.Repeat("x", maxConfig), 1, "larger"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseConfig([]byte(strings.Replace(config, c.from, c.to, 1)))
			var mistake *plainyaml.Error
			require.ErrorAs(t, err, &mistake)
			assert.Equal(t, c.line, mistake.Line, err)
			assert.Contains(t, mistake.Reason, c.reason)
		})
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(config))
	f.Add([]byte("service: !x\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		c, err := ParseConfig(content)
		if err != nil {
			var mistake *plainyaml.Error
			require.ErrorAs(t, err, &mistake)
			return
		}
		require.True(t, strings.HasPrefix(strings.ToLower(c.Service), "https://"))
		require.NotEmpty(t, c.Folder)
	})
}

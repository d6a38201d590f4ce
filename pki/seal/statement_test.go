package seal

import (
	"bytes"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
)

const minimal = `{"id":"ABCD-EFGH-2345-WXYZ","saved_at":"2026-03-01T10:00:00Z","tool":"t",` +
	`"judged":{"at":"2026-03-01T10:00:00Z","verdict":"refused","policy":null,"trust":""},` +
	`"evidence":{"read_at":"2026-03-01T10:00:00Z","access":{"protocol":"PACE","cipher":"AES-128"},"asked":[],"files":{}}}` + "\n"

// open signs a line and opens the file that it gives: a right signature says
// nothing about what a terminal signs.
func open(t testing.TB, line string) error {
	t.Helper()
	key, _, err := GenerateKey()
	require.NoError(t, err)
	message := []byte(heading + line)
	signature, err := key.sign(message)
	require.NoError(t, err)
	_, err = Open(bytes.NewReader(append(message, signature...)))
	return err
}

func TestLinesThatAreNoStatement(t *testing.T) {
	require.NoError(t, open(t, minimal))
	for name, line := range map[string]string{
		"nothing":           "",
		"empty":             "{}",
		"a list":            "[]",
		"cut short":         minimal[:60],
		"unknown member":    strings.Replace(minimal, `"tool"`, `"fool"`, 1),
		"unknown file":      strings.Replace(minimal, `"files":{}`, `"files":{"dg99":""}`, 1),
		"not base64":        strings.Replace(minimal, `"files":{}`, `"files":{"dg1":"*"}`, 1),
		"status too large":  strings.Replace(minimal, `"files":{}`, `"files":{},"denied":{"dg1":65536}`, 1),
		"another follows":   minimal + minimal,
		"deeply nested":     strings.Repeat(`{"a":`, 600_000),
		"nested in files":   strings.Replace(minimal, `"files":{}`, `"files":`+strings.Repeat("[", 3_000_000), 1),
		"a secret inside":   strings.Replace(minimal, `"t"`, `17`, 1),
		"armour in a field": strings.Replace(minimal, `"t"`, `"-----BEGIN SSH SIGNATURE-----`+"\n"+`"`, 1),
	} {
		start := time.Now()
		err := open(t, line)
		assert.ErrorIs(t, err, ErrMalformed, name)
		assert.Less(t, time.Since(start), time.Second, name)
		assert.Less(t, len(err.Error()), 150, name)
	}
}

// A line that two programs could read as two statements is none: which of two
// members counts, and what they are called, is not for the reader to choose.
func TestLinesOfTwoReadings(t *testing.T) {
	for name, line := range map[string]string{
		"member twice":            strings.Replace(minimal, `"tool":"t"`, `"tool":"u","tool":"t"`, 1),
		"member in capitals":      strings.Replace(minimal, `"tool"`, `"Tool"`, 1),
		"member again, otherwise": strings.Replace(minimal, `"tool":"t"`, `"tool":"t","TOOL":"u"`, 1),
		"verdict twice":           strings.Replace(minimal, `"verdict":"refused"`, `"verdict":"accepted","verdict":"refused"`, 1),
		"file twice":              strings.Replace(minimal, `"files":{}`, `"files":{"dg1":"YQ==","dg1":"Yg=="}`, 1),
		"file by two names":       strings.Replace(minimal, `"files":{}`, `"files":{"dg1":"YQ==","EF.DG1":"Yg=="}`, 1),
		"member that is null":     strings.Replace(minimal, `"trust":""`, `"trust":null`, 1),
		"spaces":                  strings.Replace(minimal, `,`, `, `, 1),
		"escaped letter":          strings.Replace(minimal, `"tool":"t"`, `"tool":"\u0074"`, 1),
		"another zone":            strings.Replace(minimal, `"saved_at":"2026-03-01T10:00:00Z"`, `"saved_at":"2026-03-01T10:00:00.0Z"`, 1),
		"no end of line":          strings.TrimSuffix(minimal, "\n"),
		"two ends of line":        minimal + "\n",
		"surrogate alone":         strings.Replace(minimal, `"tool":"t"`, `"tool":"\ud800"`, 1),
	} {
		require.NotEqual(t, minimal, line, name)
		assert.ErrorIs(t, open(t, line), ErrMalformed, name)
	}
}

// A change of wording in an error must not carry a value along.
func TestErrorsKeepContentToThemselves(t *testing.T) {
	for _, line := range []string{
		strings.Replace(minimal, `"asked":[]`, `"asked":["SPECIMEN"]`, 1),
		strings.Replace(minimal, `"files":{}`, `"files":{"SPECIMEN":""}`, 1),
		strings.Replace(minimal, `"read_at":"2026`, `"read_at":"SPECIMEN`, 1),
		strings.Replace(minimal, `"tool"`, `"SPECIMEN"`, 1),
	} {
		err := open(t, line)
		require.ErrorIs(t, err, ErrMalformed)
		assert.NotContains(t, err.Error(), "SPECIMEN")
	}
}

// A signature leaves places that it does not cover; nothing may stand there.
func TestOneSpelling(t *testing.T) {
	key, _, err := GenerateKey()
	require.NoError(t, err)
	message := []byte("message")
	good, err := key.sign(message)
	require.NoError(t, err)
	block, _ := pem.Decode(good)
	type parts struct {
		Magic                    [6]byte
		Version                  uint32
		Key, Namespace, Reserved []byte
		Hash, Signature          []byte
	}
	for name, change := range map[string]func(*parts){
		"as it is":      func(*parts) {},
		"reserved":      func(p *parts) { p.Reserved = []byte("x") },
		"more behind":   func(p *parts) { p.Signature = append(p.Signature, 'x') },
		"key, extended": func(p *parts) { p.Key = append(p.Key, 'x') },
	} {
		var p parts
		require.NoError(t, ssh.Unmarshal(bytes.Clone(block.Bytes), &p)) // whose fields are parts of it
		change(&p)
		_, err := verify(message, pem.EncodeToMemory(&pem.Block{Type: armorType, Bytes: ssh.Marshal(p)}))
		assert.Equal(t, name == "as it is", err == nil, name)
	}
}

func FuzzStatement(f *testing.F) {
	f.Add([]byte(minimal))
	f.Add([]byte(strings.Replace(minimal, `"files":{}`, `"files":{"sod":"dwA="},"chip":{"outcome":"performed","key_id":1}`, 1)))
	f.Fuzz(func(t *testing.T, line []byte) {
		s, err := parseStatement(line)
		if err == nil {
			require.NoError(t, s.Check())
		}
	})
}

func FuzzSignature(f *testing.F) {
	key, _, err := GenerateKey()
	require.NoError(f, err)
	message := []byte("message")
	good, err := key.sign(message)
	require.NoError(f, err)
	f.Add(good)
	f.Add([]byte(armorBegin + "U1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----\n"))
	f.Fuzz(func(t *testing.T, armored []byte) {
		by, err := verify(message, armored)
		if err == nil && by == key.Public() {
			require.Equal(t, good, armored, "two spellings of one signature")
		}
	})
}

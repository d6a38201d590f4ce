package ledger

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func full() Record {
	at := time.Date(2026, 11, 22, 10, 45, 0, 123e6, time.UTC)
	return Record{
		ID: "id", Kind: Verification, Time: at, Recorded: at, Desk: "d", Operator: "o", Purpose: "p", Transaction: "t", Verdict: "accepted",
		Checks: []string{"a=passed", ""}, Match: "match", Fields: []string{"surname"}, Basis: "consent", Answers: []string{"over-18=yes"},
		Keep: at.Truncate(24 * time.Hour), Pseudonym: "x", Detail: map[string]string{"z": "\"\\\b\f\n\r\t\x01<&>é\u2028", "a": ""}, Clock: "-1s",
	}
}

func TestCanonical(t *testing.T) {
	canonical, err := full().Canonical()
	require.NoError(t, err)
	assert.Equal(t, `{"answers":["over-18=yes"],"basis":"consent","checks":["a=passed",""],"clock":"-1s","desk":"d",`+
		`"detail":{"a":"","z":"\"\\\b\f\n\r\t\u0001<&>é`+"\u2028"+`"},"fields":["surname"],"id":"id","keep":"2026-11-22","kind":"verification",`+
		`"match":"match","operator":"o","pseudonym":"x","purpose":"p","recorded":"2026-11-22T10:45:00.123Z","time":"2026-11-22T10:45:00.123Z",`+
		`"transaction":"t","verdict":"accepted"}`, string(canonical))
	back, err := ParseRecord(canonical)
	require.NoError(t, err)
	assert.Equal(t, full(), back)
}

func TestOnlyCanonicalRecords(t *testing.T) {
	canonical, err := full().Canonical()
	require.NoError(t, err)
	for name, change := range map[string][2]string{
		"space": {`,"id"`, `, "id"`}, "unknown": {`"id"`, `"ix"`}, "capital": {`"id"`, `"ID"`}, "twice": {`"id":"id"`, `"id":"id","id":"id"`},
		"kind": {`verification"`, `rumour"`}, "time": {`10:45:00.123Z","trans`, `10:45:00Z","trans`}, "day": {`"2026-11-22"`, `"2026-11-31"`},
		"escape": {`é`, `\u00e9`}, "type": {`"d"`, `4`}, "detail key": {`"a":""`, `"a b":""`},
	} {
		changed := strings.Replace(string(canonical), change[0], change[1], 1)
		require.NotEqual(t, string(canonical), changed, name)
		_, err := ParseRecord([]byte(changed))
		assert.ErrorIs(t, err, ErrRecord, name)
	}
	_, err = ParseRecord(append(canonical, ' '))
	assert.ErrorIs(t, err, ErrRecord)
	for name, spoil := range map[string]func(*Record){
		"no id": func(r *Record) { r.ID = "" }, "bytes": func(r *Record) { r.Desk = "\xff" }, "nul": func(r *Record) { r.Fields = []string{"\x00"} },
		"year": func(r *Record) { r.Time = time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC) }, "long": func(r *Record) { r.Match = strings.Repeat("x", maxRecord) },
		"list": func(r *Record) { r.Checks = make([]string, maxList+1) },
	} {
		r := full()
		spoil(&r)
		_, err := r.Canonical()
		assert.ErrorIs(t, err, ErrRecord, name)
	}
}

func TestRanges(t *testing.T) {
	numbers := []uint64{3, 5, 6, 7, 12}
	assert.Equal(t, "3 5-7 12", ranges(numbers))
	back, err := parseRanges("3 5-7 12", 13)
	require.NoError(t, err)
	assert.Equal(t, numbers, back)
	for _, wrong := range []string{"", "x", "3 ", "5-3", "3 3", "7 5", "12-13", "1-18446744073709551615"} {
		_, err := parseRanges(wrong, 13)
		assert.Error(t, err, wrong)
	}
}

func TestSealedIsBound(t *testing.T) {
	key, salt, canonical := random(keySize), random(saltSize), []byte("record")
	leaf := Leaf(salt, canonical)
	sealed, err := seal(key, 4, leaf, salt, canonical)
	require.NoError(t, err)
	gotSalt, got, err := unseal(key, 4, leaf, sealed)
	require.NoError(t, err)
	assert.Equal(t, [][]byte{salt, canonical}, [][]byte{gotSalt, got})
	for name, try := range map[string]func() error{
		"slot":  func() error { _, _, err := unseal(key, 5, leaf, sealed); return err },
		"leaf":  func() error { _, _, err := unseal(key, 4, random(32), sealed); return err },
		"key":   func() error { _, _, err := unseal(random(keySize), 4, leaf, sealed); return err },
		"short": func() error { _, _, err := unseal(key, 4, leaf, sealed[:20]); return err },
	} {
		assert.ErrorIs(t, try(), errSealed, name)
	}
}

func FuzzParseRecord(f *testing.F) {
	canonical, err := full().Canonical()
	require.NoError(f, err)
	f.Add(canonical)
	f.Add([]byte(`{"id":"1","kind":"refusal","recorded":"2026-11-22T10:45:00.000Z","time":"1970-01-01T00:00:00.000Z"}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ParseRecord(text)
		if err != nil {
			return
		}
		back, err := r.Canonical()
		require.NoError(t, err)
		require.Equal(t, text, back)
	})
}

func FuzzParseProof(f *testing.F) {
	f.Add([]byte("c2sp.org/tlog-proof@v1\nextra eyJsZWFmIjoiQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQT0ifQ==\nindex 0\n\ntest/ledger\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— test/ledger AAAA\n"))
	f.Add([]byte("c2sp.org/tlog-proof@v1\nindex 7\n\n"))
	const key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
	f.Fuzz(func(t *testing.T, file []byte) {
		if p, _, err := parseProof(file); err == nil {
			require.Equal(t, file, p.Marshal())
		}
		_, err := CheckProof(file, key, "")
		require.Error(t, err) // nobody has signed anything with this key
	})
}

package policyfile_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/pki"
	"cnie/pki/policyfile"
)

//go:generate go test . -run TestPublishedSchema -update

var update = flag.Bool("update", false, "write docs/policy.schema.json anew")

const everything = `# every key of the format
name: counters of the town hall
allow-bac: true
allow-unverified-issuer: true
allow-signing-outside-key-use: true
allow-other-document-type: true
allow-countries:
  CHN: [HK, MO]
allow-algorithms:
  - {hash-bits: 160, rsa-bits: 1024, curve-bits: 160}
  - {from: 2020-01-31, hash-bits: 224, rsa-bits: 2048, curve-bits: 224}
allow-expired-document-days: 30
allow-crl-age-days: 120
allow-trust-age-days: 365
allow-open: [revocation, chip]
`

func TestParse(t *testing.T) {
	strict, err := policyfile.Parse([]byte("{}"))
	require.NoError(t, err)
	assert.Equal(t, pki.Policy{}, strict)

	got, err := policyfile.Parse([]byte(everything))
	require.NoError(t, err)
	const day = 24 * time.Hour
	assert.Equal(t, pki.Policy{
		Name: "counters of the town hall", AllowBAC: true, AllowUnverifiedIssuer: true, AllowSigningOutsideKeyUse: true, AllowOtherDocumentType: true,
		AllowCountries: map[string][]string{"CHN": {"HK", "MO"}},
		AllowAlgorithms: []pki.Floor{
			{Hash: 160, RSA: 1024, Curve: 160},
			{From: time.Date(2020, 1, 31, 0, 0, 0, 0, time.UTC), Hash: 224, RSA: 2048, Curve: 224},
		},
		AllowExpiredDocument: 30 * day, AllowCRLAge: 120 * day, AllowTrustAge: 365 * day,
		AllowOpen: []pki.Axis{pki.AxisRevocation, pki.AxisChip},
	}, got)
	got.At = time.Now()
	_, err = pki.NewVerifier(nil, got)
	assert.NoError(t, err, "what the file takes, the judge takes")
}

// TestEveryFieldIsAKey fails when the policy gains a field that no file can set.
func TestEveryFieldIsAKey(t *testing.T) {
	got, err := policyfile.Parse([]byte(everything))
	require.NoError(t, err)
	v := reflect.ValueOf(got)
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; name != "At" {
			assert.False(t, v.Field(i).IsZero(), "no key sets %s", name)
		}
	}
}

func TestMistakes(t *testing.T) {
	algorithms := func(line string) string { return "allow-algorithms:\n  - " + line + "\n" }
	for want, text := range map[string]string{
		"1:1: the file is empty; the strict default is written {}": "",
		"1:12: tags, anchors and aliases have no place here":       "allow-bac: !!bool true\n",
		"3:8: tags, anchors and aliases have no place here":        "allow-countries:\n  CHN: [HK]\n  TWN: &x [HK]\n",
		"1:1: there is more than one document":                     "{}\n---\nallow-bac: true\n",
		"2:1: unknown field \"alow-bac\"":                          "name: x\nalow-bac: true\n",
		"2:6: unknown field \"until\"":                             algorithms("{until: 2020-01-01}"),
		"2:13: the name is longer":                                 "\nname:       " + strings.Repeat("a", 81),
		"2:1: mapping key \"allow-bac\" already defined at [1:1]":  "allow-bac: true\nallow-bac: false\n",
		"1:12: cannot unmarshal string into Go struct field":       "allow-bac: sometimes\n",
		"1:12: cannot unmarshal uint64 into Go struct":             "allow-bac: 1\n",
		"1:21: allow-crl-age-days is a number of days up to 3653":  "allow-crl-age-days: 4000\n",
		"1:21: allow-crl-age-days is a number in plain digits":     "allow-crl-age-days: 0120\n", // 80 to some
		"1:22: allow-crl-age-days is a number in plain digits":     "allow-crl-age-days:  30.9\n",
		"1:23: allow-crl-age-days is a number in plain digits":     "allow-crl-age-days:   1e2\n",
		"1:24: allow-crl-age-days is a number in plain digits":     "allow-crl-age-days:    0x10\n",
		"1:25: allow-crl-age-days is a number in plain digits":     "allow-crl-age-days:     1_2\n",
		"1:26: allow-crl-age-days is a number in plain digits":     "allow-crl-age-days:      \"30\"\n",
		"2:32: rsa-bits is a number in plain digits":               algorithms("{hash-bits: 256, rsa-bits: 03072, curve-bits: 256}"), // 1594
		"1:7: the name has a character that has no shape":          "name: \"x.\\nThe chip must be opened by PACE.\"\n",
		"1:8: the name has a character that has no shape":          "name:  \"x\\u202e\"\n",
		"1:9: a policy that allows anything is not the strict":     "name:   The  Strict default\nallow-bac: true\n",
		"2:23: allow-trust-age-days is a number of days":           "\nallow-trust-age-days: -1\n",
		"1:26: only chip, validity and revocation may be open":     "allow-open: [revocation, issuer]\n",
		"2:10: \"Morocco\" is no State":                            "allow-countries:\n  Morocco: [MA]\n",
		"2:9: \"MAR\" is no country of two letters":                "allow-countries:\n  MAR: [MAR]\n",
		"2:8: MAR needs a list of countries":                       "allow-countries:\n  MAR: []\n",
		"2:12: a date is written 2020-01-31":                       algorithms("{from: \"31.1.2020\", hash-bits: 1, rsa-bits: 1, curve-bits: 1}"),
		"2:17: hash-bits is a size, which each line has to give":   algorithms("{hash-bits: 0, rsa-bits: 1, curve-bits: 1}"),
		"3:5: the lines are ordered by date, the oldest first":     algorithms("{hash-bits: 1, rsa-bits: 1, curve-bits: 1}") + "  - {hash-bits: 1, rsa-bits: 1, curve-bits: 1}\n",
		"1:1: the file is larger than any policy":                  strings.Repeat("#\n", 1<<13+1),
		"1:1: string was used where mapping is expected":           "strict\n",
		"1:1: sequence end token":                                  "[",
	} {
		t.Run(want, func(t *testing.T) {
			_, err := policyfile.Parse([]byte(text))
			var wrong *policyfile.Error
			require.ErrorAs(t, err, &wrong)
			assert.Contains(t, err.Error(), want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

// TestPublishedSchema keeps docs/policy.schema.json equal to what the program
// prints.
func TestPublishedSchema(t *testing.T) {
	const published = "../../docs/policy.schema.json"
	if *update {
		require.NoError(t, os.WriteFile(published, policyfile.Schema, 0o644))
	}
	got, err := os.ReadFile(published)
	require.NoError(t, err)
	assert.Equal(t, string(policyfile.Schema), string(got), "run `make generate`")
}

// schema is the part of JSON Schema that ours uses.
type schema struct {
	Type       string
	Properties map[string]schema
	Items      *schema
	Closed     json.RawMessage `json:"additionalProperties"`
	About      string          `json:"description"`
}

// TestSchemaFitsTheStruct compares the schema's keys and types with those that
// the parser takes.
func TestSchemaFitsTheStruct(t *testing.T) {
	var s schema
	require.NoError(t, json.Unmarshal(policyfile.Schema, &s))
	fits(t, s, reflect.TypeFor[policyfile.File]())
}

func fits(t *testing.T, s schema, of reflect.Type) {
	assert.Equal(t, "false", string(s.Closed), "%v takes no other keys", of)
	keys := map[string]bool{}
	for i := range of.NumField() {
		field := of.Field(i)
		key := field.Tag.Get("yaml")
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		assert.Equal(t, key, name)
		keys[key] = true
		property, has := s.Properties[key]
		require.True(t, has, "the schema lacks %s", key)
		assert.NotEmpty(t, property.About, key)
		assert.Equal(t, map[reflect.Kind]string{
			reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer", reflect.Map: "object", reflect.Slice: "array",
		}[field.Type.Kind()], property.Type, key)
		if property.Type == "array" && field.Type.Elem().Kind() == reflect.Struct {
			fits(t, *property.Items, field.Type.Elem())
		}
	}
	for key := range s.Properties {
		assert.True(t, keys[key], "the parser does not know %s", key)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(everything))
	f.Add([]byte("{}"))
	f.Add([]byte("allow-open: [chip"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if bytes.Count(content, []byte{'['})+bytes.Count(content, []byte{'{'}) > 100 {
			return // the parser's time grows with the square of the nesting
		}
		policy, err := policyfile.Parse(content)
		if err != nil {
			return
		}
		assert.NoError(t, policy.Check())
		assert.NotEmpty(t, policy.Sentences())
	})
}

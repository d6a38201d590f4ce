package pkcs11_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/esign/pkcs11"
)

func TestURI(t *testing.T) {
	for s, c := range map[string]struct{ again, module string }{
		"pkcs11:": {"pkcs11:", ""},
		"pkcs11:token=The%20Software%20PKCS%2311%20Softtoken": {"pkcs11:token=The%20Software%20PKCS%2311%20Softtoken", ""},
		"pkcs11:type=cert;object=My%20Key":                    {"pkcs11:object=My%20Key;type=cert", ""},
		"pkcs11:id=A%ff?module-path=/usr/lib/x.so":            {"pkcs11:id=%41%FF?module-path=/usr/lib/x.so", "/usr/lib/x.so"},
		"pkcs11:?module-path=a%3bb":                           {"pkcs11:?module-path=a%3Bb", "a;b"},
		"pkcs11:slot-id=0;library-version=3.11;manufacturer=": {"pkcs11:library-version=3.11;manufacturer=;slot-id=0", ""},
		"pkcs11:model=a&b=c":                                  {"pkcs11:model=a&b=c", ""},
		"pkcs11:token=%D8%A3%D9%85%D9%8A%D9%86%D8%A9":         {"pkcs11:token=%D8%A3%D9%85%D9%8A%D9%86%D8%A9", ""},
		"pkcs11:library-version=3":                            {"pkcs11:library-version=3", ""},
	} {
		u, err := pkcs11.ParseURI(s)
		require.NoError(t, err, s)
		assert.Equal(t, c.module, u.Module)
		assert.Equal(t, c.again, u.String())
	}
}

func TestURIThatIsNone(t *testing.T) {
	for name, s := range map[string]string{
		"empty":                 "",
		"another scheme":        "http:token=x",
		"scheme in capitals":    "PKCS11:token=x",
		"unknown attribute":     "pkcs11:colour=red",
		"twice":                 "pkcs11:token=a;token=a",
		"without value":         "pkcs11:token",
		"empty attribute":       "pkcs11:token=a;",
		"blank":                 "pkcs11:token=a b",
		"slash in a path":       "pkcs11:token=a/b",
		"half a percent":        "pkcs11:token=a%2",
		"percent of nothing":    "pkcs11:token=%zz",
		"no UTF-8":              "pkcs11:token=%ff",
		"empty identifier":      "pkcs11:id=",
		"slot without digits":   "pkcs11:slot-id=one",
		"slot without end":      "pkcs11:slot-id=99999999999999999999",
		"version":               "pkcs11:library-version=3.",
		"type that signs not":   "pkcs11:type=secret-key",
		"control":               "pkcs11:token=\x00",
		"two question marks":    "pkcs11:?a=b?module-path=x",
		"unknown query":         "pkcs11:?colour=red",
		"module twice":          "pkcs11:?module-path=a&module-path=a",
		"module without a name": "pkcs11:?module-path=",
		"module with a zero":    "pkcs11:?module-path=a%00b",
		"module by short name":  "pkcs11:?module-name=opensc",
		"PIN":                   "pkcs11:?pin-value=4711",
		"place of a PIN":        "pkcs11:?pin-source=file:/tmp/4711",
		"too long":              "pkcs11:token=" + strings.Repeat("4711", 2000),
		"too long once encoded": "pkcs11:id=" + strings.Repeat("4711", 500),
	} {
		_, err := pkcs11.ParseURI(s)
		require.ErrorIs(t, err, pkcs11.ErrURI, name)
		assert.NotContains(t, err.Error(), "4711", "values are not repeated")
	}
}

// FuzzURI wants whatever is accepted to mean the same when it is written again.
func FuzzURI(f *testing.F) {
	for _, seed := range []string{"pkcs11:", "pkcs11:id=%01;token=a?module-path=/x.so", "pkcs11:object=%D8%A3;type=private", "pkcs11:slot-id=1;slot-id=1", "pkcs11:%", "pkcs11:?&"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := pkcs11.ParseURI(s)
		if err != nil {
			require.ErrorIs(t, err, pkcs11.ErrURI)
			return
		}
		again, err := pkcs11.ParseURI(u.String())
		require.NoError(t, err)
		assert.Equal(t, u, again)
		assert.Equal(t, u.String(), again.String())
	})
}

//go:build cgo

package esigntest_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/esign"
	"cnie/cardreader/esign/esigntest"
	"cnie/cardreader/esign/piv"
	"cnie/cardreader/esign/pkcs11"
	"cnie/cardreader/esign/yubikey"
	"cnie/cardreader/pcsc"
	"cnie/internal/pcscd"
	"cnie/internal/secret"
	pretend "cnie/simulator/piv"
	"cnie/simulator/vpcd"
)

const pin = "123456"

// mixed has the algorithms of a real card: an elliptic curve to sign, RSA beside it.
var mixed = map[pretend.Slot]pretend.Algorithm{
	pretend.Signature: pretend.P256, pretend.Authentication: pretend.RSA2048, pretend.KeyManagement: pretend.RSA3072, pretend.CardAuthentication: pretend.P384,
}

// signing is without the key that OpenSC lets do nothing but decrypt.
var signing = map[pretend.Slot]pretend.Algorithm{
	pretend.Signature: pretend.P256, pretend.Authentication: pretend.RSA3072, pretend.CardAuthentication: pretend.P384,
}

// opener is a back end.
type opener func(t testing.TB, reader string, o esign.Options) (*esign.Token, error)

// opensc finds OpenSC's module.
func opensc(t testing.TB) string {
	for _, pattern := range []string{"/usr/lib/*/opensc-pkcs11.so", "/usr/lib64/opensc-pkcs11.so", "/usr/lib/opensc-pkcs11.so"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[0]
		}
	}
	require.Fail(t, "OpenSC's PKCS #11 module is not installed; run `make deps-test`")
	return ""
}

// TestThroughPCSC holds the three back ends to the contract over a real PC/SC
// service. There is one service for all: the client library looks for it once in
// the life of a process.
func TestThroughPCSC(t *testing.T) {
	daemon := pcscd.Start(t, pcscd.Options{})
	bySlot := map[string]string{"9C": "P-256", "9A": "RSA-2048", "9D": "RSA-3072", "9E": "P-384"}
	cases := []struct {
		name    string
		keys    map[pretend.Slot]pretend.Algorithm
		options []pretend.Option
		bench   esigntest.Bench
		open    opener
	}{
		{"piv", mixed, nil, esigntest.Bench{Keys: bySlot, Always: "9C", Once: "9A", Never: "9E"}, overPIV()},
		{"yubikey", mixed, []pretend.Option{pretend.WithYubico()}, esigntest.Bench{Keys: bySlot, Always: "9C", Once: "9A", Never: "9E"}, overGoPIV},
		{"OpenSC", signing, nil, esigntest.Bench{Keys: map[string]string{"02": "P-256", "01": "RSA-3072", "04": "P-384"}, Always: "02", Once: "01", Vague: true}, overOpenSC},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			c := inReader(t, daemon, test.keys, nil, test.options...)
			b := test.bench
			b.PIN, b.Left, b.Refill, b.Wire = pin, c.left, c.refill, c.wire
			b.Pull, b.Insert = c.pull, func() { c.remove(); c.insert() }
			b.Open = func(t testing.TB, o esign.Options) *esign.Token {
				var token *esign.Token
				var err error
				require.Eventually(t, func() bool { // a command that was given up holds the card for a while
					token, err = test.open(t, c.reader, o)
					return !errors.Is(err, cardreader.ErrReaderBusy)
				}, 5*time.Second, 20*time.Millisecond)
				require.NoError(t, err)
				return token
			}
			esigntest.Run(t, b)
		})
	}
	t.Run("yubikey tells more", func(t *testing.T) { tellsMore(t, daemon) })
	t.Run("yubikey that is none", func(t *testing.T) { noYubiKey(t, daemon) })
	t.Run("OpenSC and a key that must not sign", func(t *testing.T) { mustNotSign(t, daemon) })
}

// inReader lays a card on the first reader until the test ends.
func inReader(t *testing.T, daemon *pcscd.Daemon, keys map[pretend.Slot]pretend.Algorithm, change func(*pretend.Contents), options ...pretend.Option) *card {
	contents, err := pretend.Specimen("SPECIMEN AMINA", keys)
	require.NoError(t, err)
	if change != nil {
		change(contents)
	}
	c := &card{t: t, contents: contents, options: options, reader: daemon.Readers[0], address: fmt.Sprintf("127.0.0.1:%d", daemon.Ports[0]), wire: &esigntest.Wire{}}
	c.refill()
	c.insert()
	t.Cleanup(c.remove)
	return c
}

func typed(context.Context, esign.Ask) (secret.Bytes, error) { return secret.New([]byte(pin)), nil }

var digest = sha256.Sum256([]byte("SPECIMEN"))

// overPIV has one connection at a time: it is exclusive.
func overPIV() opener {
	var held cardreader.Card
	return func(t testing.TB, reader string, o esign.Options) (*esign.Token, error) {
		if held != nil {
			require.NoError(t, held.Close())
		}
		var err error
		if held, err = pcsc.New().Connect(t.Context(), reader); err != nil {
			held = nil
			return nil, err
		}
		last := held
		t.Cleanup(func() { assert.NoError(t, last.Close()) })
		return piv.Open(t.Context(), apdu.NewChannel(held), o)
	}
}

func overGoPIV(t testing.TB, reader string, o esign.Options) (*esign.Token, error) {
	return yubikey.Open(t.Context(), pcsc.New(), reader, o)
}

func overOpenSC(t testing.TB, reader string, o esign.Options) (*esign.Token, error) {
	u, err := pkcs11.ParseURI("pkcs11:?module-path=" + opensc(t))
	require.NoError(t, err)
	tokens, err := pkcs11.Open(t.Context(), u, o)
	if err != nil {
		return nil, err
	}
	require.Len(t, tokens, 1)
	return tokens[0], nil
}

var _ vpcd.Card = (*card)(nil)

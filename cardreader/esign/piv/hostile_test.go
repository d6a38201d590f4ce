package piv_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto"
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/apdu/tlv"
	"cnie/cardreader/esign"
	"cnie/cardreader/esign/piv"
	"cnie/internal/secret"
	pretend "cnie/simulator/piv"
)

var curves = map[pretend.Slot]pretend.Algorithm{pretend.Signature: pretend.P256, pretend.Authentication: pretend.P384}

var digest = sha256.Sum256([]byte("SPECIMEN"))

func typed(ctx context.Context, _ esign.Ask) (secret.Bytes, error) {
	return secret.New([]byte(pin)), ctx.Err()
}

// slots lists what can be read, and what is wrong with the rest.
func (d *desk) slots() (found string, err error) {
	keys, err := d.open(d.t, esign.Options{}).Keys(d.t.Context())
	for _, key := range keys {
		found += key.Description().Slot + " "
	}
	return strings.TrimSpace(found), err
}

func packed(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(content)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// Certificates as they should not be, and as they seldom are. One bad certificate
// does not hide the others.
func TestCertificates(t *testing.T) {
	honest := specimen(t, curves).Objects[pretend.Signature.Certificate()]
	field, err := tlv.ReadAll(honest, 8)
	require.NoError(t, err)
	der := field[0].Value
	object := func(content []byte, kept ...byte) []byte {
		return append(append(tlv.Encode(0x70, content), tlv.Encode(0x71, kept)...), 0xFE, 0)
	}
	for name, c := range map[string]struct {
		object []byte
		found  string
	}{
		"honest":                  {honest, "9C 9A"},
		"without remarks":         {tlv.Encode(0x70, der), "9C 9A"},
		"packed":                  {object(packed(t, der), 1), "9C 9A"},
		"packed without saying":   {object(packed(t, der), 0), "9A"},
		"said to be packed":       {object(der, 1), "9A"},
		"a bomb":                  {object(packed(t, make([]byte, 1<<20)), 1), "9A"},
		"half a packet":           {object(packed(t, der)[:100], 1), "9A"},
		"bytes after it":          {object(append(bytes.Clone(der), 0), 0), "9A"},
		"no certificate":          {tlv.Encode(0x71, []byte{0}), "9A"},
		"an empty one":            {object(nil, 0), "9A"},
		"a length beyond the end": {[]byte{0x70, 0x82, 0xFF, 0xFF, 0x30}, "9A"},
		"larger than any":         {make([]byte, 17<<10), "9A"},
		"too many fields":         {bytes.Repeat([]byte{0x71, 0}, 40), "9A"},
	} {
		contents := specimen(t, curves)
		contents.Objects[pretend.Signature.Certificate()] = c.object
		found, err := newDesk(t, contents).slots()
		assert.Equal(t, c.found, found, name)
		assert.Equal(t, c.found == "9C 9A", err == nil, "%s: %v", name, err)
		if err != nil {
			assert.ErrorContains(t, err, "read certificate 9C", name)
		}
	}
}

// A key without a certificate cannot be known, and a certificate without its key
// cannot sign.
func TestHalfAKey(t *testing.T) {
	contents := specimen(t, curves)
	delete(contents.Objects, pretend.Signature.Certificate())
	found, err := newDesk(t, contents).slots()
	require.NoError(t, err)
	assert.Equal(t, "9A", found)

	contents = specimen(t, curves)
	delete(contents.Keys, pretend.Signature)
	_, err = newDesk(t, contents).key("9C", esign.Options{Ask: typed}).Sign(nil, digest[:], crypto.SHA256)
	assert.ErrorIs(t, err, apdu.ErrNotSupported)
}

// The certificate of another key is a lie that shows with the first signature.
func TestWrongCertificate(t *testing.T) {
	contents, other := specimen(t, curves), specimen(t, map[pretend.Slot]pretend.Algorithm{pretend.CardAuthentication: pretend.P256})
	contents.Objects[pretend.Signature.Certificate()] = other.Objects[pretend.CardAuthentication.Certificate()]
	_, err := newDesk(t, contents).key("9C", esign.Options{Ask: typed}).Sign(nil, digest[:], crypto.SHA256)
	assert.ErrorIs(t, err, esign.ErrSignature)
}

// Cards without the application, and with answers that cannot be read.
func TestOpen(t *testing.T) {
	for name, c := range map[string]struct {
		change func(command []byte) []byte
		want   error
	}{
		"not found":            {func(b []byte) []byte { return when(b[1] == 0xA4, 0x6A, 0x82) }, piv.ErrNoApplication},
		"no selection":         {func(b []byte) []byte { return when(b[1] == 0xA4, 0x6D, 0x00) }, piv.ErrNoApplication},
		"no objects":           {func(b []byte) []byte { return when(b[1] == 0xCB, 0x6A, 0x82) }, nil},
		"no such instruction":  {func(b []byte) []byte { return when(b[1] == 0xCB, 0x6D, 0x00) }, nil},
		"discovery is not TLV": {func(b []byte) []byte { return when(b[1] == 0xCB && b[6] == 1, 0x7E, 3, 0x5F, 0x2F, 5, 0x90, 0) }, new(tlv.SyntaxError)},
		"policy of one byte":   {func(b []byte) []byte { return when(b[1] == 0xCB && b[6] == 1, 0x7E, 4, 0x5F, 0x2F, 1, 0x40, 0x90, 0) }, new(tlv.SyntaxError)},
		"no policy":            {func(b []byte) []byte { return when(b[1] == 0xCB && b[6] == 1, 0x7E, 2, 0x4F, 0, 0x90, 0) }, nil},
		"a long GUID": {func(b []byte) []byte {
			return when(b[1] == 0xCB && b[6] == 3, append(append([]byte{0x53, 20, 0x34, 18}, make([]byte, 18)...), 0x90, 0)...)
		}, new(tlv.SyntaxError)},
		"an identifier of one": {func(b []byte) []byte { return when(b[1] == 0xCB && b[6] == 3, 0x53, 1, 0x34, 0x90, 0) }, new(tlv.SyntaxError)},
		"security status":      {func(b []byte) []byte { return when(b[1] == 0xCB, 0x69, 0x82) }, apdu.ErrSecurityStatus},
		"pieces without end":   {func(b []byte) []byte { return when(b[1] != 0xA4, append(make([]byte, 255), 0x61, 0xFF)...) }, apdu.ErrLimit},
	} {
		d := newDesk(t, specimen(t, curves))
		d.wire.Change(func(command []byte, next func([]byte) []byte) []byte {
			if answer := c.change(command); answer != nil {
				return answer
			}
			return next(command)
		})
		token, err := piv.Open(t.Context(), d.channel(), esign.Options{})
		var syntax *tlv.SyntaxError
		switch c.want.(type) {
		case nil:
			require.NoError(t, err, name)
			require.NoError(t, token.Close())
		case *tlv.SyntaxError:
			assert.ErrorAs(t, err, &syntax, name)
		default:
			assert.ErrorIs(t, err, c.want, name)
		}
	}
}

// when is an answer for some commands.
func when(condition bool, answer ...byte) []byte {
	if condition {
		return answer
	}
	return nil
}

// A card whose holder knows the global PIN is given that one.
func TestGlobalPIN(t *testing.T) {
	for policy, reference := range map[[2]byte]byte{{0x40, 0x00}: 0x80, {0x60, 0x10}: 0x80, {0x60, 0x20}: 0x00, {0x40, 0x20}: 0x80} {
		d := newDesk(t, specimen(t, curves))
		var asked []byte
		d.wire.Change(func(command []byte, next func([]byte) []byte) []byte {
			switch {
			case command[1] == 0xCB && command[6] == 1:
				return append(tlv.Encode(0x7E, tlv.Encode(0x5F2F, policy[:])), 0x90, 0)
			case command[1] == 0x20:
				asked = append(asked, command[3])
				return []byte{0x69, 0x83}
			}
			return next(command)
		})
		_, err := d.key("9C", esign.Options{Ask: typed}).Sign(nil, digest[:], crypto.SHA256)
		assert.ErrorIs(t, err, esign.ErrPINBlocked)
		assert.Equal(t, []byte{reference}, asked)
	}
}

// What VERIFY can answer beside the usual.
func TestPINDialogue(t *testing.T) {
	for name, c := range map[string]struct {
		tries, verify []byte
		want          error
		left          int
	}{
		"blocked in other words": {[]byte{0x63, 0xC0}, nil, esign.ErrPINBlocked, 0},
		"wrong without a number": {[]byte{0x63, 0xC3}, []byte{0x63, 0x00}, esign.ErrWrongPIN, esign.Unknown},
		"the last one was wrong": {[]byte{0x63, 0xC2}, []byte{0x69, 0x83}, esign.ErrPINBlocked, 0},
		"tries are not told":     {[]byte{0x69, 0x82}, nil, apdu.ErrSecurityStatus, 0},
		"no VERIFY":              {[]byte{0x6D, 0x00}, nil, apdu.ErrNotSupported, 0},
		"another refusal":        {[]byte{0x63, 0xC3}, []byte{0x6A, 0x80}, nil, 0},
	} {
		d := newDesk(t, specimen(t, curves))
		d.wire.Change(func(command []byte, next func([]byte) []byte) []byte {
			switch {
			case command[1] == 0x20 && len(command) > 5:
				return c.verify
			case command[1] == 0x20:
				return c.tries
			}
			return next(command)
		})
		_, err := d.key("9C", esign.Options{Ask: typed}).Sign(nil, digest[:], crypto.SHA256)
		require.Error(t, err, name)
		if c.want != nil {
			assert.ErrorIs(t, err, c.want, name)
		}
		var refusal *esign.PINError
		if assert.Equal(t, c.want == esign.ErrWrongPIN || c.want == esign.ErrPINBlocked, asPIN(err, &refusal), name) && refusal != nil {
			assert.Equal(t, c.left, refusal.Left, name)
		}
	}
}

package order_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/order"
)

const (
	id         = order.ID("aaaaaaaaaaaaaaaaaaaaaaaaaa")
	other      = order.ID("baaaaaaaaaaaaaaaaaaaaaaaaa")
	credential = order.Credential("aaaaaaaaaaaaaaaaaaaaaaaa")
)

func digest() []byte {
	sum := sha256.Sum256([]byte("x"))
	return sum[:]
}

// request is an order that is right in every respect.
func request(change ...func(*order.Order)) *order.Order {
	created := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	o := &order.Order{
		Version: order.Version, ID: id, Stage: order.Consent, Kind: order.Doc, Credential: credential,
		Requester: order.Requester{ID: "program", Name: "بلدية SPECIMEN"}, Purpose: "Ouvrir un compte <1>",
		Hash: order.SHA256, Signature: order.ECDSA, Documents: []order.Document{{Name: "report.pdf", Size: 10, Format: order.PAdES, Digest: digest()}},
		Created: created, Expires: created.Add(time.Minute),
	}
	for _, c := range change {
		c(o)
	}
	return o
}

func bare(o *order.Order) {
	o.Kind, o.Documents = order.Hash, []order.Document{{Digest: digest()}}
}

func access(o *order.Order) {
	o.Kind, o.Hash, o.Signature, o.Documents = order.Access, "", "", nil
}

func toSign(o *order.Order) { o.Stage, o.Consent, o.Token = order.Sign, other, "a.b-c_D" }

func TestOrdersComeBack(t *testing.T) {
	for name, change := range map[string][]func(*order.Order){"document": nil, "hash": {bare}, "access": {access}, "to sign": {toSign}, "hash to sign": {bare, toSign}} {
		o := request(change...)
		text, err := o.Encode()
		require.NoError(t, err, name)
		got, err := order.Parse(text)
		require.NoError(t, err, name)
		assert.Equal(t, o, got, name)
	}
}

func TestOrdersThatAreNotRight(t *testing.T) {
	for name, change := range map[string]func(*order.Order){
		"version":              func(o *order.Order) { o.Version = 2 },
		"identifier":           func(o *order.Order) { o.ID = "../../etc/passwd" },
		"credential":           func(o *order.Order) { o.Credential = "x" },
		"nobody asks":          func(o *order.Order) { o.Requester.Name = "" },
		"a name that hides":    func(o *order.Order) { o.Requester.Name = "A\x1b[2J" },
		"a name turned round":  func(o *order.Order) { o.Documents[0].Name = "fdp\u202Eexe.pdf" },
		"a path":               func(o *order.Order) { o.Documents[0].Name = "../x.pdf" },
		"a purpose of lines":   func(o *order.Order) { o.Purpose = "a\nb" },
		"a purpose too long":   func(o *order.Order) { o.Purpose = strings.Repeat("é", 501) },
		"not UTF-8":            func(o *order.Order) { o.Purpose = "\xff" },
		"too late":             func(o *order.Order) { o.Expires = o.Created },
		"parts of a second":    func(o *order.Order) { o.Expires = o.Expires.Add(1) },
		"local time":           func(o *order.Order) { o.Expires = o.Expires.In(time.FixedZone("", 3600)) },
		"no stage":             func(o *order.Order) { o.Stage = "" },
		"no kind":              func(o *order.Order) { o.Kind = "x" },
		"hash":                 func(o *order.Order) { o.Hash = "MD5" },
		"signature":            func(o *order.Order) { o.Signature = "dsa" },
		"no documents":         func(o *order.Order) { o.Documents = nil },
		"too many":             func(o *order.Order) { o.Documents = make([]order.Document, order.MaxDocuments+1) },
		"digest":               func(o *order.Order) { o.Documents[0].Digest = digest()[1:] },
		"no name":              func(o *order.Order) { o.Documents[0].Name = "" },
		"no size":              func(o *order.Order) { o.Documents[0].Size = 0 },
		"format":               func(o *order.Order) { o.Documents[0].Format = "xades" },
		"a hash with a size":   func(o *order.Order) { bare(o); o.Documents[0].Size = 3 },
		"access to documents":  func(o *order.Order) { o.Kind = order.Access },
		"consent with a token": func(o *order.Order) { o.Token = "a" },
		"a token that is none": func(o *order.Order) { toSign(o); o.Token = "a b" },
		"to sign without":      func(o *order.Order) { toSign(o); o.Token = "" },
		"to sign access":       func(o *order.Order) { access(o); toSign(o) },
	} {
		_, err := request(change).Encode()
		assert.ErrorIs(t, err, order.ErrMalformed, name)
	}
}

// There is one text for one order: what another reader might read otherwise is refused.
func TestOneText(t *testing.T) {
	text, err := request().Encode()
	require.NoError(t, err)
	for name, change := range map[string][2]string{
		"unknown member":   {`"version":1`, `"version":1,"extra":1`},
		"twice":            {`"stage":"consent"`, `"stage":"sign","stage":"consent"`},
		"in another case":  {`"stage":"consent"`, `"Stage":"consent"`},
		"null":             {`"purpose":`, `"consent":null,"purpose":`},
		"a space":          {`"version":1`, `"version": 1`},
		"base64 in lines":  {`"digest":"`, `"digest":"\n`},
		"time zone":        {`00Z"`, `00+00:00"`},
		"number":           {`"version":1`, `"version":1.0`},
		"something behind": {`Z"}`, `Z"}{}`},
	} {
		changed := strings.Replace(string(text), change[0], change[1], 1)
		require.NotEqual(t, string(text), changed, name)
		_, err := order.Parse([]byte(changed))
		assert.ErrorIs(t, err, order.ErrMalformed, name)
	}
	_, err = order.Parse(append(text, make([]byte, order.MaxOrder)...))
	assert.ErrorIs(t, err, order.ErrMalformed)
}

func TestAnswers(t *testing.T) {
	yes := order.Answer{Version: 1, Order: id, Outcome: order.Consented}
	made := order.Answer{Version: 1, Order: id, Outcome: order.Signed, Values: [][]byte{{1}}}
	refused, failed := order.Refuse(id, order.ByHolder), order.Refuse(id, order.NoCard)
	assert.Equal(t, order.Refused, refused.Outcome)
	assert.Equal(t, order.Failed, failed.Outcome)
	for _, a := range []order.Answer{yes, made, refused, failed} {
		text, err := a.Encode()
		require.NoError(t, err)
		got, err := order.ParseAnswer(text)
		require.NoError(t, err)
		assert.Equal(t, &a, got)
	}
	ask, sign := request(), request(toSign)
	assert.True(t, yes.Fits(ask))
	assert.False(t, yes.Fits(sign), "consent is no signature")
	assert.True(t, made.Fits(sign))
	assert.False(t, made.Fits(ask), "nothing is signed before consent")
	assert.True(t, refused.Fits(ask))
	two := made
	two.Values = [][]byte{{1}, {2}}
	assert.False(t, two.Fits(sign))
	foreign := order.Refuse(other, order.ByHolder)
	assert.False(t, foreign.Fits(ask))

	for name, a := range map[string]order.Answer{
		"no outcome":            {Version: 1, Order: id},
		"version":               {Version: 0, Order: id, Outcome: order.Consented},
		"signed nothing":        {Version: 1, Order: id, Outcome: order.Signed},
		"consent with values":   {Version: 1, Order: id, Outcome: order.Consented, Values: [][]byte{{1}}},
		"refused without":       {Version: 1, Order: id, Outcome: order.Refused},
		"refused for a failure": {Version: 1, Order: id, Outcome: order.Refused, Reason: order.NoCard},
		"failed for a refusal":  {Version: 1, Order: id, Outcome: order.Failed, Reason: order.ByHolder},
		"unknown reason":        {Version: 1, Order: id, Outcome: order.Failed, Reason: "x"},
		"empty value":           {Version: 1, Order: id, Outcome: order.Signed, Values: [][]byte{{}}},
		"large value":           {Version: 1, Order: id, Outcome: order.Signed, Values: [][]byte{make([]byte, order.MaxValue+1)}},
	} {
		_, err := a.Encode()
		assert.ErrorIs(t, err, order.ErrMalformed, name)
	}
}

func TestNames(t *testing.T) {
	made := order.NewID()
	got, err := order.ParseID(string(made))
	require.NoError(t, err)
	assert.Equal(t, made, got)
	assert.NotEqual(t, made, order.NewID())
	_, err = order.ParseID(strings.Repeat("a", 25) + "b") // bits that no identifier has
	require.ErrorIs(t, err, order.ErrMalformed)
	of := order.CredentialOf(&x509.Certificate{Raw: []byte("DER")})
	_, err = order.ParseCredential(string(of))
	require.NoError(t, err)
}

func TestAlgorithms(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	for _, c := range []struct {
		signature order.SignatureAlgorithm
		key       crypto.Signer
	}{{order.ECDSA, ec}, {order.RSAPKCS1, rs}, {order.RSAPSS, rs}} {
		for _, h := range []order.HashAlgorithm{order.SHA256, order.SHA384, order.SHA512} {
			hash := h.Hash().New()
			hash.Write([]byte("text"))
			value, err := c.key.Sign(rand.Reader, hash.Sum(nil), c.signature.Options(h))
			require.NoError(t, err)
			assert.True(t, c.signature.Fits(c.key.Public()))
			for _, as := range []order.SignatureAlgorithm{order.ECDSA, order.RSAPKCS1, order.RSAPSS} {
				assert.Equal(t, as == c.signature, as.Verify(c.key.Public(), h, hash.Sum(nil), value), "%s as %s", c.signature, as)
			}
			value[len(value)-1] ^= 1
			assert.False(t, c.signature.Verify(c.key.Public(), h, hash.Sum(nil), value))
		}
	}
	assert.Zero(t, order.HashAlgorithm("SHA-1").Hash())
}

func FuzzParse(f *testing.F) {
	for _, change := range [][]func(*order.Order){nil, {bare}, {access}, {toSign}} {
		text, err := request(change...).Encode()
		require.NoError(f, err)
		f.Add(text)
	}
	f.Add([]byte(`{"version":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := order.Parse(text)
		if err != nil {
			require.ErrorIs(t, err, order.ErrMalformed)
			return
		}
		again, err := o.Encode()
		require.NoError(t, err)
		require.Equal(t, string(bytes.TrimSpace(text)), string(again))
	})
}

func FuzzParseAnswer(f *testing.F) {
	for _, a := range []order.Answer{{Version: 1, Order: id, Outcome: order.Consented}, {Version: 1, Order: id, Outcome: order.Signed, Values: [][]byte{{1}}}, order.Refuse(id, order.Lost)} {
		text, err := a.Encode()
		require.NoError(f, err)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := order.ParseAnswer(text)
		if err != nil {
			require.ErrorIs(t, err, order.ErrMalformed)
			return
		}
		again, err := a.Encode()
		require.NoError(t, err)
		require.Equal(t, string(bytes.TrimSpace(text)), string(again))
	})
}

package piv_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator/piv"
)

func TestSpecimenIsTheSameEverywhere(t *testing.T) {
	one, err := json.Marshal(specimen(t, curves))
	require.NoError(t, err)
	two, err := json.Marshal(specimen(t, curves))
	require.NoError(t, err)
	assert.JSONEq(t, string(one), string(two))
	other, err := piv.Specimen("SPECIMEN BADR", curves)
	require.NoError(t, err)
	for slot := range curves {
		assert.NotEqual(t, specimen(t, curves).Keys[slot], other.Keys[slot])
	}
}

func TestSpecimenRefusals(t *testing.T) {
	for slot, algorithm := range map[piv.Slot]piv.Algorithm{0x82: piv.RSA2048, 0x9A: piv.AES128, 0x9B: piv.P256, 0x10: piv.RSA3072} {
		_, err := piv.Specimen("SPECIMEN", map[piv.Slot]piv.Algorithm{slot: algorithm})
		assert.Error(t, err, "%v", slot)
	}
}

// A used card goes to JSON and comes back: keys, objects, counters.
func TestContentsToJSONAndBack(t *testing.T) {
	x := insert(t, nil)
	x.steps([2]string{wrongPIN, "63c2"}, [2]string{"0024008110" + puk + "0001ff0203ffffff", "9000"})
	manage(t, x)
	x.steps([2]string{"0047009e05ac0380011400", "*"}, [2]string{"00db3fff0a5c035fc10953030102" + "03", "9000"})
	text, err := json.Marshal(x.app.Contents())
	require.NoError(t, err)
	assert.Contains(t, string(text), `"9E"`)
	assert.Contains(t, string(text), `"5FC109"`)
	var restored piv.Contents
	require.NoError(t, json.Unmarshal(text, &restored))
	assert.Equal(t, x.app.Contents(), &restored)
	again := insert(t, &restored)
	again.steps([2]string{"00200080", "63c2"}, [2]string{verifyPIN, "9000"}, [2]string{"00cb3fff055c035fc10900", "53030102039000"})
}

func TestContentsFromBadJSON(t *testing.T) {
	foreign, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	small, err := x509.MarshalPKCS8PrivateKey(foreign)
	require.NoError(t, err)
	short, err := json.Marshal(map[string]any{"Keys": map[string]any{"9A": map[string]any{"Private": small}}})
	require.NoError(t, err)
	for _, text := range []string{`{"Keys":{"9A":{"Private":"AAAA"}}}`, `{"Keys":{"9A":7}}`, `{"Keys":{"XY":{}}}`, `{"Objects":{"XY":""}}`, `{"Keys":{"19A":{}}}`, string(short)} {
		assert.Error(t, json.Unmarshal([]byte(text), &piv.Contents{}), text)
	}
	good, err := json.Marshal(specimen(t, curves))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(good, &piv.Contents{}))
	for _, c := range [][2]string{{`"Left":3`, `"Left":4`}, {`"Left":3`, `"Left":-1`}, {`"Tries":3`, `"Tries":0`}, {`"Value":"MTIzNDU2"`, `"Value":"MTIzNDU2Nzg5"`}, {`"Algorithm":10`, `"Algorithm":8`}} {
		require.Contains(t, string(good), c[0])
		assert.Error(t, json.Unmarshal([]byte(strings.Replace(string(good), c[0], c[1], 1)), &piv.Contents{}), c[1])
	}
	_, err = json.Marshal(piv.Key{})
	assert.Error(t, err)
}

// The applet has its own copy, and so has whoever asks for one.
func TestContentsAreCopied(t *testing.T) {
	contents := specimen(t, curves)
	x := insert(t, contents)
	contents.PIN.Value[0], contents.Objects[0x7E][0] = '9', 0
	delete(contents.Keys, piv.CardAuthentication)
	x.steps([2]string{verifyPIN, "9000"})
	x.app.Contents().Objects[0x7E][0] = 0
	x.steps([2]string{"00cb3fff035c017e00", "7e124f0ba0000003080000100001005f2f0240009000"})
	empty := insert(t, &piv.Contents{Management: specimen(t, curves).Management})
	manage(t, empty)
	empty.steps([2]string{verifyPIN, "6983"}, [2]string{"0047009e05ac0380011100", "*"}, [2]string{"00db3fff067e045f2f0100", "9000"})
}

func TestCertificates(t *testing.T) {
	usages := map[piv.Slot]x509.KeyUsage{
		piv.Authentication:     x509.KeyUsageDigitalSignature,
		piv.Signature:          x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		piv.KeyManagement:      x509.KeyUsageKeyEncipherment,
		piv.CardAuthentication: x509.KeyUsageDigitalSignature,
	}
	x := insert(t, nil)
	var serials []string
	for slot, usage := range usages {
		c := x.certificate(slot)
		assert.Equal(t, usage, c.KeyUsage, "%v", slot)
		assert.Contains(t, c.Subject.String(), "SPECIMEN")
		assert.Contains(t, c.Issuer.String(), "SPECIMEN")
		assert.False(t, c.IsCA)
		require.Len(t, c.URIs, 1)
		assert.True(t, strings.HasPrefix(c.URIs[0].String(), "urn:uuid:"))
		assert.Equal(t, x.app.Contents().Keys[slot].Private.Public(), c.PublicKey)
		assert.NotEmpty(t, c.AuthorityKeyId)
		serials = append(serials, c.SerialNumber.String())
	}
	slices.Sort(serials)
	assert.Len(t, slices.Compact(serials), 4)
	curved := insert(t, specimen(t, curves))
	assert.Equal(t, x509.KeyUsageKeyAgreement, curved.certificate(piv.KeyManagement).KeyUsage)
	nameless, err := piv.Specimen("AMINA", curves)
	require.NoError(t, err)
	assert.Equal(t, "SPECIMEN AMINA", insert(t, nameless).certificate(piv.Signature).Subject.CommonName)
}

package access

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/asn1"
	"errors"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/apdu/securemsg"
	"cnie/internal/dh"
	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/internal/vectors"
	"cnie/lds"
)

// The BSI specimen of 2008: a key on brainpoolP224r1 with explicit parameters,
// for 3DES, without identifiers.
func TestChooseChipKeyOfASpecimen(t *testing.T) {
	offered, err := lds.ParseDG14(vectors.File(t, "bsi2008", "Datagroup14.bin"))
	require.NoError(t, err)
	key, ok := chooseChipKey(offered)
	require.True(t, ok)
	assert.Equal(t, curve{ec.BrainpoolP224r1()}, key.group)
	assert.Equal(t, kdf.TDES, key.cipher)
	assert.Equal(t, "0.4.0.127.0.7.2.2.3.2.1", key.oid.String())
	assert.Nil(t, key.id)

	offered.ChipAuth = nil // as in documents older still
	legacy, ok := chooseChipKey(offered)
	require.True(t, ok)
	assert.Equal(t, key, legacy)
}

func TestChooseChipKey(t *testing.T) {
	original, err := lds.ParseDG14(vectors.File(t, "bsi2008", "Datagroup14.bin"))
	require.NoError(t, err)
	one, two, nine := 1, 2, 9
	info := func(arcs [2]int, version int, id *int) lds.ChipAuthenticationInfo {
		oid := append(append([]int{}, original.ChipAuth[0].OID[:9]...), arcs[0], arcs[1])
		return lds.ChipAuthenticationInfo{OID: oid, Version: version, KeyID: id}
	}
	key := func(id *int) lds.ChipAuthenticationPublicKeyInfo {
		k := original.ChipKeys[0]
		k.KeyID = id
		return k
	}
	type keys = []lds.ChipAuthenticationPublicKeyInfo
	type infos = []lds.ChipAuthenticationInfo
	garbage := key(nil)
	garbage.SubjectPublicKeyInfo = []byte{0x30, 0}
	for name, c := range map[string]struct {
		keys   keys
		infos  infos
		cipher kdf.Cipher // 0: none
		id     *int
	}{
		"strongest cipher":         {keys{key(nil)}, infos{info([2]int{2, 1}, 1, nil), info([2]int{2, 4}, 1, nil)}, kdf.AES256, nil},
		"by key identifier":        {keys{key(&one), key(&two)}, infos{info([2]int{2, 2}, 1, &one), info([2]int{2, 3}, 1, &two)}, kdf.AES192, &two},
		"no key of that name":      {keys{key(&one)}, infos{info([2]int{2, 2}, 1, &nine)}, 0, nil},
		"one key, unnamed in info": {keys{key(&one)}, infos{info([2]int{2, 2}, 1, nil)}, kdf.AES128, &one},
		"finite field":             {keys{key(nil)}, infos{info([2]int{1, 2}, 1, nil)}, 0, nil},
		"version 2":                {keys{key(nil)}, infos{info([2]int{2, 2}, 2, nil)}, 0, nil},
		"garbage key":              {keys{garbage}, nil, 0, nil},
		"no key":                   {nil, infos{info([2]int{2, 2}, 1, nil)}, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := chooseChipKey(lds.SecurityInfos{ChipKeys: c.keys, ChipAuth: c.infos})
			assert.Equal(t, c.cipher != 0, ok)
			assert.Equal(t, c.cipher, got.cipher)
			assert.Equal(t, c.id, got.id)
		})
	}
}

// plainCard answers outside secure messaging, as a card that has lost it does.
type plainCard struct {
	answer apdu.Response
	err    error
}

func (c plainCard) Transmit(context.Context, apdu.Command) (apdu.Response, error) {
	return c.answer, c.err
}

func TestChipAuthenticationOverADeadChannel(t *testing.T) {
	offered, err := lds.ParseDG14(vectors.File(t, "bsi2008", "Datagroup14.bin"))
	require.NoError(t, err)
	gone := errors.New("gone")
	for _, card := range []plainCard{{answer: apdu.Response{SW: 0x6988}}, {answer: apdu.Response{SW: 0x9000}}, {err: gone}} {
		s, err := newSession(card, kdf.AES128, make([]byte, 20), nil)
		require.NoError(t, err)
		o := &Opening{Session: s}
		transcript, err := ChipAuthentication(context.Background(), card, o, offered, rand.Reader)
		assert.Nil(t, o.Session)
		if card.err != nil {
			assert.ErrorIs(t, err, gone)
			assert.Nil(t, transcript)
			continue
		}
		require.NoError(t, err)
		assert.EqualValues(t, "broken", transcript.Outcome)
		assert.Empty(t, transcript.EphemeralPrivate)
		assert.Empty(t, transcript.Response)
		_, err = s.Transmit(context.Background(), apdu.Command{})
		assert.ErrorIs(t, err, securemsg.ErrClosed)
	}
}

func TestNothingOfferedChangesNothing(t *testing.T) {
	s, err := newSession(plainCard{}, kdf.AES128, make([]byte, 20), nil)
	require.NoError(t, err)
	o := &Opening{Session: s}
	transcript, err := ChipAuthentication(context.Background(), plainCard{}, o, lds.SecurityInfos{}, rand.Reader)
	require.NoError(t, err)
	assert.Same(t, s, o.Session)
	assert.Nil(t, transcript)
}

// The two ways of §6.2.4, byte for byte but for the protection.
func TestAnnouncement(t *testing.T) {
	id := 0x1234
	private := append(make([]byte, 31), 5)
	public, err := ec.P256().Generator().Mul(private)
	require.NoError(t, err)
	for c, want := range map[kdf.Cipher][]string{
		kdf.TDES:   {"002241A6" + "47" + "9141%84021234"},
		kdf.AES128: {"002241A4" + "10" + "800A04007F0007020203020284021234", "0086000045" + "7C438041%" + "00"},
	} {
		oid, ok := lds.ChipProtocol{Agreement: lds.ECDH, Cipher: c}.OID()
		require.True(t, ok)
		key := chipKey{cipher: c, oid: oid, id: &id}
		card := &plainRecorder{}
		require.NoError(t, key.announce(context.Background(), card, public.Bytes()))
		require.Len(t, card.sent, len(want))
		for i := range want {
			assert.Equal(t, expand(want[i], public.Bytes()), card.sent[i])
		}
	}
}

// plainRecorder writes plain commands down and agrees to everything.
type plainRecorder struct{ sent [][]byte }

func (r *plainRecorder) Transmit(_ context.Context, c apdu.Command) (apdu.Response, error) {
	raw, err := c.Encode()
	r.sent = append(r.sent, raw)
	return apdu.Response{SW: apdu.StatusOK}, err
}

// expand decodes hex in which % stands for a point.
func expand(text string, point []byte) []byte {
	parts := bytes.Split([]byte(text), []byte("%"))
	for i := range parts {
		parts[i] = mustHex(string(parts[i]))
	}
	return bytes.Join(parts, point)
}

// noKAT is a chip that was issued without MSE:Set KAT.
type noKAT struct{ plainRecorder }

func (c *noKAT) Transmit(ctx context.Context, cmd apdu.Command) (apdu.Response, error) {
	r, err := c.plainRecorder.Transmit(ctx, cmd)
	if cmd.P2 == 0xA6 {
		r.SW = apdu.StatusWrongP1P2
	}
	return r, err
}

// Doc 9303-11 §8.5, note 1: 3DES by the other sequence of commands.
func TestChipsWithoutKeyAgreementTemplate(t *testing.T) {
	oid, _ := lds.ChipProtocol{Agreement: lds.DH, Cipher: kdf.TDES}.OID()
	card := &noKAT{}
	require.NoError(t, chipKey{cipher: kdf.TDES, oid: oid}.announce(context.Background(), card, []byte{1, 2, 3}))
	require.Len(t, card.sent, 3)
	assert.Equal(t, mustHex("002241A6"+"05"+"9103010203"), card.sent[0])
	assert.Equal(t, mustHex("002241A4"+"0C"+"800A04007F00070202030101"), card.sent[1])
	assert.Equal(t, mustHex("00860000"+"07"+"7C058003010203"+"00"), card.sent[2])
}

func TestChooseAmongKinds(t *testing.T) {
	g, _ := dh.ByParameterID(1)
	spki := func(algorithm asn1.ObjectIdentifier, parameters []byte) []byte {
		y := g.Generator().Exp([]byte{7})
		key, err := asn1.Marshal(new(big.Int).SetBytes(y.Bytes()))
		require.NoError(t, err)
		type identifier struct {
			OID        asn1.ObjectIdentifier
			Parameters asn1.RawValue
		}
		der, err := asn1.Marshal(struct {
			Algorithm identifier
			Key       asn1.BitString
		}{identifier{algorithm, asn1.RawValue{FullBytes: parameters}}, asn1.BitString{Bytes: key, BitLength: 8 * len(key)}})
		require.NoError(t, err)
		return der
	}
	use := func(a lds.Agreement, c kdf.Cipher, id *int) lds.ChipAuthenticationInfo {
		oid, known := lds.ChipProtocol{Agreement: a, Cipher: c}.OID()
		require.True(t, known)
		return lds.ChipAuthenticationInfo{OID: oid, Version: 1, KeyID: id}
	}
	for name, der := range map[string][]byte{
		"PKCS #3": spki(oidDHAgreement, g.PKCS3()), "X9.42": spki(oidDHPublic, g.X942()), // §8.5, note 2
	} {
		key := lds.ChipAuthenticationPublicKeyInfo{OID: lds.OIDPublicKey(lds.DH), SubjectPublicKeyInfo: der}
		got, ok := chooseChipKey(lds.SecurityInfos{
			ChipKeys: []lds.ChipAuthenticationPublicKeyInfo{key},
			ChipAuth: []lds.ChipAuthenticationInfo{use(lds.DH, kdf.TDES, nil), use(lds.DH, kdf.AES128, nil)},
		})
		require.True(t, ok, name)
		assert.Equal(t, modp{g}, got.group)
		assert.Equal(t, kdf.AES128, got.cipher, "§8.5: AES before 3DES")

		key.OID = lds.OIDPublicKey(lds.ECDH)
		_, ok = chooseChipKey(lds.SecurityInfos{ChipKeys: []lds.ChipAuthenticationPublicKeyInfo{key}})
		assert.False(t, ok, "%s: a key of another kind than it says", name)
	}
	// The key of PACE with chip authentication mapping is not for Chip Authentication.
	v, _, _ := paceExample(t, "i1")
	mapping, err := parseInfos(v["pace_info"], v["chip_key_info"])
	require.NoError(t, err)
	_, ok := chooseChipKey(mapping)
	assert.False(t, ok)
	legacy, err := parseInfos(v["chip_key_info"])
	require.NoError(t, err)
	_, ok = chooseChipKey(legacy)
	assert.True(t, ok, "without such a PACEInfo it is")
}

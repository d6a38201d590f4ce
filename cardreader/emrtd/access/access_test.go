package access

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/apdu/securemsg"
	"cnie/apdu/tlv"
	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/internal/vectors"
	"cnie/lds"
	"cnie/pki"
)

// script answers exactly the commands it expects, in this order.
type script struct {
	t     testing.TB
	pairs [][2][]byte
}

func (s *script) TransmitRaw(_ context.Context, command []byte) ([]byte, error) {
	require.NotEmpty(s.t, s.pairs, "unexpected command %X", command)
	next := s.pairs[0]
	s.pairs = s.pairs[1:]
	require.Equal(s.t, hex.EncodeToString(next[0]), hex.EncodeToString(command))
	return bytes.Clone(next[1]), nil
}

func play(t testing.TB, v map[string][]byte, steps ...string) *script {
	s := &script{t: t}
	for _, step := range steps {
		require.Contains(t, v, step+"_command")
		s.pairs = append(s.pairs, [2][]byte{v[step+"_command"], v[step+"_response"]})
	}
	return s
}

func mrzPassword(t testing.TB, v map[string][]byte) Password {
	p, err := MRZ(lds.MRZKey{
		DocumentNumber: string(v["document_number"]),
		BirthDate:      string(v["birth_date"]),
		ExpiryDate:     string(v["expiry_date"]),
	})
	require.NoError(t, err)
	return p
}

// assertKeys checks a session's keys by what they make of a command.
func assertKeys(t *testing.T, s *securemsg.Session, c kdf.Cipher, enc, mac, ssc []byte, sent *bytes.Buffer) {
	t.Helper()
	command := apdu.Command{INS: apdu.INSSelect, P1: 4, P2: 0x0C, Data: lds.AID}
	sent.Reset()
	_, err := s.Transmit(context.Background(), command)
	require.ErrorIs(t, err, securemsg.ErrIntegrity) // the recorder has no keys
	ours := bytes.Clone(sent.Bytes())
	sent.Reset()
	reference, err := securemsg.New(recorder{sent}, c, enc, mac, ssc)
	require.NoError(t, err)
	_, err = reference.Transmit(context.Background(), command)
	require.Error(t, err)
	assert.Equal(t, sent.Bytes(), ours)
}

// recorder writes down what it is sent and refuses it.
type recorder struct{ sent *bytes.Buffer }

func (r recorder) Transmit(_ context.Context, c apdu.Command) (apdu.Response, error) {
	raw, err := c.Encode()
	r.sent.Write(raw)
	return apdu.Response{SW: apdu.StatusSMIncorrect}, err
}

// relay plays a script to its end and hands what follows to a recorder.
type relay struct {
	script *script
	then   recorder
}

func (r relay) Transmit(ctx context.Context, c apdu.Command) (apdu.Response, error) {
	if len(r.script.pairs) == 0 {
		return r.then.Transmit(ctx, c)
	}
	return apdu.NewChannel(r.script).Transmit(ctx, c)
}

// ICAO Doc 9303-11, appendix D.1 to D.3.
func TestBACWorkedExample(t *testing.T) {
	v := vectors.Load(t, "icao-9303-11-d-bac")
	var sent bytes.Buffer
	card := relay{play(t, v, "get_challenge", "authenticate"), recorder{&sent}}
	random := bytes.NewReader(append(bytes.Clone(v["rnd_ifd"]), v["k_ifd"]...))
	o, err := BAC(context.Background(), card, mrzPassword(t, v), random)
	require.NoError(t, err)
	assert.Empty(t, card.script.pairs)
	assert.Equal(t, pki.Access{Protocol: "BAC", Password: "MRZ", Cipher: "3DES"}, o.Access)
	assert.Equal(t, "L898902C<3", string(o.identity), "§7.1.2")
	assertKeys(t, o.Session, kdf.TDES, v["ks_enc"], v["ks_mac"], v["ssc"], &sent)
}

func paceExample(t testing.TB, name string) (map[string][]byte, lds.SecurityInfos, *bytes.Reader) {
	v := vectors.Load(t, "icao-9303-11-"+name+"-pace")
	offered, err := lds.ParseCardAccess(tlv.Encode(0x31, v["pace_info"]))
	require.NoError(t, err)
	return v, offered, bytes.NewReader(append(bytes.Clone(v["terminal_map_private"]), v["terminal_private"]...))
}

var paceSteps = []string{"mse", "nonce", "map", "agree", "token"}

// ICAO Doc 9303-11, appendices G.1, G.2 and I.1, byte for byte.
func TestPACEWorkedExamples(t *testing.T) {
	bp256 := ec.BrainpoolP256r1().Name()
	for name, want := range map[string]pki.Access{
		"g1": {Mapping: "GM", Parameters: bp256, OID: "0.4.0.127.0.7.2.2.4.2.2"},
		"g2": {Mapping: "GM", Parameters: "MODP-1024/160", OID: "0.4.0.127.0.7.2.2.4.1.2"},
		"i1": {Mapping: "CAM", Parameters: bp256, OID: "0.4.0.127.0.7.2.2.4.6.2"},
	} {
		t.Run(name, func(t *testing.T) {
			v, offered, random := paceExample(t, name)
			var sent bytes.Buffer
			card := relay{play(t, v, paceSteps...), recorder{&sent}}
			o, err := PACE(context.Background(), card, mrzPassword(t, v), offered, random)
			require.NoError(t, err)
			assert.Empty(t, card.script.pairs)
			want.Protocol, want.Password, want.Cipher = "PACE", "MRZ", "AES-128"
			assert.Equal(t, want, o.Access)
			assertKeys(t, o.Session, kdf.AES128, v["ks_enc"], v["ks_mac"], nil, &sent)
			assert.Equal(t, want.Mapping == "CAM", o.Mapping != nil)
		})
	}
}

// The same run, with one answer of the card replaced.
func TestPACERefusesDishonestCards(t *testing.T) {
	v, _, _ := paceExample(t, "g1")
	point := func(tag byte, p []byte) []byte {
		return append(tlv.Encode(0x7C, tlv.Encode(tlv.Tag(tag), p)), 0x90, 0)
	}
	token := bytes.Clone(v["token_response"])
	token[len(token)-3] ^= 1
	offCurve := bytes.Clone(v["chip_public"])
	offCurve[64] ^= 1
	twice := append(tlv.Encode(0x7C, tlv.Encode(0x86, v["chip_token"]), tlv.Encode(0x86, v["chip_token"])), 0x90, 0)
	for name, c := range map[string]struct {
		step   string
		answer []byte
		want   error
	}{
		"wrong token":              {"token", token, ErrProtocol},
		"own token returned":       {"token", point(0x86, v["terminal_token"]), ErrProtocol},
		"short token":              {"token", point(0x86, v["chip_token"][:7]), ErrProtocol},
		"token twice":              {"token", twice, ErrProtocol},
		"no token":                 {"token", []byte{0x7C, 0, 0x90, 0}, ErrProtocol},
		"empty answer":             {"token", []byte{0x90, 0}, ErrProtocol},
		"wrong password":           {"token", []byte{0x63, 0x00}, ErrWrongPassword},
		"wrong password, counted":  {"token", []byte{0x63, 0xC2}, ErrWrongPassword},
		"wrong password, family":   {"token", []byte{0x63, 0x00}, apdu.ErrWrongSecret},
		"blocked":                  {"token", []byte{0x63, 0xC0}, apdu.ErrAuthBlocked},
		"echoed mapping key":       {"map", point(0x82, v["terminal_map_public"]), ErrProtocol},
		"echoed key":               {"agree", point(0x84, v["terminal_public"]), ErrProtocol},
		"off the curve":            {"agree", point(0x84, offCurve), ErrProtocol},
		"infinity":                 {"agree", point(0x84, []byte{0}), ErrProtocol},
		"compressed":               {"agree", point(0x84, append([]byte{2}, v["chip_public"][1:33]...)), ErrProtocol},
		"answer of the other step": {"agree", v["map_response"], ErrProtocol},
		"nonce of half a block":    {"nonce", point(0x80, make([]byte, 8)), ErrProtocol},
		"endless nonce":            {"nonce", point(0x80, make([]byte, 48)), ErrProtocol},
		"empty nonce":              {"nonce", point(0x80, nil), ErrProtocol},
		"no such password":         {"mse", []byte{0x6A, 0x88}, apdu.ErrNotFound},
		"mapped to infinity":       {"map", point(0x82, mappedToInfinity(t, v)), ErrProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			v, offered, random := paceExample(t, "g1")
			v[c.step+"_response"] = c.answer
			o, err := PACE(context.Background(), apdu.NewChannel(play(t, v, paceSteps...)), mrzPassword(t, v), offered, random)
			assert.ErrorIs(t, err, c.want)
			assert.Nil(t, o)
		})
	}
}

// mappedToInfinity is the mapping key that makes s·G + H vanish: a card that
// knows the terminal's random number could choose it.
func mappedToInfinity(t testing.TB, v map[string][]byte) []byte {
	curve := ec.BrainpoolP256r1()
	n := curve.Order()
	k := new(big.Int).ModInverse(new(big.Int).SetBytes(v["terminal_map_private"]), n)
	k.Mul(k, new(big.Int).SetBytes(v["nonce"]))
	k.Neg(k).Mod(k, n)
	p, err := curve.Generator().Mul(k.FillBytes(make([]byte, 32)))
	require.NoError(t, err)
	return p.Bytes()
}

// Where several are offered, the parameters are named in DO'84'.
func TestAmbiguousParametersAreNamed(t *testing.T) {
	v, offered, random := paceExample(t, "g1")
	offered.PACE = append(offered.PACE, offered.PACE[0])
	offered.PACE[1].ParameterID = 8
	v["mse_command"], _ = hex.DecodeString("0022C1A412800A04007F0007020204020283010184010D")
	v["mse_response"] = []byte{0x6A, 0x80}
	_, err := PACE(context.Background(), apdu.NewChannel(play(t, v, "mse")), mrzPassword(t, v), offered, random)
	var refusal *apdu.StatusError
	assert.ErrorAs(t, err, &refusal)
}

func TestBACRefusesDishonestCards(t *testing.T) {
	original := vectors.Load(t, "icao-9303-11-d-bac")
	changed := func(i int) []byte {
		b := bytes.Clone(original["authenticate_response"])
		b[i] ^= 1
		return b
	}
	for name, c := range map[string]struct {
		step   string
		answer []byte
		want   error
	}{
		"short challenge":  {"get_challenge", []byte{1, 2, 3, 0x90, 0}, ErrProtocol},
		"short answer":     {"authenticate", []byte{1, 2, 3, 0x90, 0}, ErrProtocol},
		"changed answer":   {"authenticate", changed(3), ErrProtocol},
		"changed checksum": {"authenticate", changed(39), ErrProtocol},
		"echo":             {"authenticate", append(bytes.Clone(original["authenticate_command"][5:45]), 0x90, 0), ErrProtocol},
		"wrong key 6300":   {"authenticate", []byte{0x63, 0}, ErrWrongPassword},
		"wrong key 6982":   {"authenticate", []byte{0x69, 0x82}, ErrWrongPassword},
		"wrong key 6988":   {"authenticate", []byte{0x69, 0x88}, apdu.ErrWrongSecret},
		"no BAC at all":    {"get_challenge", []byte{0x6D, 0}, apdu.ErrNotSupported},
	} {
		t.Run(name, func(t *testing.T) {
			v := vectors.Load(t, "icao-9303-11-d-bac")
			v[c.step+"_response"] = c.answer
			random := bytes.NewReader(append(bytes.Clone(v["rnd_ifd"]), v["k_ifd"]...))
			s, err := BAC(context.Background(), apdu.NewChannel(play(t, v, "get_challenge", "authenticate")), mrzPassword(t, v), random)
			assert.ErrorIs(t, err, c.want)
			assert.Nil(t, s)
		})
	}
}

func TestPasswords(t *testing.T) {
	for _, bad := range []string{"", "12345", "1234567", "12345a", "１２"} {
		_, err := CAN(bad)
		assert.ErrorIs(t, err, ErrPassword)
		if bad != "" {
			assert.NotContains(t, err.Error(), bad)
		}
	}
	can, err := CAN("123456")
	require.NoError(t, err)
	assert.Equal(t, "CAN", can.Kind())
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v", can, can, can), "123456")
	_, err = MRZ(lds.MRZKey{DocumentNumber: "zzz", BirthDate: "000101", ExpiryDate: "300101"})
	assert.ErrorIs(t, err, ErrPassword)

	v := vectors.Load(t, "icao-9303-11-g1-pace")
	assert.Equal(t, v["password_key"], mrzPassword(t, v).key.Reveal())

	_, err = BAC(context.Background(), nil, can, rand.Reader)
	assert.ErrorIs(t, err, ErrPassword)
	_, offered, _ := paceExample(t, "g1")
	_, err = PACE(context.Background(), nil, Password{}, offered, rand.Reader)
	assert.ErrorIs(t, err, ErrPassword)
}

// No entropy, no protocol.
func TestRandomSourceFails(t *testing.T) {
	v, offered, _ := paceExample(t, "g1")
	_, err := PACE(context.Background(), apdu.NewChannel(play(t, v, "mse", "nonce")), mrzPassword(t, v), offered, bytes.NewReader(nil))
	assert.ErrorContains(t, err, "random")
	v = vectors.Load(t, "icao-9303-11-d-bac")
	_, err = BAC(context.Background(), apdu.NewChannel(play(t, v, "get_challenge")), mrzPassword(t, v), bytes.NewReader(v["rnd_ifd"]))
	assert.ErrorContains(t, err, "random")
}

func mustHex(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return b
}

func FuzzDynamic(f *testing.F) {
	f.Add([]byte{0x7C, 0x02, 0x86, 0x00})
	f.Add([]byte{0x7C, 0x84, 0xFF, 0xFF, 0xFF, 0xFF})
	f.Fuzz(func(t *testing.T, b []byte) {
		objects, err := dynamic(b)
		if err != nil {
			require.ErrorIs(t, err, ErrProtocol)
			return
		}
		for _, o := range objects {
			value, err := object(objects, o.Tag)
			require.NoError(t, err)
			require.LessOrEqual(t, len(value)+4, len(b))
			for id := range 19 {
				if g, known := standardised(id); known {
					if e, err := g.parse(value); err == nil {
						require.False(t, e.neutral())
					}
				}
			}
		}
	})
}

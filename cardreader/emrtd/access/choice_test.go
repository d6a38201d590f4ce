package access

import (
	"context"
	"encoding/asn1"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/apdu/tlv"
	"cnie/internal/dh"
	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/lds"
)

func info(mapping, cipher, id int) lds.PACEInfo {
	return lds.PACEInfo{OID: asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 2, 2, 4, mapping, cipher}, Version: 2, ParameterID: id}
}

// parseInfos makes a set of single elements.
func parseInfos(elements ...[]byte) (lds.SecurityInfos, error) {
	return lds.ParseSecurityInfos(tlv.Encode(0x31, elements...))
}

// answersOf is a card that agrees to MSE and then answers with these objects.
func answersOf(t testing.TB, objects ...[]byte) apdu.Transmitter {
	return &sequence{t: t, objects: objects}
}

type sequence struct {
	t       testing.TB
	objects [][]byte
}

func (s *sequence) Transmit(_ context.Context, c apdu.Command) (apdu.Response, error) {
	if c.INS == apdu.INSManageSecurityEnvironment {
		return apdu.Response{SW: apdu.StatusOK}, nil
	}
	require.NotEmpty(s.t, s.objects, "one command too many")
	answer := tlv.Encode(0x7C, s.objects[0])
	s.objects = s.objects[1:]
	return apdu.Response{Data: answer, SW: apdu.StatusOK}, nil
}

func TestChoice(t *testing.T) {
	old := info(2, 2, 13)
	old.Version = 1
	for name, c := range map[string]struct {
		offered   []lds.PACEInfo
		want      int // index; -1: unsupported
		ambiguous bool
	}{
		"only one":                     {[]lds.PACEInfo{info(2, 2, 13)}, 0, false},
		"longer key wins":              {[]lds.PACEInfo{info(2, 2, 13), info(2, 4, 13), info(2, 1, 18)}, 1, true},
		"then the larger curve":        {[]lds.PACEInfo{info(2, 2, 12), info(2, 2, 16)}, 1, true},
		"then the card's order":        {[]lds.PACEInfo{info(2, 2, 12), info(2, 2, 13)}, 0, true},
		"the weaker part counts":       {[]lds.PACEInfo{info(2, 4, 8), info(2, 2, 12)}, 1, true},
		"the mapping that proves":      {[]lds.PACEInfo{info(2, 4, 13), info(6, 2, 13)}, 1, false},
		"not on a weaker curve":        {[]lds.PACEInfo{info(2, 3, 16), info(6, 2, 13)}, 0, true},
		"generic before integrated":    {[]lds.PACEInfo{info(4, 2, 13), info(2, 2, 13)}, 1, false},
		"a curve before a small prime": {[]lds.PACEInfo{info(1, 4, 2), info(2, 2, 13)}, 1, true},
		"finite fields":                {[]lds.PACEInfo{info(1, 2, 0), info(3, 2, 1), info(1, 2, 2)}, 2, true},
		"integrated mapping":           {[]lds.PACEInfo{info(4, 2, 13)}, 0, false},
		"integrated mapping on P-224":  {[]lds.PACEInfo{info(4, 2, 10)}, -1, false},
		"the proving mapping by 3DES":  {[]lds.PACEInfo{info(6, 1, 13)}, -1, false},
		"the arc that never was":       {[]lds.PACEInfo{info(5, 2, 13)}, -1, false},
		"unknown curve":                {[]lds.PACEInfo{info(2, 2, 31)}, -1, false},
		"unused number":                {[]lds.PACEInfo{info(2, 2, 3)}, -1, false},
		"no parameter identifier":      {[]lds.PACEInfo{info(2, 2, -1)}, -1, false},
		"version 1":                    {[]lds.PACEInfo{old}, -1, false},
		"nothing":                      {nil, -1, false},
		"a group given for a curve":    {[]lds.PACEInfo{info(2, 2, 1)}, -1, false},
		"a curve given for a group":    {[]lds.PACEInfo{info(1, 2, 13)}, -1, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := choose(lds.SecurityInfos{PACE: c.offered})
			if c.want < 0 {
				assert.ErrorIs(t, err, ErrUnsupported)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.offered[c.want], got.info)
			assert.Equal(t, c.ambiguous, got.ambiguous)
		})
	}
}

// everything is each combination that Doc 9303-11 defines: §4.4.3, tables 2 and
// 3, by §9.5.1, table 12.
func everything() (all []lds.PACEInfo) {
	curves := []int{8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}
	for mapping, ids := range map[int][]int{1: {0, 1, 2}, 2: curves, 3: {0, 1, 2}, 4: curves, 6: curves} {
		for cipher := 1; cipher <= 4; cipher++ {
			for _, id := range ids {
				if !(mapping == 4 && id == 10 || mapping == 6 && cipher == 1) {
					all = append(all, info(mapping, cipher, id))
				}
			}
		}
	}
	return all
}

// Whatever the order, the strongest is taken: of all that there is, and of some.
func TestOrderMeansNothing(t *testing.T) {
	all := everything()
	assert.Len(t, all, 141) // 24 by DH, 44 + 40 + 33 by ECDH
	for _, one := range all {
		got, err := choose(lds.SecurityInfos{PACE: []lds.PACEInfo{one}})
		require.NoError(t, err, one.OID)
		require.False(t, got.ambiguous)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		got, err := choose(lds.SecurityInfos{PACE: all})
		require.NoError(t, err)
		require.Equal(t, lds.CAM, got.mapping)
		require.Equal(t, kdf.AES256, got.cipher)
		require.Contains(t, []int{17, 18}, got.info.ParameterID)
		some := slices.Clone(all[:3])
		first, err := choose(lds.SecurityInfos{PACE: some})
		require.NoError(t, err)
		slices.Reverse(some)
		second, err := choose(lds.SecurityInfos{PACE: some})
		require.NoError(t, err)
		if first.info.OID.String() != second.info.OID.String() || first.group.name() != second.group.name() {
			require.False(t, first.stronger(second) || second.stronger(first), "%v %v", first.info, second.info)
		}
	}
}

// explicit is a PACEDomainParameterInfo of generic mapping on a curve or modulo a prime.
func explicit(t testing.TB, kind, id int, algorithm asn1.ObjectIdentifier, parameters []byte) lds.PACEDomainParameterInfo {
	der, err := asn1.Marshal(struct {
		OID        asn1.ObjectIdentifier
		Parameters asn1.RawValue
	}{algorithm, asn1.RawValue{FullBytes: parameters}})
	require.NoError(t, err)
	return lds.PACEDomainParameterInfo{OID: asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 2, 2, 4, kind}, Parameters: der, ParameterID: id}
}

// Parameters that a card spells out are used where they are a known group whole.
func TestExplicitParameters(t *testing.T) {
	curveDER := ec.P256().ExplicitDER()
	moved := slices.Clone(curveDER)
	moved[len(moved)-40] ^= 1 // within the order
	g, _ := dh.ByParameterID(2)
	three, err := asn1.Marshal(13)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		info lds.PACEInfo
		with lds.PACEDomainParameterInfo
		want string // name of the group; "": unsupported
	}{
		"a curve":                       {info(2, 2, 32), explicit(t, 2, 32, oidECPublicKey, curveDER), "P-256"},
		"without a number":              {info(2, 2, -1), explicit(t, 2, -1, oidECPublicKey, curveDER), "P-256"},
		"a group":                       {info(1, 2, 40), explicit(t, 1, 40, oidDHPublic, g.X942()), g.Name()},
		"a group of PKCS #3":            {info(1, 2, 40), explicit(t, 1, 40, oidDHAgreement, g.PKCS3()), g.Name()},
		"by its number":                 {info(2, 2, 33), explicit(t, 2, 33, oidStandardised, three), "brainpoolP256r1"},
		"one bit of the curve changed":  {info(2, 2, 32), explicit(t, 2, 32, oidECPublicKey, moved), ""},
		"of another number":             {info(2, 2, 32), explicit(t, 2, 33, oidECPublicKey, curveDER), ""},
		"of another protocol":           {info(2, 2, 32), explicit(t, 4, 32, oidECPublicKey, curveDER), ""},
		"under a reserved number":       {info(2, 2, 20), explicit(t, 2, 20, oidECPublicKey, curveDER), ""},
		"a standard number, spelled":    {info(2, 2, 13), explicit(t, 2, 13, oidECPublicKey, curveDER), "brainpoolP256r1"},
		"a curve for the other kind":    {info(1, 2, 32), explicit(t, 1, 32, oidECPublicKey, curveDER), ""},
		"garbage":                       {info(2, 2, 32), explicit(t, 2, 32, oidECPublicKey, []byte{0x05, 0}), ""},
		"an algorithm that is not here": {info(2, 2, 32), explicit(t, 2, 32, asn1.ObjectIdentifier{1, 2, 3}, curveDER), ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := choose(lds.SecurityInfos{PACE: []lds.PACEInfo{c.info}, PACEParameters: []lds.PACEDomainParameterInfo{c.with}})
			if c.want == "" {
				assert.ErrorIs(t, err, ErrUnsupported)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got.group.name())
		})
	}
}

func FuzzMatchParameters(f *testing.F) {
	g, _ := dh.ByParameterID(0)
	f.Add(explicit(f, 2, 32, oidECPublicKey, ec.P192().ExplicitDER()).Parameters)
	f.Add(explicit(f, 1, 32, oidDHPublic, g.X942()).Parameters)
	f.Add([]byte{0x30, 0x0C, 0x06, 0x07, 4, 0, 127, 0, 7, 1, 2, 0x02, 1, 13})
	f.Fuzz(func(t *testing.T, der []byte) {
		if g, known := matchParameters(der); known {
			require.NotEmpty(t, g.name())
			require.False(t, g.base().neutral())
		}
	})
}

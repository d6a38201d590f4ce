package persona

import (
	"bytes"
	"crypto"
	"image"
	_ "image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/lds"
	"cnie/pki/specimen"
)

func cardOf(t *testing.T, name string) *Card {
	t.Helper()
	p, err := Load(name)
	require.NoError(t, err)
	card, err := p.Card()
	require.NoError(t, err)
	return card
}

func TestTheDefaultPersonaIsThePublishedFixture(t *testing.T) {
	require.Equal(t, "specimen", Names()[0])
	card := cardOf(t, "specimen")
	assert.Equal(t, []string{
		"IDMARZZZ0SIM1<4ZZ000001<<<<<<<",
		"9001011F3501014MAR<<<<<<<<<<<9",
		"SPECIMEN<<SIMULATEUR<<<<<<<<<<",
	}, card.MRZLines)
	assert.Equal(t, lds.MRZKey{DocumentNumber: "ZZZ0SIM1", BirthDate: "900101", ExpiryDate: "350101"}, card.MRZ)
	assert.Equal(t, "123456", card.CAN)
	assert.True(t, card.ExtendedLength)
	assert.Equal(t, []string{
		"I<MARZZZ0SIM2<7Z000002<<<<<<<<",
		"8506151M3006151MAR<<<<<<<<<<<5",
		"SPECIMEN<<ANCIEN<<<<<<<<<<<<<<",
	}, cardOf(t, "ancien").MRZLines)
}

// TestEveryPersonaPersonalises reads each card's files back and compares its
// hashes with those that were signed.
func TestEveryPersonaPersonalises(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			card := cardOf(t, name)
			assert.Equal(t, card.Files, cardOf(t, name).Files, "the same persona is the same card")
			checkFiles(t, card)
			checkHashes(t, card)
			checkKeys(t, card)
			assert.True(t, card.BAC || len(card.PACE) > 0)
		})
	}
}

func checkFiles(t *testing.T, card *Card) {
	mrz, err := lds.ParseDG1(card.Files[lds.DG1])
	require.NoError(t, err)
	assert.Regexp(t, "^SPECIMEN( |$)", mrz.Surname)
	assert.Equal(t, card.MRZ, mrz.Key())
	faces, err := lds.ParseDG2(card.Files[lds.DG2])
	require.NoError(t, err)
	require.Len(t, faces, 1)
	assert.InDelta(t, 16_500, len(faces[0].Image), 5_500, "as large as on a real card")
	if content, there := card.Files[lds.DG11]; there {
		person, err := lds.ParseDG11(content)
		require.NoError(t, err)
		assert.Empty(t, person.Deviations)
		surname, _ := person.Names()
		assert.Regexp(t, "^(نموذج|ⴰⵎⴷⵢⴰ)", surname)
	}
	if content, there := card.Files[lds.DG12]; there {
		document, err := lds.ParseDG12(content)
		require.NoError(t, err)
		assert.Contains(t, document.IssuingAuthority, "SPECIMEN")
	}
	com, err := lds.ParseCOM(card.Files[lds.COM])
	require.NoError(t, err)
	for _, f := range com.Files {
		assert.NotEmpty(t, card.Files[f], f)
	}
}

// checkHashes finds each hash in the signed bytes: whether the signature holds
// is judged by openssl in pki/specimen and by the verifier elsewhere.
func checkHashes(t *testing.T, card *Card) {
	for f, content := range card.Files {
		if f.IsDataGroup() {
			found := false
			for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA224, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
				h := hash.New()
				h.Write(content)
				found = found || bytes.Contains(card.Files[lds.SOD], h.Sum(nil))
			}
			assert.True(t, found, "%v is not in EF.SOD", f)
		}
	}
}

// checkKeys holds the chip's private keys against what the issuer signed.
func checkKeys(t *testing.T, card *Card) {
	if len(card.PACE)+len(card.ChipKeys) == 0 {
		return
	}
	infos, err := lds.ParseDG14(card.Files[lds.DG14])
	require.NoError(t, err)
	assert.ElementsMatch(t, card.PACE, infos.PACE, "a set, which DER sorts")
	assert.ElementsMatch(t, card.PACEParameters, infos.PACEParameters)
	require.Len(t, infos.ChipKeys, len(card.ChipKeys))
	for _, key := range card.ChipKeys {
		i := slices.IndexFunc(infos.ChipKeys, func(info lds.ChipAuthenticationPublicKeyInfo) bool { return same(info.KeyID, key.ID) })
		require.GreaterOrEqual(t, i, 0)
		assert.True(t, bytes.HasSuffix(infos.ChipKeys[i].SubjectPublicKeyInfo, publicKey(t, key)))
		if key.Cipher == 0 {
			continue // of Chip Authentication Mapping only
		}
		assert.True(t, slices.ContainsFunc(infos.ChipAuth, func(info lds.ChipAuthenticationInfo) bool {
			protocol, ok := info.Protocol()
			return ok && same(info.KeyID, key.ID) && protocol.Cipher == key.Cipher && protocol.Agreement == infos.ChipKeys[i].Agreement()
		}))
	}
}

func same(a, b *int) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

func publicKey(t *testing.T, key ChipKey) []byte {
	if key.Group != nil {
		return key.Group.Generator().Exp(key.Private).Unsigned()
	}
	public, err := key.Curve.Generator().Mul(key.Private)
	require.NoError(t, err)
	return public.Bytes()
}

func TestPersonasVaryWhatIsUnknown(t *testing.T) {
	info := cardOf(t, "specimen").PACE[0]
	assert.Equal(t, 12, info.ParameterID)
	protocol, _ := info.Protocol()
	assert.Equal(t, lds.PACEProtocol{Mapping: lds.GM, Agreement: lds.ECDH, Cipher: kdf.AES128}, protocol)

	brainpool := cardOf(t, "brainpool")
	assert.Equal(t, 13, brainpool.PACE[0].ParameterID)
	assert.Equal(t, ec.BrainpoolP256r1(), brainpool.ChipKeys[0].Curve)
	assert.Equal(t, 1, *brainpool.ChipKeys[0].ID)

	old := cardOf(t, "bac-only")
	assert.True(t, old.BAC)
	assert.Empty(t, old.PACE)
	assert.NotContains(t, old.Files, lds.CardAccess)
	assert.Empty(t, cardOf(t, "no-chip-auth").ChipKeys)
	assert.Len(t, cardOf(t, "passport").MRZLines, 2)
	faces, err := lds.ParseDG2(cardOf(t, "jpeg2000").Files[lds.DG2])
	require.NoError(t, err)
	assert.Equal(t, lds.JPEG2000, faces[0].Format)
}

func TestWhoSigned(t *testing.T) {
	for name, want := range map[string]string{
		"specimen": "DSC SPECIMEN ID 2025Q1", "passport": "DSC SPECIMEN P 2025Q4 RSA-PSS 2048",
		"expired-signer": "DSC SPECIMEN ID 2025Q1 expired-signer", "passport-utopia": "CSCA SPECIMEN UTOPIA 01",
		"revoked": "DSC SPECIMEN " + specimen.RevokedSigner, "unknown-issuer": "CSCA SPECIMEN UNKNOWN",
	} {
		assert.Contains(t, string(cardOf(t, name).Files[lds.SOD]), want)
	}
}

func TestCardsShareNothing(t *testing.T) {
	one, two := cardOf(t, "jpeg2000"), cardOf(t, "jpeg2000")
	for f := range one.Files {
		one.Files[f][len(one.Files[f])-1] ^= 1
		assert.NotEqual(t, one.Files[f], two.Files[f], f)
	}
}

func TestPortraits(t *testing.T) {
	seen := map[string]bool{}
	for style := range hairStyles {
		look := Portrait{Style: style}
		one, err := look.jpeg()
		require.NoError(t, err)
		two, err := look.jpeg()
		require.NoError(t, err)
		assert.Equal(t, one, two, "the same look is the same file")
		seen[string(one)] = true
		size, format, err := image.DecodeConfig(bytes.NewReader(one))
		require.NoError(t, err)
		assert.Equal(t, "jpeg", format)
		assert.Equal(t, image.Pt(portraitWidth, portraitHeight), image.Pt(size.Width, size.Height))
	}
	assert.Len(t, seen, len(hairStyles), "every style looks different")
	_, err := Portrait{Skin: "blue"}.jpeg()
	assert.ErrorContains(t, err, "#rrggbb")
}

func TestLoadOfNothing(t *testing.T) {
	_, err := Load("nobody")
	assert.ErrorContains(t, err, `no persona is called "nobody"`)
	_, err = Load("nobody.yaml")
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = Load(t.TempDir())
	assert.Error(t, err)
	_, err = parse("huge", "huge.yaml", bytes.Repeat([]byte("["), maxPersona+1))
	assert.ErrorContains(t, err, "huge.yaml: larger than any persona")
}

func TestAFileIsAPersonaToo(t *testing.T) {
	good, err := shipped.ReadFile("personas/specimen.yaml")
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "mine.yaml")
	require.NoError(t, os.WriteFile(path, good, 0o600))
	assert.Equal(t, "mine", cardOf(t, path).Name)
}

func FuzzParse(f *testing.F) {
	for _, name := range Names()[:8] { // all of them would take the time to start
		content, err := shipped.ReadFile("personas/" + name + ".yaml")
		require.NoError(f, err)
		f.Add(content)
	}
	for _, odd := range []string{"person: !foo", "!foo", "person: &x {surname: *x}", "{}\n---\n{}", "chip: {<<: {bac: true}}", "%YAML 1.2\n---\nchip: |\n  x"} {
		f.Add([]byte(odd))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		p, err := parse("fuzz", "fuzz.yaml", content)
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		if p.Issuer.RSA == 0 { // finding primes takes too long here,
			p.Portrait.Format = "jpeg2000" // and drawing
			_, err = p.Card()
			require.NoError(t, err, "what was checked can be made")
		}
	})
}

// The signature application's settings are whole on the card, and the persona's
// own stay as they were written.
func TestSignatureApplication(t *testing.T) {
	p, err := Load("specimen")
	require.NoError(t, err)
	card, err := p.Card()
	require.NoError(t, err)
	assert.Equal(t, &PIV{
		PIN: "123456", PUK: "12345678", Tries: 3, Token: "plain", Holder: "SPECIMEN SIMULATEUR",
		Keys: PIVKeys{"RSA-2048", "P-256", "RSA-2048", "P-256"},
	}, card.PIV)
	assert.Equal(t, &PIV{}, p.PIV)
	for _, name := range []string{"passport", "legacy-2016"} {
		p, err := Load(name)
		require.NoError(t, err)
		card, err := p.Card()
		require.NoError(t, err)
		assert.Nil(t, card.PIV, name)
	}
	of := map[bool]int{}
	for p := range Generate(7, 100) {
		content, err := p.YAML()
		require.NoError(t, err)
		again, err := parse(p.Name, p.Name+".yaml", content)
		require.NoError(t, err)
		assert.Equal(t, p.PIV, again.PIV, "written and read")
		of[p.PIV != nil]++
	}
	assert.Len(t, of, 2, "who is of age signs, and nobody else")
}

package pki_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/pki"
	"cnie/pki/specimen"
	"cnie/simulator/persona"
)

// fading is a context that ends after it was asked a number of times.
type fading struct {
	context.Context
	left int
}

func (c *fading) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// A judgement that was stopped accepts nothing, whatever the policy allows to be
// open: what is open then was not found to be, but left out.
func TestStoppedJudgement(t *testing.T) {
	open := pki.Policy{At: now, AllowOpen: []pki.Axis{pki.AxisChip, pki.AxisValidity, pki.AxisRevocation}}
	v, err := pki.NewVerifier(country(t), open)
	require.NoError(t, err)
	revoked := collect(t, citizen(t, "revoked"))
	whole := v.Verify(t.Context(), revoked)
	require.Equal(t, pki.Refused, whole.Verdict())
	for n := range 100 {
		r := v.Verify(&fading{t.Context(), n}, revoked)
		explained(t, r)
		assert.NotEqual(t, pki.Accepted, r.Verdict(), "stopped after %d steps", n)
		if r.Verdict() == pki.Refused {
			continue
		}
		assert.NotEmpty(t, r.Open(), "stopped after %d steps", n)
		assert.Nil(t, r.Holder())
		var silent []pki.CheckID
		for _, check := range whole.Checks {
			if _, said := r.Check(check.ID); !said && !strings.HasPrefix(string(check.ID), "integrity.dg") {
				silent = append(silent, check.ID)
			}
		}
		assert.Empty(t, silent, "stopped after %d steps", n)
	}
}

// A document that does not say when it expires is not one that is in force.
func TestUnknownExpiry(t *testing.T) {
	for expiry, want := range map[string]pki.Outcome{
		"<<<<<<": pki.NotChecked, // no date at all
		"26<<<<": pki.NotChecked, // some day of this year
		"2606<<": pki.NotChecked, // some day of this month
		"27<<<<": pki.Passed,
		"25<<<<": pki.Failed,
		"260601": pki.Passed, // today
	} {
		card := citizen(t, "specimen")
		zone, err := lds.ParseDG1(card.Files[lds.DG1])
		require.NoError(t, err)
		zone.ExpiryDate = expiry
		card.Files[lds.DG1], err = zone.Encode()
		require.NoError(t, err, expiry)
		reissue(t, "specimen", card)
		check, found := judge(t, country(t), collect(t, card)).Check(pki.CheckValidityDocument)
		require.True(t, found)
		assert.Equal(t, want, check.Outcome, "%s: %s", expiry, check.Reason)
	}
}

// mapped makes the evidence of a chip that opened by PACE with chip
// authentication mapping with the key of one card, and has the files of another.
func mapped(t testing.TB, files, key *persona.Card) *pki.Evidence {
	t.Helper()
	keys := files.ChipKeys
	files.ChipKeys = citizen(t, "specimen").ChipKeys // for a proof that is thrown away
	e := collect(t, files)
	files.ChipKeys, e.Chip = keys, nil
	own := key.ChipKeys[0]
	require.NotNil(t, own.ID)
	data := bytes.Repeat([]byte{7}, own.Curve.ScalarBytes())
	public, err := own.Curve.Generator().Mul(own.Private)
	require.NoError(t, err)
	product, err := public.Mul(data)
	require.NoError(t, err)
	e.Files[lds.CardAccess], e.Files[lds.CardSecurity] = bytes.Clone(key.Files[lds.CardAccess]), bytes.Clone(key.Files[lds.CardSecurity])
	offered, err := lds.ParseCardAccess(e.Files[lds.CardAccess])
	require.NoError(t, err)
	e.Access = pki.Access{Protocol: pki.PACE, Password: "CAN", Mapping: "CAM", Parameters: own.Curve.Name(), Cipher: "AES-128"}
	for _, info := range offered.PACE {
		if protocol, _ := info.Protocol(); protocol.Mapping == lds.CAM {
			e.Access.OID = info.OID.String()
		}
	}
	require.NotEmpty(t, e.Access.OID)
	e.Mapping = &pki.ChipMapping{Outcome: pki.ChipPerformed, KeyID: *own.ID, Parameters: own.Curve.Name(), PublicKey: product.Bytes(), Data: data}
	return e
}

// The key of one chip, got out of it by whatever means, makes copies of that card
// and not of every other: an EF.CardSecurity and an EF.SOD are one card's if
// EF.DG14 says so.
func TestCardSecurityOfAnotherCard(t *testing.T) {
	key := citizen(t, "pace-cam")
	honest := judge(t, country(t), mapped(t, citizen(t, "pace-cam"), key))
	require.Equal(t, pki.Accepted, honest.Verdict(), "%v", failures(honest))
	check, _ := honest.Check(pki.CheckMapping)
	assert.Equal(t, pki.Passed, check.Outcome)
	victim := citizen(t, "specimen") // whose PACE the other card offers as well, beside its own
	infos, err := lds.ParseDG14(victim.Files[lds.DG14])
	require.NoError(t, err)
	infos.PACE = slices.DeleteFunc(slices.Clone(key.PACE), func(info lds.PACEInfo) bool {
		protocol, _ := info.Protocol()
		return protocol.Mapping == lds.CAM
	})
	require.NotEmpty(t, infos.PACE)
	victim.Files[lds.DG14], err = infos.EncodeDG14()
	require.NoError(t, err)
	reissue(t, "specimen", victim)
	r := judge(t, country(t), mapped(t, victim, key))
	assert.Equal(t, pki.Refused, r.Verdict())
	assert.Equal(t, []pki.CheckID{pki.CheckAccessDowngrade}, failures(r))
}

// Where EF.SOD lists no EF.DG14, or one without the key, as Doc 9303 permits for
// this mapping, nothing ties EF.CardSecurity to it; people are told.
func TestCardSecurityAlone(t *testing.T) {
	both := citizen(t, "specimen") // with Chip Authentication beside
	key := citizen(t, "pace-cam")
	infos, err := lds.ParseDG14(both.Files[lds.DG14])
	require.NoError(t, err)
	infos.PACE = key.PACE
	both.Files[lds.DG14], err = infos.EncodeDG14()
	require.NoError(t, err)
	reissue(t, "specimen", both)
	e := mapped(t, both, key)
	for proof, want := range map[*pki.ChipAuthentication]pki.Outcome{nil: pki.Warned, prove(t, both): pki.Passed} {
		e.Chip = proof
		r := judge(t, country(t), e)
		assert.Equal(t, pki.Accepted, r.Verdict(), "%v", failures(r))
		check, _ := r.Check(pki.CheckMapping)
		assert.Equal(t, want, check.Outcome, check.Reason)
	}
	for name, change := range map[string]func(*persona.Card){
		"no EF.DG14": func(card *persona.Card) { delete(card.Files, lds.DG14) },
		"an EF.DG14 without the key": func(card *persona.Card) {
			infos, err := lds.ParseDG14(card.Files[lds.DG14])
			require.NoError(t, err)
			infos.ChipKeys = nil
			card.Files[lds.DG14], err = infos.EncodeDG14()
			require.NoError(t, err)
		},
	} {
		card := citizen(t, "pace-cam")
		change(card)
		reissue(t, "pace-cam", card)
		r := judge(t, country(t), mapped(t, card, citizen(t, "pace-cam")))
		assert.Equal(t, pki.Accepted, r.Verdict(), "%s: %v, open %v", name, failures(r), r.Open())
		check, _ := r.Check(pki.CheckMapping)
		assert.Equal(t, pki.Warned, check.Outcome, "%s: %s", name, check.Reason)
	}
}

// The frame of EF.CardSecurity, which no signature covers, is looked at as that of
// EF.SOD is.
func TestFrameOfCardSecurity(t *testing.T) {
	card := citizen(t, "pace-cam")
	whole := card.Files[lds.CardSecurity]
	content, err := lds.ParseDG14(card.Files[lds.DG14])
	require.NoError(t, err)
	signed, err := content.Encode()
	require.NoError(t, err)
	frame := bytes.Index(whole, signed)
	require.Positive(t, frame)
	remarked := 0
	for at := 20; at < frame; at++ { // where the content begins, whose type is checked
		e := mapped(t, card, card)
		e.Files[lds.CardSecurity][at] ^= 1
		r := judge(t, country(t), e)
		check, _ := r.Check(pki.CheckCardSecurity)
		assert.NotEqual(t, pki.Passed, check.Outcome, "byte %d", at)
		if check.Outcome == pki.Warned {
			remarked++
		}
	}
	assert.Less(t, remarked, 3)
}

// No response is found to be right where none was protected.
func TestChannelThatNeverWas(t *testing.T) {
	e := collect(t, citizen(t, "specimen"))
	e.Access = pki.Access{}
	check, _ := judge(t, country(t), e).Check(pki.CheckAccessChannel)
	assert.Equal(t, pki.NotApplicable, check.Outcome, check.Reason)
}

// Evidence of PACE says which variant it was, or it is not that of PACE.
func TestUnnamedProtocol(t *testing.T) {
	e := collect(t, citizen(t, "specimen"))
	e.Access.OID = ""
	assert.Equal(t, []pki.CheckID{pki.CheckAccessDowngrade}, failures(judge(t, country(t), e)))
}

// A table of algorithms that begins late says nothing of what was before: the
// strict one does.
func TestTableThatBeginsLate(t *testing.T) {
	weak := world{
		csca: specimen.Options{NotBefore: date(2010, 1, 1), NotAfter: date(2044, 1, 1), KeyUseEnd: date(2044, 1, 1)},
		dsc:  specimen.DSCOptions{NotBefore: date(2018, 6, 1), KeyUseEnd: date(2018, 9, 1), NotAfter: date(2044, 1, 1), Key: specimen.Algorithm{RSA: 1024}},
	}
	strict := weak.judge(t)
	require.Contains(t, failures(strict), pki.CheckIntegrityDigest)
	weak.policy = pki.Policy{At: now, AllowAlgorithms: []pki.Floor{{From: date(2020, 1, 1), Hash: 256, RSA: 3072, Curve: 256}}}
	r := weak.judge(t)
	assert.Contains(t, failures(r), pki.CheckIntegrityDigest)
	said := r.Policy().Sentences()
	assert.Equal(t, "Policy: the strict default, relaxed.", said[0])
	assert.Equal(t, "Policy: the strict default.", pki.Policy{At: now}.Sentences()[0])
	for _, want := range []string{
		"At all times, signatures need hashes of 160 bits, RSA keys of 1024 and curves of 160 at least.",
		"Since 2018-01-01, signatures need hashes of 224 bits, RSA keys of 2048 and curves of 224 at least.",
		"Since 2020-01-01, signatures need hashes of 256 bits, RSA keys of 3072 and curves of 256 at least.",
	} {
		assert.Contains(t, said, want)
	}
}

// A link certificate that does not name its issuer's key is no anchor: what lies
// above it counts.
func TestLinkWithoutKeyIdentifier(t *testing.T) {
	first := another(t, "first", specimen.Options{NotBefore: date(2015, 1, 1), KeyUseEnd: date(2026, 1, 1)})
	second := another(t, "second", specimen.Options{NotBefore: date(2021, 1, 1)})
	link, err := first.Link(second)
	require.NoError(t, err)
	link, err = first.Reissue(link, func(tbs []byte) {
		replaced(tbs, []byte{0x06, 0x03, 0x55, 0x1D, 0x23}, []byte{0x06, 0x03, 0x55, 0x1D, 0x63}) // an extension that nobody knows
	})
	require.NoError(t, err)
	require.Nil(t, parse(t, link).AuthorityKeyID)
	revoked := specimen.Revocation{Serial: parse(t, first.Certificate).Serial, At: signed}
	r := world{
		sign:    signedBy(second, specimen.DSCOptions{}, nil),
		anchors: func(testing.TB, *specimen.Country) [][]byte { return [][]byte{first.Certificate, link} },
		lists: func(t testing.TB, _ *specimen.Country, _ *specimen.Signer) [][]byte {
			return [][]byte{list(t, first, now.AddDate(0, 0, -1), now.AddDate(0, 1, 0), revoked)}
		},
	}.judge(t)
	assert.Equal(t, []pki.CheckID{pki.CheckRevocationCSCA}, failures(r))
}

// A report that no judge made says nothing on its own authority.
func TestReportOfNobody(t *testing.T) {
	var r pki.Report
	for id, axis := range map[pki.CheckID]pki.Axis{pki.CheckActive: pki.AxisChip, pki.CheckIntegritySOD: pki.AxisIntegrity, pki.CheckIssuerPath: pki.AxisIssuer} {
		r.Checks = append(r.Checks, pki.Check{ID: id, Axis: axis, Outcome: pki.Passed})
	}
	assert.False(t, r.Answers([]byte("0123456789abcdef")))
	assert.Nil(t, r.Holder())
}

// What a chip signed with a key of a signer that was revoked, or had expired
// before, is not vouched for by any State.
func TestAnswersOfTheUnvouched(t *testing.T) {
	challenge := []byte("0123456789abcdef")
	card := citizen(t, "active-and-chip")
	e := witness(t, card, pki.ActiveNonce(challenge, card.Files[lds.SOD]))
	require.True(t, judge(t, country(t), e).Answers(challenge))
	p, err := persona.Load("active-and-chip")
	require.NoError(t, err)
	signer, _, err := p.Signer()
	require.NoError(t, err)
	r := judge(t, country(t, crl(t, now.AddDate(0, 0, -1), now.AddDate(0, 0, 30), specimen.Revocation{Serial: signer.Serial, At: signed})), e)
	require.Contains(t, failures(r), pki.CheckRevocation)
	assert.False(t, r.Answers(challenge))
	r = judge(t, country(t), e, func(p *pki.Policy) {
		p.At = time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC)
		p.AllowCRLAge = 100 * 365 * 24 * time.Hour
	})
	require.True(t, slices.Contains(failures(r), pki.CheckValidityDocument))
	assert.Equal(t, len(failures(r)) == 1, r.Answers(challenge), "an old document is an original all the same: %v", failures(r))
}

// What a file of evidence says costs no more than what a card can say: the time
// to reduce a number grows with the square of its length.
func TestExponentLongerThanItsGroup(t *testing.T) {
	card := citizen(t, "chip-dh")
	e := collect(t, citizen(t, "specimen"))
	e.Files[lds.SOD], e.Files[lds.DG1], e.Files[lds.DG2] = card.Files[lds.SOD], card.Files[lds.DG1], card.Files[lds.DG2]
	e.Files[lds.DG11], e.Files[lds.DG14] = card.Files[lds.DG11], card.Files[lds.DG14]
	key := card.ChipKeys[0]
	oid, ok := lds.ChipProtocol{Agreement: lds.DH, Cipher: key.Cipher}.OID()
	require.True(t, ok)
	e.Chip.Protocol, e.Chip.KeyID = oid.String(), key.ID
	for size, want := range map[int]string{key.Group.ElementBytes(): "the response", key.Group.ElementBytes() + 1: "longer than", 1 << 14: "longer than"} {
		e.Chip.EphemeralPrivate = bytes.Repeat([]byte{0xAB}, size)
		check, _ := judge(t, country(t), e).Check(pki.CheckChip)
		assert.Equal(t, pki.Failed, check.Outcome)
		assert.Contains(t, check.Reason, want)
	}
}

func TestAskedOverAndOver(t *testing.T) {
	e := collect(t, citizen(t, "specimen"))
	delete(e.Files, lds.DG11)
	e.Asked = slices.Repeat([]lds.File{lds.DG11}, 1000)
	check, _ := judge(t, country(t), e).Check(pki.CheckIntegrityPresence)
	assert.Equal(t, pki.NotChecked, check.Outcome)
	assert.Less(t, len(check.Reason), 200)
}

// purposes puts an extended key usage into a certificate, in the place of its
// revocation list's address.
func purposes(t testing.TB, first ...byte) func(tbs []byte) {
	return func(tbs []byte) {
		id := []byte{0x06, 0x03, 0x55, 0x1D, 0x1F, 0x04}
		at := bytes.Index(tbs, id)
		require.Positive(t, at)
		tbs[at+4] = 0x25
		content := tbs[at+len(id)+1:][:tbs[at+len(id)]]
		rest := len(content) - 2 - len(first) - 2
		copy(content, slices.Concat([]byte{0x30, byte(len(content) - 2)}, first, []byte{0x06, byte(rest)}, bytes.Repeat([]byte{0x2A}, rest)))
	}
}

// A key that the State certified for lists, or for whatever else, signs no
// documents: who holds it has no card maker's safe around him.
func TestSignersOfOtherThings(t *testing.T) {
	for name, c := range map[string]struct {
		first []byte
		want  findings
	}{
		"master lists":      {[]byte{0x06, 0x06, 0x67, 0x81, 0x08, 0x01, 0x01, 0x03}, findings{pki.CheckIssuerKeyUsage: pki.Failed}},
		"visible seals":     {[]byte{0x06, 0x08, 0x67, 0x81, 0x08, 0x01, 0x01, 0x0E, 0x02, 0x01}, findings{pki.CheckIssuerKeyUsage: pki.Failed}},
		"electronic mail":   {[]byte{0x06, 0x08, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x04}, findings{pki.CheckIssuerKeyUsage: pki.Failed}},
		"whatever, it says": {[]byte{0x06, 0x04, 0x55, 0x1D, 0x25, 0x00}, findings{pki.CheckIssuerProfile: pki.Warned}},
	} {
		t.Run(name, func(t *testing.T) { world{reissue: purposes(t, c.first...)}.play(t, c.want) })
	}
}

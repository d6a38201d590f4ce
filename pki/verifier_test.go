package pki_test

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu/tlv"
	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/internal/mac"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/cert"
	"cnie/pki/specimen"
	"cnie/pki/trust"
	"cnie/simulator/persona"
)

// now is inside everything that the default persona rests on.
var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func citizen(t testing.TB, name string) *persona.Card {
	t.Helper()
	p, err := persona.Load(name)
	require.NoError(t, err)
	card, err := p.Card()
	require.NoError(t, err)
	return card
}

func country(t testing.TB, crls ...[]byte) *trust.Store {
	t.Helper()
	csca, err := cert.Parse(specimen.Default().Certificate)
	require.NoError(t, err)
	if crls == nil {
		crls = [][]byte{crl(t, now.AddDate(0, 0, -1), now.AddDate(0, 0, 30))}
	}
	var lists []*cert.CRL
	for _, der := range crls {
		list, err := cert.ParseCRL(der)
		require.NoError(t, err)
		lists = append(lists, list)
	}
	return trust.NewStore([]*cert.Certificate{csca}, lists)
}

func crl(t testing.TB, from, to time.Time, revoked ...specimen.Revocation) []byte {
	t.Helper()
	der, err := specimen.Default().CRL(from, to, append(revoked, specimen.Default().Revoked...)...)
	require.NoError(t, err)
	return der
}

// collect makes the evidence that reading the card would give, transcript
// included, without a reader.
func collect(t testing.TB, card *persona.Card) *pki.Evidence {
	t.Helper()
	e := &pki.Evidence{
		ReadAt: now, ATR: card.ATR,
		Access: pki.Access{Protocol: pki.PACE, Password: "CAN", Mapping: "GM", Parameters: "P-256", Cipher: "AES-128"},
		Asked:  []lds.File{lds.SOD, lds.DG14, lds.DG1, lds.DG2, lds.DG11},
		Files:  map[lds.File][]byte{},
		Denied: map[lds.File]uint16{},
	}
	if len(card.PACE) > 0 {
		e.Access.OID = card.PACE[0].OID.String()
	}
	for _, file := range append([]lds.File{lds.CardAccess}, e.Asked...) {
		if content, ok := card.Files[file]; ok {
			e.Files[file] = bytes.Clone(content)
		} else if file != lds.CardAccess {
			e.Denied[file] = 0x6A82
		}
	}
	e.Chip = prove(t, card)
	return e
}

// prove plays both ends of Chip Authentication, ICAO 9303-11 §6.2.
func prove(t testing.TB, card *persona.Card) *pki.ChipAuthentication {
	t.Helper()
	key := card.ChipKeys[0]
	private, err := key.Curve.RandomScalar(rand.Reader)
	require.NoError(t, err)
	ours, err := key.Curve.Generator().Mul(private)
	require.NoError(t, err)
	secret, err := ec.ECDH(key.Private, ours)
	require.NoError(t, err)
	oid, ok := lds.ChipProtocol{Agreement: lds.ECDH, Cipher: key.Cipher}.OID()
	require.True(t, ok)
	return &pki.ChipAuthentication{
		Outcome: pki.ChipPerformed, Protocol: oid.String(), KeyID: key.ID,
		EphemeralPrivate: private, Response: protect(t, key.Cipher, kdf.Derive(key.Cipher, secret, kdf.Mac)),
	}
}

// protect makes the response 9000 under secure messaging, its counter at 2.
func protect(t testing.TB, cipher kdf.Cipher, key []byte) []byte {
	t.Helper()
	status := tlv.Encode(0x99, []byte{0x90, 0x00})
	counter := make([]byte, cipher.BlockSize())
	binary.BigEndian.PutUint64(counter[len(counter)-8:], 2)
	var m mac.MAC
	if cipher == kdf.TDES {
		retail, err := mac.NewRetail(key)
		require.NoError(t, err)
		m = retail
	} else {
		block, err := cipher.NewCipher(key)
		require.NoError(t, err)
		m = mac.NewCMAC(block)
	}
	message := append(counter, status...)
	if cipher != kdf.TDES {
		message = append(message, 0x80)
		message = append(message, make([]byte, (16-len(message)%16)%16)...)
	}
	_, _ = m.Write(message)
	return append(append(status, tlv.Encode(0x8E, m.Sum(nil)[:8])...), 0x90, 0x00)
}

func judge(t testing.TB, anchors *trust.Store, e *pki.Evidence, relax ...func(*pki.Policy)) pki.Report {
	t.Helper()
	policy := pki.Policy{At: now}
	for _, change := range relax {
		change(&policy)
	}
	v, err := pki.NewVerifier(anchors, policy)
	require.NoError(t, err)
	report := v.Verify(t.Context(), e)
	explained(t, report)
	return report
}

func failures(r pki.Report) (ids []pki.CheckID) {
	for _, c := range r.Checks {
		if c.Outcome == pki.Failed {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func TestAccepted(t *testing.T) {
	for _, name := range []string{"specimen", "tdes", "p384", "brainpool"} {
		r := judge(t, country(t), collect(t, citizen(t, name)))
		assert.Equal(t, pki.Accepted, r.Verdict(), "%s: %v, open %v", name, failures(r), r.Open())
		assert.True(t, r.Specimen)
		assert.NotNil(t, r.Holder())
	}
}

func TestZeroValuesAreUnfavourable(t *testing.T) {
	assert.Equal(t, pki.Inconclusive, pki.Report{}.Verdict())
	assert.Nil(t, pki.Report{}.Holder())
	assert.Equal(t, pki.NotChecked, pki.Check{}.Outcome)
	_, err := pki.NewVerifier(nil, pki.Policy{})
	assert.ErrorIs(t, err, pki.ErrNoTime)
	r := judge(t, nil, &pki.Evidence{})
	assert.NotEqual(t, pki.Accepted, r.Verdict())
	assert.Nil(t, r.Holder())
}

// Every byte of EF.SOD, of EF.DG1, DG11 and DG14, and bytes all over the photo:
// one flipped bit and the card is refused. Two kinds of bytes in EF.SOD cannot
// be told from what an honest issuer may do: the key identifier of an authority
// that is not among the anchors (inconclusive), and another spelling of the
// name under which the signer's certificate is looked up (a remark).
func TestEveryFlippedByteIsRefused(t *testing.T) {
	card, anchors := citizen(t, "specimen"), country(t)
	for file, step := range map[lds.File]int{lds.SOD: 1, lds.DG1: 1, lds.DG14: 1, lds.DG11: 1, lds.DG2: 37} {
		var unknown, remarked []int
		for at := 0; at < len(card.Files[file]); at += step {
			e := collect(t, card)
			e.Files[file][at] ^= 1 << (at % 8)
			r := judge(t, anchors, e)
			switch r.Verdict() {
			case pki.Accepted:
				profile, _ := r.Check(pki.CheckIssuerProfile)
				assert.Equal(t, pki.Warned, profile.Outcome, "%v, byte %d: accepted without a remark", file, at)
				assert.Contains(t, profile.Reason, "spells its issuer")
				remarked = append(remarked, at)
			case pki.Inconclusive:
				assert.Contains(t, r.Open(), pki.AxisIssuer)
				unknown = append(unknown, at)
			}
		}
		if file != lds.SOD {
			assert.Empty(t, append(unknown, remarked...), file)
		}
		assert.LessOrEqual(t, len(unknown), 40, "more than the authority key identifier: %v", unknown)
		assert.LessOrEqual(t, len(remarked), 12, "more than spellings of a name: %v", remarked)
	}
}

func TestFindings(t *testing.T) {
	cases := []struct {
		name   string
		change func(*pki.Evidence)
		want   []pki.CheckID
	}{
		{"no access control", func(e *pki.Evidence) { e.Access = pki.Access{} }, []pki.CheckID{pki.CheckAccessProtocol, pki.CheckAccessFallback}},
		{"BAC under the strict policy", func(e *pki.Evidence) { e.Access = pki.Access{Protocol: pki.BAC} }, []pki.CheckID{pki.CheckAccessProtocol, pki.CheckAccessFallback}},
		{"BAC under the strict policy, and CardAccess removed", func(e *pki.Evidence) {
			e.Access = pki.Access{Protocol: pki.BAC}
			delete(e.Files, lds.CardAccess)
		}, []pki.CheckID{pki.CheckAccessProtocol, pki.CheckAccessDowngrade}},
		{"broken channel", func(e *pki.Evidence) { e.Broken = "read EF.DG2"; delete(e.Files, lds.DG2) }, []pki.CheckID{pki.CheckAccessChannel}},
		{"BAC although the unsigned EF.CardAccess alone offers PACE", func(e *pki.Evidence) {
			e.Access = pki.Access{Protocol: pki.BAC}
			delete(e.Files, lds.DG14)
			e.Denied[lds.DG14], e.Chip = 0x6A82, nil
		}, []pki.CheckID{pki.CheckAccessProtocol, pki.CheckAccessFallback, pki.CheckIntegrityPresence}},
		{"broken before it was open", func(e *pki.Evidence) {
			e.Access, e.Broken, e.Chip = pki.Access{}, "open by PACE", nil
			e.Files = map[lds.File][]byte{lds.CardAccess: e.Files[lds.CardAccess]}
		}, []pki.CheckID{pki.CheckAccessChannel}},
		{"CardAccess malformed", func(e *pki.Evidence) { e.Files[lds.CardAccess] = []byte{1} }, []pki.CheckID{pki.CheckAccessDowngrade}},
		{"CardAccess empty", func(e *pki.Evidence) { e.Files[lds.CardAccess] = []byte{0x31, 0} }, []pki.CheckID{pki.CheckAccessWithheld}},
		{"opened by a protocol that was not signed", func(e *pki.Evidence) { e.Access.OID = "0.4.0.127.0.7.2.2.4.2.1" }, []pki.CheckID{pki.CheckAccessDowngrade}},
		{"a proof in PACE that is none", func(e *pki.Evidence) { e.Mapping = &pki.ChipMapping{Outcome: pki.ChipRefused} }, []pki.CheckID{pki.CheckMapping}},
		{"a proof in PACE by a key that was not signed", func(e *pki.Evidence) {
			e.Mapping = &pki.ChipMapping{Outcome: pki.ChipPerformed, KeyID: 13, Parameters: "brainpoolP256r1", Data: make([]byte, 32)}
		}, []pki.CheckID{pki.CheckMapping}},
		{"the mapping that proves, without a proof", func(e *pki.Evidence) { e.Access.Mapping = "CAM" }, []pki.CheckID{pki.CheckMapping}},
		{"EF.CardSecurity is garbage", func(e *pki.Evidence) { e.Files[lds.CardSecurity] = []byte{0x30, 0} }, []pki.CheckID{pki.CheckCardSecurity}},
		{"EF.CardSecurity is a signed list of hashes", func(e *pki.Evidence) {
			e.Files[lds.CardSecurity], _ = lds.ParseSOD(e.Files[lds.SOD])
		}, []pki.CheckID{pki.CheckCardSecurity}},
		{"DG14 denied", func(e *pki.Evidence) { delete(e.Files, lds.DG14); e.Denied[lds.DG14] = 0x6A82; e.Chip = nil }, []pki.CheckID{pki.CheckIntegrityPresence}},
		{"DG1 exchanged for nothing", func(e *pki.Evidence) { e.Files[lds.DG1] = nil }, []pki.CheckID{pki.CheckIntegrityOf(lds.DG1)}},
		{"a file that EF.SOD does not know", func(e *pki.Evidence) { e.Files[lds.DG7] = []byte("x") }, []pki.CheckID{pki.CheckIntegrityOf(lds.DG7)}},
		{"SOD denied", func(e *pki.Evidence) { delete(e.Files, lds.SOD); e.Denied[lds.SOD] = 0x6982 }, []pki.CheckID{pki.CheckIntegritySOD}},
		{"chip refused", func(e *pki.Evidence) { e.Chip = &pki.ChipAuthentication{Outcome: pki.ChipRefused, Status: 0x6A88} }, []pki.CheckID{pki.CheckChip}},
		{"chip lost the channel", func(e *pki.Evidence) { e.Chip = &pki.ChipAuthentication{Outcome: pki.ChipBroken} }, []pki.CheckID{pki.CheckChip}},
		{"empty transcript", func(e *pki.Evidence) { e.Chip = &pki.ChipAuthentication{Outcome: pki.ChipPerformed} }, []pki.CheckID{pki.CheckChip}},
		{"unknown chip outcome", func(e *pki.Evidence) { e.Chip.Outcome = "superb" }, []pki.CheckID{pki.CheckChip}},
		{"transcript of another protocol", func(e *pki.Evidence) { e.Chip.Protocol = "0.4.0.127.0.7.2.2.3.2.1" }, []pki.CheckID{pki.CheckChip}},
		{"transcript of another key", func(e *pki.Evidence) { id := 77; e.Chip.KeyID = &id }, []pki.CheckID{pki.CheckChip}},
		{"transcript with a changed response", func(e *pki.Evidence) { e.Chip.Response[len(e.Chip.Response)-4] ^= 1 }, []pki.CheckID{pki.CheckChip}},
		{"transcript cut short", func(e *pki.Evidence) { e.Chip.Response = e.Chip.Response[:1] }, []pki.CheckID{pki.CheckChip}},
		{"transcript with a scalar of zero", func(e *pki.Evidence) { clear(e.Chip.EphemeralPrivate) }, []pki.CheckID{pki.CheckChip}},
	}
	card, anchors := citizen(t, "specimen"), country(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := collect(t, card)
			c.change(e)
			r := judge(t, anchors, e)
			assert.Equal(t, pki.Refused, r.Verdict())
			assert.ElementsMatch(t, c.want, failures(r))
			assert.Nil(t, r.Holder())
		})
	}
}

func TestCannotTell(t *testing.T) {
	card := citizen(t, "specimen")
	cases := []struct {
		name    string
		anchors *trust.Store
		change  func(*pki.Evidence)
		open    []pki.Axis
	}{
		{"no anchors", nil, nil, []pki.Axis{pki.AxisIssuer, pki.AxisValidity, pki.AxisRevocation}},
		{"no revocation list", country(t, [][]byte{}...), nil, []pki.Axis{pki.AxisRevocation}},
		{"stale revocation list", country(t, crl(t, now.AddDate(-1, 0, 0), now.AddDate(0, 0, -1))), nil, []pki.Axis{pki.AxisRevocation}},
		{"no proof offered or tried", country(t), func(e *pki.Evidence) { e.Chip = nil }, []pki.Axis{pki.AxisChip}},
		{"DG14 not read", country(t), func(e *pki.Evidence) {
			delete(e.Files, lds.DG14)
			e.Asked = slices.DeleteFunc(e.Asked, func(f lds.File) bool { return f == lds.DG14 })
			e.Chip = nil
		}, []pki.Axis{pki.AxisAccess, pki.AxisIntegrity, pki.AxisChip}},
		{"DG1 not asked for", country(t), func(e *pki.Evidence) {
			delete(e.Files, lds.DG1)
			e.Asked = slices.DeleteFunc(e.Asked, func(f lds.File) bool { return f == lds.DG1 })
		}, []pki.Axis{pki.AxisValidity}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := collect(t, card)
			if c.change != nil {
				c.change(e)
			}
			r := judge(t, c.anchors, e)
			assert.Equal(t, pki.Inconclusive, r.Verdict(), "%v", failures(r))
			assert.Equal(t, c.open, r.Open())
			assert.Nil(t, r.Holder())
		})
	}
}

func TestIssuerKnownOnlyToTheHolder(t *testing.T) {
	allow := func(p *pki.Policy) { p.AllowUnverifiedIssuer = true }
	r := judge(t, nil, collect(t, citizen(t, "specimen")), allow)
	assert.Equal(t, pki.Watermarked, r.Release())
	assert.Equal(t, pki.MarkUnverifiedIssuer, r.Holder().Watermark)

	e := collect(t, citizen(t, "specimen"))
	e.Chip = nil
	assert.Nil(t, judge(t, nil, e, allow).Holder(), "more than the issuer is missing")
	e.Files[lds.DG1][40] ^= 1
	assert.Nil(t, judge(t, nil, e, allow).Holder(), "never on refused")
}

// The holder fields come from files whose hash was right, and only from those
// that were asked for.
func TestHolderIsWhatWasRead(t *testing.T) {
	e := collect(t, citizen(t, "specimen"))
	delete(e.Files, lds.DG2)
	delete(e.Files, lds.DG11)
	e.Asked = []lds.File{lds.SOD, lds.DG14, lds.DG1}
	h := judge(t, country(t), e).Holder()
	require.NotNil(t, h)
	assert.Equal(t, "SPECIMEN", h.Surname)
	assert.True(t, h.Reserved)
	assert.Nil(t, h.Photo)
	assert.Empty(t, h.NationalSurname)
	assert.Empty(t, h.Address)
}

func TestRevokedSigner(t *testing.T) {
	card := citizen(t, "revoked")
	r := judge(t, country(t), collect(t, card))
	assert.Equal(t, []pki.CheckID{pki.CheckRevocation}, failures(r))
	stale := crl(t, now.AddDate(-1, 0, 0), now.AddDate(0, 0, -1))
	r = judge(t, country(t, stale), collect(t, card))
	assert.Equal(t, []pki.CheckID{pki.CheckRevocation}, failures(r), "an old list still revokes")
}

// Evidence survives being written down: the same report comes of it.
func TestEvidenceRoundTrip(t *testing.T) {
	e := collect(t, citizen(t, "specimen"))
	text, err := json.Marshal(e)
	require.NoError(t, err)
	var back pki.Evidence
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, judge(t, country(t), e).Checks, judge(t, country(t), &back).Checks)
}

func TestOutcomeNames(t *testing.T) {
	for o := pki.NotChecked; o <= pki.NotApplicable; o++ {
		text, err := o.MarshalText()
		require.NoError(t, err)
		var back pki.Outcome
		require.NoError(t, back.UnmarshalText(text))
		assert.Equal(t, o, back)
	}
	assert.Error(t, new(pki.Outcome).UnmarshalText([]byte("fine")))
}

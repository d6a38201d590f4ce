package pki_test

import (
	"crypto"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/specimen"
	"cnie/simulator/persona"
)

// What an issuer may announce of a key on a curve, and what each comes to.
func TestAnnouncedAlgorithms(t *testing.T) {
	plain := func(n int) asn1.ObjectIdentifier { return asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 1, 1, 4, 1, n} }
	info := func(version int, oid asn1.ObjectIdentifier) lds.ActiveAuthenticationInfo {
		return lds.ActiveAuthenticationInfo{OID: lds.OIDActiveAuth, Version: version, SignatureAlgorithm: oid}
	}
	type infos = []lds.ActiveAuthenticationInfo
	for name, c := range map[string]struct {
		announced infos
		hash      crypto.Hash
		want      pki.Outcome
		reason    string
	}{
		"SHA-224":          {infos{info(1, plain(2))}, crypto.SHA224, pki.Passed, "P-384"},
		"SHA-256":          {infos{info(1, plain(3))}, crypto.SHA256, pki.Passed, "SHA-256"},
		"SHA-384":          {infos{info(1, plain(4))}, crypto.SHA384, pki.Passed, "SHA-384"},
		"longer than key":  {infos{info(1, plain(5))}, crypto.SHA512, pki.Warned, "a hash longer than the key"},
		"SHA-1":            {infos{info(1, plain(1))}, crypto.SHA1, pki.Warned, "§6.1.2.3 excludes"},
		"X9.62":            {infos{info(1, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2})}, crypto.SHA256, pki.Warned, "in DER instead"},
		"another hash":     {infos{info(1, plain(3))}, crypto.SHA384, pki.Failed, "not over the nonce"},
		"twice the same":   {infos{info(1, plain(4)), info(1, plain(4))}, crypto.SHA384, pki.Passed, ""},
		"two ways":         {infos{info(1, plain(3)), info(1, plain(4))}, crypto.SHA384, pki.Failed, "more than one"},
		"another version":  {infos{info(2, plain(4))}, crypto.SHA384, pki.Failed, "§9.2.4"},
		"for RSA":          {infos{info(1, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11})}, crypto.SHA256, pki.Failed, "for other keys"},
		"RIPEMD-160":       {infos{info(1, plain(6))}, crypto.SHA256, pki.NotChecked, "cannot be verified"},
		"nothing":          {nil, crypto.SHA384, pki.Failed, "§9.2.4"},
		"unknown ECDSA":    {infos{info(1, plain(9))}, crypto.SHA256, pki.NotChecked, "cannot be verified"},
		"no more than arc": {infos{info(1, plain(3)[:10])}, crypto.SHA256, pki.NotChecked, "cannot be verified"},
	} {
		t.Run(name, func(t *testing.T) {
			card := citizen(t, "active-only")
			var err error
			card.Files[lds.DG14], err = lds.SecurityInfos{PACE: card.PACE, ActiveAuth: c.announced}.EncodeDG14()
			require.NoError(t, err)
			reissue(t, "active-only", card)
			card.ActiveKey.Hash = c.hash
			r := judge(t, country(t), witness(t, card, nonce))
			check, _ := r.Check(pki.CheckActive)
			assert.Equal(t, c.want, check.Outcome, check.Reason)
			assert.Contains(t, check.Reason, c.reason)
			assert.Equal(t, c.want == pki.Passed || c.want == pki.Warned, r.Verdict() == pki.Accepted)
		})
	}
}

// Signatures of openssl: in DER, which is tolerated, and taken apart.
func TestActiveSignaturesOfOpenSSL(t *testing.T) {
	for _, curve := range []*ec.Curve{ec.P256(), ec.P384(), ec.P521(), ec.BrainpoolP256r1(), ec.BrainpoolP384r1(), ec.BrainpoolP512r1()} {
		card := citizen(t, "active-only")
		card.ActiveKey = &persona.ActiveKey{Curve: curve, Private: specimen.Scalar(curve, "openssl"), Hash: crypto.SHA256}
		public, err := card.ActiveKey.SubjectPublicKeyInfo()
		require.NoError(t, err)
		card.Files[lds.DG15] = lds.EncodeDG15(public)
		card.Files[lds.DG14], err = lds.SecurityInfos{PACE: card.PACE, ActiveAuth: []lds.ActiveAuthenticationInfo{{
			OID: lds.OIDActiveAuth, Version: 1, SignatureAlgorithm: asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 3},
		}}}.EncodeDG14()
		require.NoError(t, err)
		reissue(t, "active-only", card)

		der := opensslSign(t, card.ActiveKey, nonce)
		e := witness(t, card, nonce)
		e.Active.Response = der
		r := judge(t, country(t), e)
		assert.Equal(t, [2]pki.Outcome{pki.NotApplicable, pki.Warned}, proofs(r), curve)
		check, _ := r.Check(pki.CheckActive)
		assert.Contains(t, check.Reason, "in DER instead of a plain one")

		var parts struct{ R, S *big.Int }
		_, err = asn1.Unmarshal(der, &parts)
		require.NoError(t, err)
		size := curve.ScalarBytes()
		e.Active.Response = slices.Concat(parts.R.FillBytes(make([]byte, size)), parts.S.FillBytes(make([]byte, size)))
		assert.Equal(t, [2]pki.Outcome{pki.NotApplicable, pki.Passed}, proofs(judge(t, country(t), e)), curve)
		e.Active.Response = append(slices.Clone(der), 0)
		assert.Equal(t, pki.Refused, judge(t, country(t), e).Verdict(), "bytes after the signature")
	}
}

func opensslSign(t *testing.T, key *persona.ActiveKey, message []byte) []byte {
	t.Helper()
	private, err := asn1.Marshal(struct {
		Version int
		Private []byte
		Curve   asn1.ObjectIdentifier `asn1:"explicit,tag:0"`
	}{1, key.Private, key.Curve.OID()})
	require.NoError(t, err)
	dir := t.TempDir()
	pemFile := filepath.Join(dir, "key.pem")
	require.NoError(t, os.WriteFile(pemFile, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}), 0o600))
	text := filepath.Join(dir, "nonce")
	require.NoError(t, os.WriteFile(text, message, 0o600))
	out, err := exec.Command("openssl", "dgst", "-sha256", "-sign", pemFile, text).Output()
	require.NoError(t, err)
	return out
}

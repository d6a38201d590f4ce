package pki_test

import (
	"bytes"
	"testing"
	"time"

	"cnie/pki"
	"cnie/pki/specimen"
)

// withoutKeyUsePeriod gives the extension an identifier that means nothing.
func withoutKeyUsePeriod(tbs []byte) {
	oid := []byte{0x06, 0x03, 0x55, 0x1d, 0x10} // 2.5.29.16
	tbs[bytes.Index(tbs, oid)+4] = 0x7f
}

// TestDates judges one card at 30 moments, or under certificates and lists with
// other dates, each with exactly the findings that it deserves. The document
// expires on 2035-01-01; its signer signs from 2025-01-01 to 2025-04-01 and
// lives until 2035-04-01; the authority is of 2024 to 2044 and signs until 2029.
// A list made after a certificate expired may have dropped it, which is remarked.
func TestDates(t *testing.T) {
	at := func(y int, m time.Month, d int) pki.Policy { return pki.Policy{At: date(y, m, d)} }
	said := specimen.SODOptions{SigningTime: signed}
	shortDSC := specimen.DSCOptions{NotAfter: date(2030, 1, 1)}
	shortCSCA := specimen.Options{NotAfter: date(2030, 1, 1)}
	const day = 24 * time.Hour
	cases := []struct {
		name string
		world
		want findings
	}{
		{"everything in force", world{sod: said}, nil},
		{"the moment of signing", world{sod: said, policy: pki.Policy{At: signed}}, nil},
		{"the document's last day", world{sod: said, policy: at(2034, 12, 31)}, nil},
		{"nothing says when it was signed", world{}, nil},

		{"before the authority existed", world{sod: said, policy: at(2023, 6, 1)},
			findings{pki.CheckValiditySigner: pki.Failed, pki.CheckValidityCSCA: pki.Failed, pki.CheckValiditySigning: pki.Failed}},
		{"before the signer existed", world{sod: said, policy: at(2024, 6, 1)},
			findings{pki.CheckValiditySigner: pki.Failed, pki.CheckValiditySigning: pki.Failed}},
		{"before it says it was signed", world{sod: said, policy: at(2025, 1, 10)}, findings{pki.CheckValiditySigning: pki.Failed}},

		{"document expired", world{sod: said, policy: at(2035, 1, 3)}, findings{pki.CheckValidityDocument: pki.Failed}},
		{"document expired within what is allowed", world{sod: said, policy: pki.Policy{At: date(2035, 1, 20), AllowExpiredDocument: 30 * day}},
			findings{pki.CheckValidityDocument: pki.Warned}},
		{"document expired beyond what is allowed", world{sod: said, policy: pki.Policy{At: date(2035, 3, 1), AllowExpiredDocument: 30 * day}},
			findings{pki.CheckValidityDocument: pki.Failed}},
		{"document and signer expired", world{sod: said, policy: at(2036, 1, 1)},
			findings{pki.CheckValidityDocument: pki.Failed, pki.CheckValiditySigner: pki.Warned, pki.CheckRevocation: pki.Warned}},

		{"signer expired, said to be signed before", world{sod: said, dsc: shortDSC, policy: at(2031, 1, 1)}, findings{pki.CheckValiditySigner: pki.Warned, pki.CheckRevocation: pki.Warned}},
		{"signer expired, its key in use before", world{dsc: shortDSC, policy: at(2031, 1, 1)}, findings{pki.CheckValiditySigner: pki.Warned, pki.CheckRevocation: pki.Warned}},
		{"signer expired, signing at any time", world{dsc: shortDSC, reissue: withoutKeyUsePeriod, policy: at(2031, 1, 1)}, findings{pki.CheckValiditySigner: pki.NotChecked, pki.CheckRevocation: pki.Warned}},
		{"signer expired before the signing", world{
			sod: specimen.SODOptions{SigningTime: date(2025, 3, 1)}, dsc: specimen.DSCOptions{NotAfter: date(2025, 2, 1)}, policy: at(2026, 1, 1),
		}, findings{pki.CheckValiditySigner: pki.Failed, pki.CheckRevocation: pki.Warned}},

		{"authority expired, said to be signed before", world{sod: said, csca: shortCSCA, policy: at(2031, 1, 1)}, findings{pki.CheckValidityCSCA: pki.Warned, pki.CheckRevocationCSCA: pki.Warned}},
		{"authority expired, the signer's key in use before", world{csca: shortCSCA, policy: at(2031, 1, 1)}, findings{pki.CheckValidityCSCA: pki.Warned, pki.CheckRevocationCSCA: pki.Warned}},
		{"authority expired while the signer's key was in use", world{csca: specimen.Options{NotAfter: date(2025, 2, 1)}, policy: at(2026, 1, 1)},
			findings{pki.CheckValidityCSCA: pki.NotChecked, pki.CheckRevocationCSCA: pki.Warned}},
		{"authority expired before the signing", world{
			sod: specimen.SODOptions{SigningTime: date(2025, 3, 1)}, csca: specimen.Options{NotAfter: date(2025, 2, 1)}, policy: at(2026, 1, 1),
		}, findings{pki.CheckValidityCSCA: pki.Failed, pki.CheckRevocationCSCA: pki.Warned}},
		{"authority and signer expired", world{sod: said, csca: shortCSCA, dsc: shortDSC, policy: at(2031, 1, 1)},
			findings{pki.CheckValidityCSCA: pki.Warned, pki.CheckValiditySigner: pki.Warned, pki.CheckRevocation: pki.Warned, pki.CheckRevocationCSCA: pki.Warned}},

		{"signed before the key's use", world{sod: specimen.SODOptions{SigningTime: date(2024, 12, 1)}}, findings{pki.CheckValiditySigning: pki.Failed}},
		{"signed after the key's use", world{sod: specimen.SODOptions{SigningTime: date(2025, 5, 1)}}, findings{pki.CheckValiditySigning: pki.Failed}},
		{"signed after the key's use, which is allowed", world{
			sod: specimen.SODOptions{SigningTime: date(2025, 5, 1)}, policy: pki.Policy{At: now, AllowSigningOutsideKeyUse: true},
		}, findings{pki.CheckValiditySigning: pki.Warned}},
		{"signer certified after the authority's key was in use", world{sod: said, csca: specimen.Options{KeyUseEnd: date(2024, 12, 1)}},
			findings{pki.CheckValidityCertifying: pki.Failed}},
		{"signer certified before the authority's key was in use", world{sod: said, dsc: specimen.DSCOptions{NotBefore: date(2023, 12, 1), KeyUseEnd: date(2026, 1, 1)}},
			findings{pki.CheckValidityCertifying: pki.Failed}},
		{"signer certified after the authority's key was in use, which is allowed", world{
			sod: said, csca: specimen.Options{KeyUseEnd: date(2024, 12, 1)}, policy: pki.Policy{At: now, AllowSigningOutsideKeyUse: true},
		}, findings{pki.CheckValidityCertifying: pki.Warned}},

		{"revocation list due", world{since: now.AddDate(0, 0, -30), due: now.AddDate(0, 0, -1)},
			findings{pki.CheckRevocation: pki.NotChecked, pki.CheckRevocationCSCA: pki.NotChecked}},
		{"revocation list due, which is allowed", world{
			since: now.AddDate(0, 0, -30), due: now.AddDate(0, 0, -1), policy: pki.Policy{At: now, AllowCRLAge: 40 * day},
		}, findings{pki.CheckRevocation: pki.Warned, pki.CheckRevocationCSCA: pki.Warned}},
		{"revocation list not due for years, but old", world{since: now.AddDate(-1, 0, 0), due: now.AddDate(5, 0, 0)},
			findings{pki.CheckRevocation: pki.NotChecked, pki.CheckRevocationCSCA: pki.NotChecked}},
		{"revocation list younger than the policy asks", world{since: now.AddDate(0, 0, -9), policy: pki.Policy{At: now, AllowCRLAge: 7 * day}},
			findings{pki.CheckRevocation: pki.NotChecked, pki.CheckRevocationCSCA: pki.NotChecked}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.play(t, c.want) })
	}
}

package cert_test

import (
	"crypto/x509"
	"testing"

	"cnie/pki/cert"
)

// FuzzParse looks for panics, and for parsed certificates whose methods do.
func FuzzParse(f *testing.F) {
	f.Add([]byte{0x30, 0x80})
	tmpl := template()
	f.Add(create(f, tmpl))
	tmpl.IsCA, tmpl.MaxPathLen, tmpl.KeyUsage = true, 1, x509.KeyUsageCertSign
	tmpl.SubjectKeyId, tmpl.CRLDistributionPoints, tmpl.DNSNames = []byte{1}, []string{"http://csca.specimen.example"}, []string{"specimen.example"}
	f.Add(create(f, tmpl))
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := cert.Parse(der)
		if err != nil {
			return
		}
		_ = c.CheckSignatureFrom(c)
		_, _, _ = c.KeyIdentifier(), c.Subject.String(), c.Subject.Canonical()
		_ = c.DocumentProfile()
	})
}

func FuzzParseCRL(f *testing.F) {
	der, issuer := revocations(f)
	f.Add(der)
	f.Fuzz(func(t *testing.T, der []byte) {
		list, err := cert.ParseCRL(der)
		if err != nil {
			return
		}
		_ = list.CheckSignatureFrom(issuer)
		_, _ = list.Revoked(issuer.Serial)
	})
}

func FuzzParseSPKI(f *testing.F) {
	f.Add(parse(f, create(f, template())).RawSPKI)
	f.Fuzz(func(t *testing.T, der []byte) { _, _ = cert.ParseSPKI(der) })
}

package ca

import (
	"crypto/x509"
	"slices"
	"time"
)

// Issued is a certificate that the authority has issued, and what became of it.
type Issued struct {
	Certificate *x509.Certificate
	Profile     string    // who ordered it; empty for the authority's own
	Revoked     time.Time // zero: not
}

// List lists what was issued, the oldest first.
func (ca *CA) List() ([]Issued, error) {
	entries, err := ca.records.List(issuedTable)
	if err != nil {
		return nil, err
	}
	var list []Issued
	for _, entry := range entries {
		certificate, err := x509.ParseCertificate(entry.Value)
		if err != nil {
			return nil, err
		}
		one := Issued{Certificate: certificate}
		serial := certificate.SerialNumber.String()
		if ordered, err := ca.records.GetCertificateData(serial); err == nil && ordered.Provisioner != nil {
			one.Profile = ordered.Provisioner.Name
		}
		revocation, err := ca.records.revoked(serial)
		if err != nil {
			return nil, err
		}
		if revocation != nil {
			one.Revoked = revocation.RevokedAt
		}
		list = append(list, one)
	}
	slices.SortStableFunc(list, func(a, b Issued) int { return a.Certificate.NotBefore.Compare(b.Certificate.NotBefore) })
	return list, nil
}

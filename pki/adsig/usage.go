package adsig

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"slices"

	"cnie/pki/cert"
)

var errUsage = errors.New("the certificate's key is not for signing documents")

// otherPurposes are the extended key usages with which a key serves machines:
// servers, programs, timestamps, answers of responders.
var otherPurposes = []asn1.ObjectIdentifier{
	{1, 3, 6, 1, 5, 5, 7, 3, 1}, {1, 3, 6, 1, 5, 5, 7, 3, 3}, {1, 3, 6, 1, 5, 5, 7, 3, 8}, {1, 3, 6, 1, 5, 5, 7, 3, 9},
}

// signingUsage asks for a key that may sign what others will rely on. Where a
// certificate limits the use of its key, it has to allow contentCommitment or
// digitalSignature (RFC 5280 §4.2.1.3), and something besides serving machines
// (§4.2.1.12).
func signingUsage(c *cert.Certificate) error {
	bits := c.KeyUsage == 0 || c.KeyUsage&(x509.KeyUsageContentCommitment|x509.KeyUsageDigitalSignature) != 0
	other := func(usage asn1.ObjectIdentifier) bool { return slices.ContainsFunc(otherPurposes, usage.Equal) }
	personal := len(c.ExtKeyUsage) == 0 || slices.ContainsFunc(c.ExtKeyUsage, func(u asn1.ObjectIdentifier) bool { return !other(u) })
	if c.IsCA || !bits || !personal {
		return errUsage
	}
	return nil
}

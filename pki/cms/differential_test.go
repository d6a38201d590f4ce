package cms_test

import (
	"errors"
	"strings"

	"cnie/pki/cert"
	"cnie/pki/cms"
)

// A verdict is what a verifier makes of a message.
type verdict struct {
	content    []byte
	err        error // nil: every signer's signature verifies
	deviations []string
}

// theirVerdict asks OpenSSL. With chain, the signers' certificates must lead to
// the authority; purposes, which belong to the judge, are left out.
func (w *workshop) theirVerdict(s sample, message []byte, chain bool) verdict {
	args := append([]string{"cms", "-verify", "-inform", "DER", "-binary"}, s.verifyArgs...)
	if chain {
		args = append(args, "-CAfile", w.path("authority.pem"), "-purpose", "any")
	} else {
		args = append(args, "-noverify")
	}
	content, accepted, remark := w.try(message, args...)
	if !accepted {
		return verdict{err: errors.New(strings.TrimSpace(remark))}
	}
	return verdict{content: content}
}

// ourVerdict is the same in terms of this package.
func (w *workshop) ourVerdict(s sample, message []byte, chain bool) verdict {
	sd, err := cms.Parse(message)
	if err != nil {
		return verdict{err: err}
	}
	if sd.Detached {
		sd.Content = s.detached
	}
	v := verdict{content: sd.Content, deviations: sd.Deviations}
	if len(sd.Signers) == 0 {
		v.err = errors.New("nobody signed")
	}
	for i := range sd.Signers {
		signer := s.signer(sd, i)
		result, err := sd.Verify(i, signer)
		v.deviations = append(v.deviations, result.Deviations...)
		if err == nil {
			v.deviations = append(v.deviations, signer.Deviations...)
		}
		if err == nil && chain {
			err = w.validate(signer)
		}
		v.err = errors.Join(v.err, err)
	}
	return v
}

// signer is the embedded certificate, or the one that travels outside.
func (s sample) signer(sd *cms.SignedData, i int) *cert.Certificate {
	if c, found := sd.SignerCertificate(i); found {
		return c
	}
	outside := cms.SignedData{Signers: sd.Signers, Certificates: s.signers}
	c, _ := outside.SignerCertificate(i)
	return c
}

// validate is the one step from a signer to the authority.
func (w *workshop) validate(c *cert.Certificate) error {
	if !c.Issuer.Equal(w.authority.Subject) {
		return errors.New("issued by somebody else")
	}
	return c.CheckSignatureFrom(w.authority)
}

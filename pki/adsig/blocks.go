package adsig

import (
	"crypto"
	"errors"
	"strings"
	"time"

	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/ess"
	"cnie/pki/cert"
	"cnie/pki/cms"
)

// formatChecking is EN 319 102-1 §5.2.2. A message with content of its own is right
// for that content, wherever it is put: where the content is elsewhere, in a PDF or
// beside a manifest, it would be a signature of anything at all.
func (v *validation) formatChecking() bool {
	var err error
	if !v.message.Detached && v.in.Digests != nil {
		v.report.fail(CheckFormat, FormatFailure, "the message has content of its own, where the content is elsewhere")
		return false
	}
	if v.properties, err = cades.Read(v.message, v.index); err != nil {
		v.report.fail(CheckFormat, FormatFailure, "%v", err)
		return false
	}
	v.addCertificates(v.properties.Certificates)
	v.carry(v.properties.Lists, v.properties.Responses)
	v.report.pass(CheckFormat, "a signed message with %d signed attributes", len(v.properties.Signed))
	return true
}

// identification is EN 319 102-1 §5.2.3: the certificate is found by the name
// that the signer gives, and must be the one that the signed attributes name.
func (v *validation) identification() bool {
	hash, err := v.findSigner()
	if v.report.Signer == nil {
		v.report.fail(CheckSigner, NoSigningCertificateFound, "the signer's certificate is not at hand")
		return false
	}
	v.report.pass(CheckSigner, "%q", v.report.Signer.Subject)
	switch {
	case errors.Is(err, ess.ErrMismatch):
		v.report.fail(CheckReference, NoSigningCertificateFound, "%v", err)
	case errors.Is(err, ess.ErrMissing):
		v.report.fail(CheckReference, SigConstraintsFailure, "%v", err)
	case err != nil:
		v.report.fail(CheckReference, FormatFailure, "%v", err)
	default:
		v.report.pass(CheckReference, "named by its %v", hash)
	}
	return true
}

// findSigner looks among all certificates for one that the signer names and the
// signed attributes name as well, else for one that the signer names: somebody
// may have put others of that name before it.
func (v *validation) findSigner() (hash crypto.Hash, err error) {
	for _, c := range v.pool {
		alone := cms.SignedData{Signers: v.message.Signers, Certificates: []*cert.Certificate{c}}
		if _, named := alone.SignerCertificate(v.index); !named {
			continue
		}
		h, mismatch := ess.Check(v.properties.Signed, c)
		if v.report.Signer == nil || mismatch == nil {
			v.report.Signer, hash, err = c, h, mismatch
		}
		if mismatch == nil {
			break
		}
	}
	return hash, err
}

// contextInitialisation is EN 319 102-1 §5.2.4. Signature policies are documents
// that state rules; none is known here, and rules that cannot be read cannot be
// said to be kept.
func (v *validation) contextInitialisation() {
	if v.properties.PolicyNamed {
		v.report.fail(CheckPolicy, SignaturePolicyNotAvailable, "the signature names a policy that is not at hand")
		return
	}
	v.report.pass(CheckPolicy, "the signature names no policy of its own")
}

// cryptographicVerification is EN 319 102-1 §5.2.7.
func (v *validation) cryptographicVerification() bool {
	hash, err := v.message.DigestAlgorithm(v.index)
	if err != nil {
		v.report.fail(CheckDigest, FormatFailure, "%v", err)
		return false
	}
	if v.digests == nil {
		v.report.fail(CheckDigest, SignedDataNotFound, "the content is not at hand")
		return false
	}
	digest, err := v.digests(hash)
	if err != nil {
		v.report.fail(CheckDigest, SignedDataNotFound, "%v", err)
		return false
	}
	v.result, err = v.message.VerifyDigest(v.index, v.report.Signer, digest)
	v.report.Claimed = v.result.SigningTime
	switch {
	case errors.Is(err, cms.ErrMessageDigest):
		v.report.fail(CheckDigest, HashFailure, "%v", err)
		return false
	case errors.Is(err, cms.ErrMalformed):
		v.report.fail(CheckDigest, FormatFailure, "%v", err)
		return false
	case errors.Is(err, cert.ErrUnsupported):
		v.report.fail(CheckValue, CryptoConstraintsFailure, "%v", err)
		return false
	case err != nil:
		v.report.pass(CheckDigest, "%v", hash)
		v.report.fail(CheckValue, SigCryptoFailure, "%v", err)
		return false
	}
	v.report.pass(CheckDigest, "%v", hash)
	if odd := v.result.Deviations; len(odd) > 0 {
		v.report.warn(CheckValue, "%v; %s", v.result.Algorithm, strings.Join(odd, "; "))
	} else {
		v.report.pass(CheckValue, "%v", v.result.Algorithm)
	}
	return true
}

// acceptance is EN 319 102-1 §5.2.8: the signature's own algorithms, and the
// attributes of its profile.
func (v *validation) acceptance() {
	r := &v.report
	hash, _ := ess.Check(v.properties.Signed, r.Signer)
	hashes := []crypto.Hash{v.result.DigestAlgorithm}
	if hash != 0 {
		hashes = append(hashes, hash)
	}
	v.algorithms(&r.Checks, v.result.Algorithm, r.Signer.PublicKey, r.Proven, hashes...)
	switch {
	case len(v.properties.Signed) == 0:
		r.fail(CheckAttributes, SigConstraintsFailure, "the signature has no signed attributes")
	case v.in.Profile == PAdES && v.properties.HasSigningTime: // EN 319 142-1 §6.3
		r.fail(CheckAttributes, SigConstraintsFailure, "a signing time is among the signed attributes, where PAdES has it in the file")
	case v.in.Profile == CAdES && !v.properties.HasSigningTime: // EN 319 122-1 §6.3
		r.fail(CheckAttributes, SigConstraintsFailure, "no signing time is among the signed attributes")
	case v.result.SigningTime != nil && v.result.SigningTime.After(r.Proven.Add(skew)):
		r.fail(CheckAttributes, SigConstraintsFailure, "the signer claims to have signed on %s, after the signature existed", moment(*v.result.SigningTime))
	default:
		r.pass(CheckAttributes, "as its profile asks")
	}
}

// algorithms compares what a signature was made with against the limits at the
// time by which it existed.
func (v *validation) algorithms(c *Checks, a cert.Algorithm, key cert.PublicKey, proven time.Time, hashes ...crypto.Hash) {
	end := reliable(v.policy.limits(), a, key, hashes...)
	switch {
	case !end.Before(proven):
		c.pass(CheckAlgorithm, "%v with %d bits", a, keyBits(key))
	case proven.Before(v.policy.At):
		c.fail(CheckAlgorithm, CryptoConstraintsFailure, "%v with %d bits was reliable until %s", a, keyBits(key), day(end))
	default:
		c.fail(CheckAlgorithm, CryptoConstraintsFailureNoPOE, "%v with %d bits was reliable until %s, and nothing proves that the signature existed before",
			a, keyBits(key), day(end))
	}
}

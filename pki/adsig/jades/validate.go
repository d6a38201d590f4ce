package jades

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"io"

	"cnie/pki"
	"cnie/pki/adsig"
	"cnie/pki/cert"
)

// Content opens a file that a signature names; "" is the payload of one that
// names none and has none.
type Content func(name string) (io.ReadCloser, error)

// clauses are where the checks of package adsig have their rules for this format.
var clauses = map[adsig.CheckID]string{
	adsig.CheckFormat: "RFC 7515 §5.2", adsig.CheckSigner: "TS 119 182-1 §5.1.7", adsig.CheckReference: "TS 119 182-1 §5.1.7",
	adsig.CheckPolicy: "TS 119 182-1 §5.2.7", adsig.CheckDigest: "TS 119 182-1 §5.2.8", adsig.CheckValue: "RFC 7515 §5.2",
	adsig.CheckAttributes: "TS 119 182-1 §6.3",
}

// Validate judges a signature. Content may be nil when the files are not at hand.
// Text that is no signature has a report that says so. Errors are adsig.ErrPolicy,
// or those of reading a file.
func Validate(text []byte, content Content, p adsig.Policy) (adsig.Report, error) {
	j := &judge{content: content}
	s, err := Parse(text)
	if err != nil {
		j.fail(adsig.CheckFormat, adsig.FormatFailure, "%v", err)
		return adsig.Conclude(j.Verified, p)
	}
	j.s = s
	j.format()
	if j.signer() {
		if err := j.arithmetic(); err != nil {
			return adsig.Report{}, err
		}
		j.attributes()
	}
	return adsig.Conclude(j.Verified, p)
}

// judge is one signature being judged.
type judge struct {
	adsig.Verified
	s       *Signature
	content Content
}

func (j *judge) add(id adsig.CheckID, outcome pki.Outcome, sub adsig.SubIndication, format string, args ...any) {
	j.Checks = append(j.Checks, adsig.Check{ID: id, Outcome: outcome, Clause: clauses[id], Reason: fmt.Sprintf(format, args...), Sub: sub})
}

func (j *judge) pass(id adsig.CheckID, format string, args ...any) {
	j.add(id, pki.Passed, "", format, args...)
}

func (j *judge) fail(id adsig.CheckID, sub adsig.SubIndication, format string, args ...any) {
	j.add(id, pki.Failed, sub, format, args...)
}

func (j *judge) format() {
	if j.s.unsigned {
		j.add(adsig.CheckFormat, pki.Warned, "", "a JSON signature; what stands beside it unsigned, timestamps included, is not looked at")
		return
	}
	j.pass(adsig.CheckFormat, "a JSON signature with %d header parameters", len(j.s.names))
}

// signer finds the certificate and holds it against what names it: both stand in
// what is signed.
func (j *judge) signer() bool {
	chain, err := j.s.chain()
	if err != nil {
		j.fail(adsig.CheckSigner, adsig.FormatFailure, "%v", err)
		return false
	}
	if len(chain) == 0 {
		j.fail(adsig.CheckSigner, adsig.NoSigningCertificateFound, "the signer's certificate is not at hand")
		return false
	}
	j.Signer, j.Certificates = chain[0], chain
	j.pass(adsig.CheckSigner, "%q", chain[0].Subject)
	named, h, err := j.s.namedAs(chain[0])
	switch {
	case err != nil:
		j.fail(adsig.CheckReference, adsig.FormatFailure, "%v", err)
	case !named:
		j.fail(adsig.CheckReference, adsig.NoSigningCertificateFound, "the header names another certificate than the signer's")
	case h == 0:
		j.pass(adsig.CheckReference, "the whole certificate is signed")
	default:
		j.pass(adsig.CheckReference, "named by its %v", h)
		j.Hashes = append(j.Hashes, h)
	}
	return true
}

// namedAs reports whether the hashes in the header are those of a certificate, and
// which hash names it; 0 when none does.
func (s *Signature) namedAs(c *cert.Certificate) (named bool, h crypto.Hash, err error) {
	named = true
	if s.header.Thumbprint != "" {
		sum := sha256.Sum256(c.Raw)
		named, h = s.header.Thumbprint == base64.RawURLEncoding.EncodeToString(sum[:]), crypto.SHA256
	}
	if o := s.header.Other; o != nil {
		other := hashNamed(o.Algorithm)
		value, err := base64.RawURLEncoding.DecodeString(o.Value)
		if other == 0 || err != nil {
			return false, 0, malformed("x5t#o")
		}
		if !bytes.Equal(value, cert.Algorithm{Hash: other}.Digest(c.Raw)) {
			named = false
		}
		h = other
	}
	return named, h, nil
}

// arithmetic verifies the digests of the files and the signature.
func (j *judge) arithmetic() error {
	payload, known, err := j.digests()
	if err != nil || !known {
		return err
	}
	a, known := algorithms[j.s.header.Algorithm]
	if !known || !onCurve(j.Signer.PublicKey, j.s.header.Algorithm) {
		j.fail(adsig.CheckValue, adsig.CryptoConstraintsFailure, "the algorithm %.20q is not known here, or not for this key", j.s.header.Algorithm)
		return nil
	}
	j.Algorithm = a
	h := a.Hash.New()
	h.Write(j.s.input)
	if err := payload(h); err != nil {
		return err
	}
	if err := j.Signer.PublicKey.Verify(a, h.Sum(nil), j.s.value); err != nil {
		j.fail(adsig.CheckValue, adsig.SigCryptoFailure, "%v", err)
		return nil
	}
	j.pass(adsig.CheckValue, "%v", a)
	return nil
}

// digests checks what is signed, and returns what writes the payload as it is
// signed.
func (j *judge) digests() (payload func(hash.Hash) error, known bool, err error) {
	d := j.s.header.Detached
	switch {
	case d != nil && d.Mechanism != byHash:
		j.fail(adsig.CheckDigest, adsig.SignedDataNotFound, "what is signed is named in a way that is not known here: %.80q", d.Mechanism)
		return nil, false, nil
	case d != nil:
		known, err := j.objects()
		return func(hash.Hash) error { return nil }, known, err
	case j.s.Attached:
		j.pass(adsig.CheckDigest, "the content is in the signature, %d bytes", len(j.s.Payload))
		return func(h hash.Hash) error { return j.s.feed(h, bytes.NewReader(j.s.Payload)) }, true, nil
	case j.content == nil:
		j.fail(adsig.CheckDigest, adsig.SignedDataNotFound, "the content is not at hand")
		return nil, false, nil
	}
	j.pass(adsig.CheckDigest, "the content lies beside the signature")
	return func(h hash.Hash) error {
		file, err := j.content("")
		if err != nil {
			return err
		}
		defer file.Close()
		return j.s.feed(h, file)
	}, true, nil
}

// feed writes content as it is hashed: base64url, unless b64 is false.
func (s *Signature) feed(h io.Writer, content io.Reader) error {
	if !s.encoded {
		_, err := io.Copy(h, content)
		return err
	}
	e := base64.NewEncoder(base64.RawURLEncoding, h)
	if _, err := io.Copy(e, content); err != nil {
		return err
	}
	return e.Close()
}

// objects compares each file with its hash (§5.2.8.3.3). It reports whether all
// were at hand.
func (j *judge) objects() (bool, error) {
	for _, o := range j.s.Objects {
		if j.content == nil {
			j.fail(adsig.CheckDigest, adsig.SignedDataNotFound, "%.80q is not at hand", o.Name)
			return false, nil
		}
		file, err := j.content(o.Name)
		if err != nil {
			return false, err
		}
		h := o.Hash.New()
		err = j.s.feed(h, file)
		_ = file.Close()
		switch {
		case err != nil:
			return false, fmt.Errorf("read %s: %w", o.Name, err)
		case !bytes.Equal(h.Sum(nil), o.Digest):
			j.fail(adsig.CheckDigest, adsig.HashFailure, "%.80q is not as it was signed", o.Name)
			return false, nil
		}
		j.Hashes = append(j.Hashes, o.Hash)
	}
	j.pass(adsig.CheckDigest, "%d files, by their %v", len(j.s.Objects), j.s.Objects[0].Hash)
	return true, nil
}

// attributes checks what level B-B asks for: a signing time.
func (j *judge) attributes() {
	claimed, err := j.s.claimed()
	if err == nil && claimed == nil {
		err = malformed("no signing time is in the header")
	}
	if err != nil {
		j.fail(adsig.CheckAttributes, adsig.SigConstraintsFailure, "%v", err)
	} else {
		j.Claimed = claimed
		j.pass(adsig.CheckAttributes, "as its profile asks")
	}
	if _, named := j.s.names["sigPId"]; named {
		j.fail(adsig.CheckPolicy, adsig.SignaturePolicyNotAvailable, "the signature names a policy that is not at hand")
		return
	}
	j.pass(adsig.CheckPolicy, "the signature names no policy of its own")
}

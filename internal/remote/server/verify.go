package server

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"

	"cnie/internal/remote/order"
	"cnie/pki"
	"cnie/pki/adsig"
	"cnie/pki/adsig/pades"
	"cnie/pki/cert"
)

// verify verifies the i-th signature that an agent sends: made with the credential's
// key, of what was ordered. Whether the certificate was issued rightly and still
// stands is not asked again: that is for whoever relies on the signature.
func (s *Server) verify(leaf *x509.Certificate, o *order.Order, i int, value, content []byte) error {
	d := o.Documents[i]
	if o.Kind == order.Hash {
		if !o.Signature.Verify(leaf.PublicKey, o.Hash, d.Digest, value) {
			return errors.New("the signature is not one of this hash")
		}
		return nil
	}
	signer, err := cert.Parse(leaf.Raw)
	if err != nil {
		return err
	}
	policy := adsig.Policy{At: s.now(), Anchors: []*cert.Certificate{signer}, AllowNoRevocation: true, AllowAnyUsage: true}
	if d.Format == order.CAdES {
		return verifyCAdES(policy, o.Hash.Hash(), d.Digest, value)
	}
	return verifyPAdES(policy, content, value)
}

func verifyCAdES(policy adsig.Policy, hash crypto.Hash, digest, message []byte) error {
	digests := func(h crypto.Hash) ([]byte, error) {
		if h != hash {
			return nil, errors.New("the signature is under another hash than was ordered")
		}
		return digest, nil
	}
	reports, err := adsig.Validate(adsig.Input{Message: message, Digests: digests}, policy)
	if err != nil || len(reports) != 1 {
		return fmt.Errorf("%d signatures: %w", len(reports), err)
	}
	return holds(reports[0], policy.Anchors[0])
}

// verifyPAdES judges the last signature of the document with what the agent appends.
func verifyPAdES(policy adsig.Policy, content, appended []byte) error {
	whole := io.NewSectionReader(&joined{content, appended}, 0, int64(len(content)+len(appended)))
	document, err := pades.Validate(whole, whole.Size(), policy)
	if err != nil {
		return err
	}
	if len(document.Signatures) == 0 {
		return errors.New("there is no signature")
	}
	last := document.Signatures[len(document.Signatures)-1]
	if last.Scope != pades.WholeFile || last.Format != pades.FormatPAdES {
		return fmt.Errorf("the signature is %s and covers: %s", last.Format, last.Scope)
	}
	return holds(last.Report, policy.Anchors[0])
}

// holds asks of a report what is arithmetic.
func holds(r adsig.Report, signer *cert.Certificate) error {
	if r.Signer == nil || !bytes.Equal(r.Signer.Raw, signer.Raw) {
		return errors.New("the signature is another certificate's")
	}
	for _, id := range []adsig.CheckID{adsig.CheckFormat, adsig.CheckReference, adsig.CheckDigest, adsig.CheckValue} {
		if check, found := r.Find(id); !found || check.Outcome != pki.Passed {
			return fmt.Errorf("%s: %s", id, check.Reason)
		}
	}
	return nil
}

// joined reads one slice after another as one file.
type joined [2][]byte

// ReadAt implements io.ReaderAt.
func (j *joined) ReadAt(p []byte, at int64) (n int, err error) {
	for _, part := range j {
		if at < int64(len(part)) && n < len(p) {
			copied := copy(p[n:], part[at:])
			n, at = n+copied, at+int64(copied)
		}
		at -= int64(len(part))
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

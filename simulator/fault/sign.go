package fault

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"

	"cnie/lds"
	"cnie/pki/specimen"
)

const sodFile = lds.SOD

// errTwice says that two faults both want to be the one who signs.
var errTwice = errors.New("another fault signs the card already")

// signatories are who can sign EF.SOD in the place of the persona's signer.
var signatories = map[string]func(w *work) (*specimen.Signer, error){
	"issuer":    func(w *work) (*specimen.Signer, error) { s, _, err := w.persona.Signer(); return s, err },
	"self":      signer(specimen.DSCOptions{Label: "FORGED", SelfSigned: true}),
	"other-use": signer(specimen.DSCOptions{Label: "OTHER USE", KeyUsage: x509.KeyUsageKeyEncipherment}),
	"impostor":  impostor,
	"twin":      twin,
	"other-key": otherKey,
}

// signBy has somebody else sign, or leave something out of what is signed.
func signBy(w *work, s settings) error {
	if w.signed != nil {
		return errTwice
	}
	by, known := signatories[s["by"]]
	if !known {
		return fmt.Errorf("nobody who signs is called %q", s["by"])
	}
	w.signed = func(w *work) ([]byte, error) {
		signer, err := by(w)
		if err != nil {
			return nil, err
		}
		_, options, err := w.persona.Signer()
		if err != nil {
			return nil, err
		}
		return w.signAs(signer, options, s["leave-out"])
	}
	return nil
}

// signAs signs the card's files; what is left out is a file, the certificate,
// or that there is one signature only.
func (w *work) signAs(signer *specimen.Signer, o specimen.SODOptions, out string) ([]byte, error) {
	files := maps.Clone(w.card.Files)
	switch out {
	case "":
	case "certificate":
		o.OmitCertificate = true
	case "uniqueness":
		second, err := specimen.Default().IssueDSC(specimen.DSCOptions{Label: "SECOND"})
		if err != nil {
			return nil, err
		}
		return signer.SignSODTwice(files, second, o)
	default:
		f, err := lds.ParseFile(out)
		if err != nil {
			return nil, err
		}
		delete(files, f)
	}
	return signer.SignSOD(files, o)
}

// signer is a document signer of the specimen country.
func signer(o specimen.DSCOptions) func(*work) (*specimen.Signer, error) {
	return func(*work) (*specimen.Signer, error) { return specimen.Default().IssueDSC(o) }
}

// impostor is certified by an authority that has the trusted one's name and not
// its key.
func impostor(*work) (*specimen.Signer, error) {
	authority, err := specimen.New("cnie specimen impostor", specimen.Options{})
	if err != nil {
		return nil, err
	}
	return authority.IssueDSC(specimen.DSCOptions{Label: "IMPOSTOR"})
}

// twin is such an authority that claims the trusted one's key identifier too.
func twin(*work) (*specimen.Signer, error) {
	authority, err := specimen.New("cnie specimen impostor", specimen.Options{})
	if err != nil {
		return nil, err
	}
	s, err := authority.IssueDSC(specimen.DSCOptions{Label: "TWIN"})
	if err != nil {
		return nil, err
	}
	theirs, ours := keyID(authority.Certificate), keyID(specimen.Default().Certificate)
	s.Certificate, err = authority.Reissue(s.Certificate, func(tbs []byte) {
		copy(tbs, bytes.ReplaceAll(tbs, theirs, ours))
	})
	return s, err
}

// keyID is the subject key identifier of a certificate: twenty bytes after the
// identifier of its extension, 2.5.29.14 (RFC 5280 §4.2.1.2).
func keyID(certificate []byte) []byte {
	head := []byte{0x06, 0x03, 0x55, 0x1D, 0x0E, 0x04, 0x16, 0x04, 0x14}
	i := bytes.Index(certificate, head) + len(head)
	return certificate[i : i+20]
}

// otherKey has the honest signer's certificate and another key.
func otherKey(w *work) (*specimen.Signer, error) {
	honest, _, err := w.persona.Signer()
	if err != nil {
		return nil, err
	}
	forger, err := specimen.Default().IssueDSC(specimen.DSCOptions{Label: "FORGER"})
	if err != nil {
		return nil, err
	}
	// The signature names its signer by issuer and serial number.
	s := *forger
	s.Certificate, s.Serial = honest.Certificate, honest.Serial
	return &s, nil
}

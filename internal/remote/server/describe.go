package server

import (
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"time"

	"cnie/internal/remote/store"
)

func (s *Server) show(c store.Credential, in credentialIn) (*credentialOut, error) {
	chain, err := s.chains.parse(c)
	if err != nil {
		return nil, err
	}
	leaf := chain[0]
	out := &credentialOut{
		Key: describe(leaf.PublicKey), Cert: certInfo{Status: status(leaf, s.now())},
		Auth: authInfo{"explicit", []string{}}, SCAL: "2", Multisign: s.config.Limits.Documents, Lang: s.config.Lang,
	}
	switch in.Certificates {
	case "none":
	case "", "single":
		out.Cert.Certificates = encoded(chain[:1])
	case "chain":
		out.Cert.Certificates = encoded(chain)
	default:
		return nil, invalid("Invalid parameter certificates")
	}
	if in.CertInfo {
		out.Cert.Issuer, out.Cert.Subject = leaf.Issuer.String(), leaf.Subject.String()
		out.Cert.Serial = fmt.Sprintf("%X", leaf.SerialNumber)
		out.Cert.From, out.Cert.To = leaf.NotBefore.UTC().Format("20060102150405Z"), leaf.NotAfter.UTC().Format("20060102150405Z")
	}
	return out, nil
}

// status is what the dates say; whether a certificate was revoked, whoever validates
// the signature has to ask its issuer.
func status(leaf *x509.Certificate, now time.Time) string {
	if now.After(leaf.NotAfter) || now.Before(leaf.NotBefore) {
		return "expired"
	}
	return "valid"
}

func encoded(chain []*x509.Certificate) []string {
	texts := make([]string, len(chain))
	for i, c := range chain {
		texts[i] = base64.StdEncoding.EncodeToString(c.Raw)
	}
	return texts
}

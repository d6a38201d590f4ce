package persona

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"cnie/internal/ec"
	"cnie/pki/specimen"
)

func (p Persona) checkIssuer() error {
	i := p.Issuer
	_, known := ec.ByName(i.Curve)
	switch {
	case !known && i.Curve != "":
		return wrong("$.issuer.curve", "no curve is called %q", i.Curve)
	case i.RSA != 0 && i.Curve != "":
		return wrong("$.issuer.rsa", "a signer has either an RSA key or a curve")
	case i.RSA != 0 && !slices.Contains(moduli, i.RSA):
		return wrong("$.issuer.rsa", "want 1024, 2048, 3072 or 4096")
	case i.PSS && i.RSA == 0:
		return wrong("$.issuer.pss", "PSS is a way to sign with rsa")
	case i.Explicit && i.RSA != 0:
		return wrong("$.issuer.explicit", "an RSA key has no curve to write out")
	case i.Unknown && i.CSCA != nil:
		return wrong("$.issuer.csca", "unknown and csca both choose the authority")
	case i.Revoked && (i.Unknown || i.CSCA != nil && i.CSCA.Seed == ""):
		return wrong("$.issuer.revoked", "only the specimen country, and a country with a seed, have a revocation list")
	case i.AnyDocument && len(i.DocumentTypes) > 0:
		return wrong("$.issuer.anyDocument", "documentTypes limits the signer, or nothing does")
	case i.Undated && i.Signed != "":
		return wrong("$.issuer.undated", "EF.SOD says when it was signed, or it does not")
	}
	return i.checkCSCA()
}

// country is whose authority certified the document signer.
func (i Issuer) country() (*specimen.Country, error) {
	switch {
	case i.Unknown:
		return specimen.New("cnie specimen country that nobody trusts", specimen.Options{Name: "UNKNOWN"})
	case i.CSCA != nil:
		return i.CSCA.Authority(cmp.Or(i.CSCA.Generation, 1))
	}
	return specimen.Default(), nil
}

// Signer is the document signer that signs for this persona, and how it does:
// for whoever changes a card's files before they are signed.
func (p *Persona) Signer() (*specimen.Signer, specimen.SODOptions, error) {
	full := p.withDefaults()
	signer, err := full.signer()
	return signer, full.sodOptions(), err
}

// signer is the document signer of the quarter in which the document was
// issued: its key is used for three months (ICAO 9303-12 §4.1.1.2).
func (p Persona) signer() (*specimen.Signer, error) {
	country, err := p.Issuer.country()
	if err != nil {
		return nil, err
	}
	i := p.Issuer
	options := specimen.DSCOptions{
		Label: p.signerLabel(), Key: p.signingKey(), KeyUsage: x509.KeyUsageDigitalSignature,
		NotBefore: p.signerFrom(), NotAfter: i.Until.time(), KeyUseEnd: i.KeyUntil.time(),
		DocumentTypes: p.documentTypes(), Country: i.Country,
	}
	return country.IssueDSC(options)
}

// signerLabel names the signer. Key and serial number follow from it, so that
// whatever makes a signer another one must show.
func (p Persona) signerLabel() string {
	i := p.Issuer
	if i.Revoked {
		return specimen.RevokedSigner
	}
	issued := p.Document.Issued.value()
	label := fmt.Sprintf("ID %dQ%d", issued.Year, (issued.Month+2)/3)
	if p.Document.Format == "TD3" {
		label = "P" + label[2:]
	}
	switch {
	case i.RSA != 0 && i.PSS:
		label += fmt.Sprintf(" RSA-PSS %d", i.RSA)
	case i.RSA != 0:
		label += fmt.Sprintf(" RSA %d", i.RSA)
	case i.Curve != "":
		label += " " + i.Curve
	}
	if i.Explicit {
		label += " explicit"
	}
	if i.Hash != "" {
		label += " " + i.Hash
	}
	if i.From+i.Until+i.KeyUntil != "" || i.Country != "" || i.AnyDocument || len(i.DocumentTypes) > 0 {
		label += " " + p.Name[:min(len(p.Name), 24)]
	}
	return label
}

func (p Persona) documentTypes() []string {
	switch {
	case p.Issuer.AnyDocument:
		return []string{} // not nil, which would mean the default
	case len(p.Issuer.DocumentTypes) > 0:
		return slices.Clone(p.Issuer.DocumentTypes)
	case p.Document.Format == "TD3":
		return []string{"P"}
	}
	return []string{"ID", "I"}
}

// signerFrom is the first day of the signer's validity.
func (p Persona) signerFrom() time.Time {
	if p.Issuer.From != "" {
		return p.Issuer.From.time()
	}
	issued := p.Document.Issued.value()
	return time.Date(issued.Year, time.Month((issued.Month-1)/3*3+1), 1, 0, 0, 0, 0, time.UTC)
}

func (p Persona) signingKey() specimen.Algorithm {
	i := p.Issuer
	a := specimen.Algorithm{Explicit: i.Explicit, RSA: i.RSA, PSS: i.PSS}
	if i.Curve != "" {
		a.Curve, _ = ec.ByName(i.Curve) // checked before
	}
	if i.Hash != "" {
		a.Hash = hashes[i.Hash]
	}
	return a
}

// sodOptions have the files signed at nine in the morning.
func (p Persona) sodOptions() specimen.SODOptions {
	i := p.Issuer
	o := specimen.SODOptions{Hash: hashes[i.GroupHash], ByKeyID: i.ByKeyID}
	if i.LDS18 {
		o.Version = 1
	}
	if !i.Undated {
		o.SigningTime = Date(cmp.Or(string(i.Signed), string(p.Document.Issued))).time().Add(9 * time.Hour)
	}
	return o
}

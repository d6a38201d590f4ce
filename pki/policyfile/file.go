package policyfile

import (
	"time"

	"cnie/pki"
)

// File is a policy file's content; what each key means is said of the field of
// pki.Policy that has its name.
type File struct {
	Name                      string              `yaml:"name" json:"name,omitempty"`
	AllowBAC                  bool                `yaml:"allow-bac" json:"allow-bac,omitempty"`
	AllowUnverifiedIssuer     bool                `yaml:"allow-unverified-issuer" json:"allow-unverified-issuer,omitempty"`
	AllowSigningOutsideKeyUse bool                `yaml:"allow-signing-outside-key-use" json:"allow-signing-outside-key-use,omitempty"`
	AllowOtherDocumentType    bool                `yaml:"allow-other-document-type" json:"allow-other-document-type,omitempty"`
	AllowCountries            map[string][]string `yaml:"allow-countries" json:"allow-countries,omitempty"`
	AllowAlgorithms           []Floor             `yaml:"allow-algorithms" json:"allow-algorithms,omitempty"`
	AllowExpiredDocumentDays  int                 `yaml:"allow-expired-document-days" json:"allow-expired-document-days,omitempty"`
	AllowCRLAgeDays           int                 `yaml:"allow-crl-age-days" json:"allow-crl-age-days,omitempty"`
	AllowTrustAgeDays         int                 `yaml:"allow-trust-age-days" json:"allow-trust-age-days,omitempty"`
	AllowOpen                 []string            `yaml:"allow-open" json:"allow-open,omitempty"`
}

// Floor is one line of the table of algorithms; sizes in bits.
type Floor struct {
	From  string `yaml:"from" json:"from,omitempty"` // day, empty: ever
	Hash  int    `yaml:"hash-bits" json:"hash-bits"`
	RSA   int    `yaml:"rsa-bits" json:"rsa-bits"`
	Curve int    `yaml:"curve-bits" json:"curve-bits"`
}

// Policy is the file as the judge takes it, without a time to judge for. The
// values have been checked.
func (f *File) Policy() pki.Policy {
	p := pki.Policy{
		Name: f.Name, AllowBAC: f.AllowBAC, AllowUnverifiedIssuer: f.AllowUnverifiedIssuer,
		AllowSigningOutsideKeyUse: f.AllowSigningOutsideKeyUse, AllowOtherDocumentType: f.AllowOtherDocumentType,
		AllowCountries: f.AllowCountries, AllowExpiredDocument: days(f.AllowExpiredDocumentDays),
		AllowCRLAge: days(f.AllowCRLAgeDays), AllowTrustAge: days(f.AllowTrustAgeDays),
	}
	for _, line := range f.AllowAlgorithms {
		from, _ := line.date() // it was checked
		p.AllowAlgorithms = append(p.AllowAlgorithms, pki.Floor{From: from, Hash: line.Hash, RSA: line.RSA, Curve: line.Curve})
	}
	for _, axis := range f.AllowOpen {
		p.AllowOpen = append(p.AllowOpen, pki.Axis(axis))
	}
	return p
}

func (f Floor) date() (time.Time, error) {
	if f.From == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, f.From)
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

package persona

import "cmp"

// PIV is the signature application that a contact reader finds beside the travel
// document; package piv plays it. What is left out is that of an unused card.
type PIV struct {
	PIN    string  `yaml:"pin,omitempty"`   // six to eight digits, 123456 by default
	PUK    string  `yaml:"puk,omitempty"`   // likewise, 12345678 by default
	Tries  int     `yaml:"tries,omitempty"` // of PIN and PUK in a row, 3 by default
	Spent  int     `yaml:"spent,omitempty"` // how many of the PIN's are gone already
	Keys   PIVKeys `yaml:"keys,omitempty"`  // an algorithm each, or none
	Token  string  `yaml:"token,omitempty"` // plain (default), or yubikey: with Yubico's commands
	Holder string  `yaml:"-"`               // whom the certificates name
}

// PIVKeys are the keys by the numbers that NIST SP 800-78 gives them.
type PIVKeys struct {
	Authentication     string `yaml:"9A,omitempty"` // RSA-2048 by default
	Signature          string `yaml:"9C,omitempty"` // P-256 by default
	KeyManagement      string `yaml:"9D,omitempty"` // RSA-2048 by default
	CardAuthentication string `yaml:"9E,omitempty"` // P-256 by default
}

const (
	defaultPIN   = "123456"
	defaultPUK   = "12345678"
	defaultTries = 3
	maxTries     = 15 // what a status word has a digit for
)

// filled has every setting; nil stays nil.
func (p *PIV) filled(holder Person) *PIV {
	if p == nil {
		return nil
	}
	full := *p
	full.PIN, full.PUK = cmp.Or(p.PIN, defaultPIN), cmp.Or(p.PUK, defaultPUK)
	full.Tries, full.Token = cmp.Or(p.Tries, defaultTries), cmp.Or(p.Token, "plain")
	full.Keys = PIVKeys{
		cmp.Or(p.Keys.Authentication, "RSA-2048"), cmp.Or(p.Keys.Signature, "P-256"),
		cmp.Or(p.Keys.KeyManagement, "RSA-2048"), cmp.Or(p.Keys.CardAuthentication, "P-256"),
	}
	full.Holder = holder.Surname
	if holder.GivenNames != "" {
		full.Holder += " " + holder.GivenNames
	}
	return &full
}

func (p Persona) checkPIV() error {
	switch q := p.PIV; {
	case q == nil:
	case q.Tries < 1 || q.Tries > maxTries:
		return wrong("$.piv.tries", "want a number from 1 to %d", maxTries)
	case q.Spent < 0 || q.Spent > q.Tries:
		return wrong("$.piv.spent", "want a number from 0 to that of the tries")
	}
	return nil
}

// piv is for looking at settings that may not be there.
func (p *Persona) piv() PIV {
	if p.PIV == nil {
		return PIV{}
	}
	return *p.PIV
}

// pivKeys are the algorithms of a key.
var pivKeys = []string{"RSA-2048", "RSA-3072", "P-256", "P-384", "none"}

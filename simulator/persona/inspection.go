package persona

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"cnie/apdu/tlv"
	"cnie/internal/ec"
	"cnie/lds"
	"cnie/pki/specimen/cvca"
)

// Inspector is the authority whose certificates open DG3 and DG4 to a terminal.
// Its key, as those of its verifiers and terminals, is of RSA or on a curve.
type Inspector struct {
	Curve  string `yaml:"curve,omitempty"` // P-256 by default
	RSA    int    `yaml:"rsa,omitempty"`   // modulus bits, instead of a curve
	PSS    bool   `yaml:"pss,omitempty"`
	Hash   string `yaml:"hash,omitempty"`   // SHA-256 by default
	Former bool   `yaml:"former,omitempty"` // the chip has the authority's key before, too
}

// Inspection is the authority that the persona's chip believes, of a generation of
// its keys: 2 is the one that the chip has, 1 the one before and 3 the next. A
// country with a seed has its own.
func (p *Persona) Inspection(generation int) (*cvca.Authority, error) {
	i := p.Chip.inspection()
	key := cvca.Key{RSA: i.RSA, PSS: i.PSS, Hash: hashes[i.Hash]}
	if i.RSA == 0 {
		key.Curve, _ = ec.ByName(cmp.Or(i.Curve, "P-256"))
	}
	seed, o := "cnie specimen inspection", cvca.Options{Country: "MA", Key: key, Generation: generation}
	if csca := p.Issuer.csca(); csca.Seed != "" {
		seed, o.Country, o.From = seed+" of "+csca.Seed, cmp.Or(csca.Country, "MA"), csca.Begins(1)
	}
	return cvca.New(seed, o)
}

func (i *Inspector) check() error {
	if i == nil {
		return nil
	}
	switch {
	case i.RSA != 0 && i.Curve != "":
		return wrong("$.chip.inspection.rsa", "an authority has either an RSA key or a curve")
	case i.RSA != 0 && i.RSA != 2048 && i.RSA != 3072:
		return wrong("$.chip.inspection.rsa", "want 2048 or 3072")
	case i.Curve != "" && !slices.Contains(curveNames[1:], i.Curve):
		return wrong("$.chip.inspection.curve", "want %s", either(curveNames[1:]))
	case i.PSS && i.RSA == 0:
		return wrong("$.chip.inspection.pss", "PSS is a way to sign with rsa")
	case i.Hash == "SHA-1", i.RSA != 0 && i.Hash != "" && i.Hash != "SHA-256" && i.Hash != "SHA-512":
		return wrong("$.chip.inspection.hash", "a terminal signs with SHA-256 or SHA-512, on curves also with SHA-224 or SHA-384")
	}
	return nil
}

// addInspection has the chip trust an authority, names it in EF.CVCA and
// announces Terminal Authentication in DG14.
func (p Persona) addInspection(card *Card, infos *lds.SecurityInfos) error {
	if p.Chip.Inspection == nil {
		return nil
	}
	card.Terminal = &Terminal{Date: p.Document.Issued.time()}
	generations := []int{2}
	if p.Chip.Inspection.Former {
		generations = append(generations, 1)
	}
	var names []byte
	for _, generation := range generations {
		authority, err := p.Inspection(generation)
		if err != nil {
			return fmt.Errorf("make inspection authority: %w", err)
		}
		card.Terminal.Certificates = append(card.Terminal.Certificates, authority.Certificate)
		names = append(names, tlv.Encode(0x42, []byte(authority.Reference))...)
	}
	// TR-03110-3 §A.1.2: filled up to a length that tells nothing.
	card.Files[lds.CVCA] = append(names, bytes.Repeat([]byte{0}, max(0, 36-len(names)))...)
	infos.TerminalAuth = []lds.TerminalAuthenticationInfo{{OID: lds.OIDTerminalAuth, Version: 1}}
	return nil
}

package persona

import "cnie/pki/specimen"

// Signer is the document signer that signs for this persona, and how it does:
// for whoever changes a card's files before they are signed.
func (p *Persona) Signer() (*specimen.Signer, specimen.SODOptions, error) {
	full := p.withDefaults()
	signer, err := full.signer()
	return signer, full.sodOptions(), err
}

package country

import (
	"encoding/pem"

	"cnie/pki/specimen/cvca"
)

// addInspection makes the chain by which a terminal may read the citizen's DG3:
// the authority that the chip knows, a document verifier and the terminal.
func (c *Country) addInspection() error {
	authority, err := c.citizen().Inspection(2)
	if err != nil {
		return err
	}
	verifier, err := authority.Verifier(cvca.HolderOptions{})
	if err != nil {
		return err
	}
	terminal, err := verifier.Terminal(cvca.HolderOptions{Rights: cvca.Fingerprints})
	if err != nil {
		return err
	}
	for _, of := range []struct {
		name, what string
		holder     *cvca.Holder
	}{
		{"authority", "inspection authority", &authority.Holder}, {"verifier", "document verifier", &verifier.Holder}, {"terminal", "inspection terminal", terminal},
	} {
		_ = c.add("inspection/"+of.name+".cvcert", of.what+" "+of.holder.Reference, of.holder.Certificate, nil)
	}
	der, err := terminal.PKCS8()
	block := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return c.add(TerminalKey, "key of the inspection terminal", append([]byte("SPECIMEN - NOT A SECRET\n"), block...), err)
}

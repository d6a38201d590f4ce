// Package country makes what a State publishes of its travel documents: the
// certificates of its authority through a change of keys, document signers, and
// the lists by which other States learn of them.
//
// The State does not exist. Its keys follow from a seed (package pki/specimen),
// so that a persona which names the same seed has a card of that country, and
// every name says SPECIMEN.
package country

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cnie/pki/specimen"
	"cnie/simulator/persona"
)

// Country is everything that a State publishes on a day.
type Country struct {
	Files []File // in the order in which one would tell of them
	csca  persona.CSCA
	at    time.Time // day of the lists
	keys  []*specimen.Country
}

// File is one of its files.
type File struct {
	Name    string // with slashes, below the country's folder
	What    string
	Content []byte
}

// Fingerprint is the SHA-256 of the content, in hex.
func (f File) Fingerprint() string { return fmt.Sprintf("%x", sha256.Sum256(f.Content)) }

// Names of files that do not depend on the country's.
const (
	ListSigner  = "signers/master-list.der"
	Citizen     = "citizen.yaml"            // a persona, whose issuer is how others name the country
	TerminalKey = "inspection/terminal.pem" // of the terminal that may read DG3; its certificates are beside it
)

func (c *Country) add(name, what string, content []byte, err error) error {
	if err != nil {
		return fmt.Errorf("make the %s: %w", what, err)
	}
	c.Files = append(c.Files, File{name, what, content})
	return nil
}

// Make makes what there is on a day: the second key only once it began.
func Make(csca persona.CSCA, at time.Time) (*Country, error) {
	c := &Country{csca: csca, at: at}
	for _, step := range []func() error{c.addAuthorities, c.addRevocations, c.addSigners, c.addMasterList, c.addDeviations, c.addCitizen, c.addInspection} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// file is a name after the country's.
func (c *Country) file(prefix, rest string) string {
	return prefix + strings.ReplaceAll(c.csca.Name, " ", "-") + rest
}

// newest signs lists for all generations, ICAO 9303-12 §7.1.4.
func (c *Country) newest() *specimen.Country { return c.keys[len(c.keys)-1] }

func (c *Country) addAuthorities() error {
	for generation := 1; generation <= 2 && !c.at.Before(c.csca.Begins(generation)); generation++ {
		key, err := c.csca.Authority(generation)
		if err != nil {
			return err
		}
		c.keys = append(c.keys, key)
		_ = c.add(c.file("CSCA-SPECIMEN-", fmt.Sprintf("-%d.der", generation)), fmt.Sprintf("authority, generation %d", generation), key.Certificate, nil)
	}
	if len(c.keys) < 2 {
		return nil
	}
	link, err := c.keys[0].Link(c.keys[1])
	return c.add(c.file("CSCA-SPECIMEN-", "-link.der"), "link from generation 1 to 2", link, err)
}

func (c *Country) addRevocations() error {
	list, err := c.newest().CRL(c.at, c.at.Add(specimen.CRLValidity), c.newest().Revoked...)
	return c.add(c.file("", ".crl"), "revocation list", list, err)
}

// addSigners makes the document signers of the fourth year's quarters, which
// sign the identity cards of that year, and the one that was revoked.
func (c *Country) addSigners() error {
	year := c.csca.Begins(1).AddDate(3, 0, 0).Year()
	for quarter := range 4 {
		label := fmt.Sprintf("ID %dQ%d", year, quarter+1)
		if err := c.addSigner(label, time.Date(year, time.Month(3*quarter+1), 1, 0, 0, 0, 0, time.UTC)); err != nil {
			return err
		}
	}
	return c.addSigner(specimen.RevokedSigner, time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC))
}

func (c *Country) addSigner(label string, from time.Time) error {
	signer, err := c.keys[0].IssueDSC(specimen.DSCOptions{Label: label, NotBefore: from})
	if err != nil {
		return err
	}
	return c.add("dsc/"+strings.ReplaceAll(label, " ", "-")+".der", "document signer "+label, signer.Certificate, nil)
}

func (c *Country) addMasterList() error {
	signer, err := c.newest().IssueListSigner(specimen.ListSignerOptions{Label: "MASTER LIST"})
	if err != nil {
		return err
	}
	_ = c.add(ListSigner, "signer of the master list", signer.Certificate, nil)
	var members [][]byte
	for _, f := range c.Files {
		if strings.HasPrefix(f.Name, "CSCA-") {
			members = append(members, f.Content)
		}
	}
	list, err := signer.SignMasterList(c.at, members...)
	return c.add(c.file("", ".ml"), "master list", list, err)
}

// addDeviations owns up to a mistake in the cards of a quarter.
func (c *Country) addDeviations() error {
	signer, err := c.newest().IssueListSigner(specimen.ListSignerOptions{Label: "DEVIATION LIST", Purpose: specimen.DeviationList})
	if err != nil {
		return err
	}
	_ = c.add("signers/deviation-list.der", "signer of the deviation list", signer.Certificate, nil)
	year := c.csca.Begins(1).AddDate(3, 0, 0).Year()
	list, err := signer.SignDeviationList(c.at, specimen.Deviation{
		Issuer: c.keys[0], Serial: specimen.Serial(fmt.Sprintf("ID %dQ3", year)), Text: "SPECIMEN - the place of birth is missing in DG11",
		From: time.Date(year, 7, 1, 0, 0, 0, 0, time.UTC), To: time.Date(year, 9, 30, 0, 0, 0, 0, time.UTC),
	})
	return c.add(c.file("", ".dvl"), "deviation list", list, err)
}

// addCitizen makes somebody to whom the country issued a card, as a file that
// can be changed; its issuer is how other personas name the country.
func (c *Country) addCitizen() error {
	p := c.citizen()
	if _, err := p.Card(); err != nil {
		return err
	}
	content, err := p.YAML()
	return c.add(Citizen, "a citizen", content, err)
}

func (c *Country) citizen() *persona.Persona {
	issued := c.csca.Begins(1).AddDate(3, 0, 1)
	csca := c.csca
	return &persona.Persona{
		Name: "citizen", Summary: "Citizen of a country made by cnie-sim pki", Expect: persona.Expect{Verdict: "accepted"},
		Person: persona.Person{
			Surname: "SPECIMEN", GivenNames: "CITOYENNE", Birth: "1990-01-01", Sex: "F", CIN: "ZZ000100",
		},
		Document: persona.Document{
			State: c.csca.Code, Number: "ZZZ0PKI01", Authority: "SPECIMEN - NOT A REAL AUTHORITY", Fingerprints: true,
			Issued: persona.Date(issued.Format(time.DateOnly)), Expires: persona.Date(issued.AddDate(10, 0, -1).Format(time.DateOnly)),
		},
		Chip: persona.Chip{
			PACE: []persona.Protocol{{Curve: "P-256"}}, Authentication: []persona.Protocol{{Curve: "P-256"}},
			Inspection: &persona.Inspector{},
		},
		Issuer: persona.Issuer{CSCA: &csca},
	}
}

// Find gives the file whose name has this ending, such as .ml.
func (c *Country) Find(ending string) (File, bool) {
	for _, f := range c.Files {
		if strings.HasSuffix(f.Name, ending) {
			return f, true
		}
	}
	return File{}, false
}

// WriteDir writes the files into a folder, which it makes if it must.
func (c *Country) WriteDir(dir string) error {
	for _, f := range c.Files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err = errors.Join(err, os.WriteFile(path, f.Content, 0o644)); err != nil {
			return err
		}
	}
	return nil
}

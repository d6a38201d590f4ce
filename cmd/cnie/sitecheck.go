package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"cnie/internal/site"
	"cnie/pki/trust"
)

// siteChecked is what `cnie site check --json` prints.
type siteChecked struct {
	File       string   `json:"file"`
	SHA256     string   `json:"sha256"`
	Production bool     `json:"production"`
	SignedBy   string   `json:"signed_by,omitempty"`
	Keys       []string `json:"keys,omitempty"` // that are trusted
	KeyFile    string   `json:"key_file,omitempty"`
	KeyWriters string   `json:"key_writers,omitempty"`
	Purposes   []string `json:"purposes"`
	Operators  int      `json:"operators"`
	Languages  []string `json:"languages"`
}

func (p *program) siteCheckCommand() *cobra.Command {
	var f siteFlags
	var asJSON bool
	c := &cobra.Command{
		Use: "check FILE", Short: "Check a site file, its signature and what it names",
		Long: "Check a site file: that every purpose stands on a legal basis which carries what\n" +
			"it asks for, that every text is there in every language, that the signature is by\n" +
			"a trusted key, and that the policy and the trust store which it names fit.\n\n" +
			"Exit code 78: the file has a mistake, whose line and column are told, or it is\n" +
			"not signed as it should be. 77: it was changed after it was signed, or signed by\n" +
			"a key that is not trusted here.",
		Example: "  cnie site check site.yaml --site-key /etc/cnie/site.pub\n  cnie site check draft.yaml --unsigned",
		Args:    oneSiteFile,
		RunE:    func(_ *cobra.Command, args []string) error { return p.checkSite(args[0], f, asJSON) },
	}
	f.register(c.Flags())
	c.Flags().BoolVar(&f.unsigned, "unsigned", false, "the file is a draft for production that nobody has signed yet")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func oneSiteFile(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usage("`%s` takes a site file; `cnie site init` writes one to begin with", c.CommandPath())
	}
	return nil
}

func (p *program) checkSite(name string, f siteFlags, asJSON bool) error {
	s, keys, err := f.load(name)
	if err != nil {
		return err
	}
	if err := checkSiteNeighbours(s); err != nil {
		return err
	}
	checked := siteChecked{
		File: name, SHA256: s.Digest, Production: s.Production, SignedBy: s.Signer, Keys: keys.Names(), KeyFile: keys.File, KeyWriters: keys.Writers,
		Operators: len(s.Operators), Languages: s.Languages,
	}
	for _, purpose := range s.Purposes {
		checked.Purposes = append(checked.Purposes, purpose.ID)
	}
	if asJSON {
		return p.printJSON(checked)
	}
	_, err = fmt.Fprint(p.lines(), checked.text())
	return err
}

func (c siteChecked) text() string {
	var b strings.Builder
	kind, signed := "for trying out: fields of specimen cards only", "Not signed."
	if c.Production {
		kind = "for production: specimen cards are refused"
	}
	if c.SignedBy != "" {
		signed = "Signed by " + c.SignedBy + "."
	}
	fmt.Fprintf(&b, "%s is a good site file, %s.\n%s\n", c.File, kind, signed)
	if c.KeyFile != "" {
		fmt.Fprintf(&b, "Trusted keys are in %s, which these can change: %s.\n", c.KeyFile, c.KeyWriters)
	}
	fmt.Fprintf(&b, "Purposes: %s.\nLanguages: %s. Operators: %d.\nSHA-256: %s\n", strings.Join(c.Purposes, ", "), strings.Join(c.Languages, ", "), c.Operators, c.SHA256)
	return b.String()
}

// checkSiteNeighbours reads what the file names.
func checkSiteNeighbours(s *site.Site) error {
	if s.Policy != "" {
		name := s.Resolve(s.Policy)
		content, err := readSome(name, maxPolicy)
		if err != nil {
			return cannotRead(name, err)
		}
		if err := s.CheckPolicy(content); err != nil {
			return siteFailure(name, fmt.Errorf("%s: %w", name, err))
		}
		if _, _, err := loadPolicy(name); err != nil {
			return err
		}
	}
	if s.Trust != "" {
		name := s.Resolve(s.Trust)
		anchors, err := trust.LoadDir(name)
		if err != nil {
			return &failure{code: exitConfiguration, sentence: fmt.Sprintf("cannot read the trust store %s that the site file names: %v", name, err), cause: err}
		}
		if err := s.PermitsTrust(anchors); err != nil {
			return siteFailure(name, fmt.Errorf("%s: %w", name, err))
		}
	}
	return checkAudio(s)
}

func checkAudio(s *site.Site) error {
	if s.Audio == "" {
		return nil
	}
	name := s.Resolve(s.Audio)
	about, err := os.Stat(name)
	if err == nil && !about.IsDir() {
		err = &fs.PathError{Op: "open", Path: name, Err: errors.New("it is not a folder")}
	}
	if err != nil {
		return cannotRead(name, err)
	}
	return nil
}

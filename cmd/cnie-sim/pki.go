package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cnie/internal/shell"
	"cnie/simulator/country"
	"cnie/simulator/persona"
)

// founding is the pki command: a country to make, and the day of its lists.
type founding struct {
	csca persona.CSCA
	from string
	at   string
	json bool
}

func newPKI() *cobra.Command {
	p := &founding{}
	cmd := &cobra.Command{
		Use:   "pki DIR",
		Short: "Make a country: its authorities, signers and lists",
		Long: "pki writes the certificates and lists of a country that does not exist into DIR:\n" +
			"two generations of its authority and the link between them, a revocation list, a\n" +
			"master list and a deviation list with their signers (DIR/signers), document\n" +
			"signers (DIR/dsc), a citizen to play, and a terminal with the certificates by\n" +
			"which it may read the citizen's EF.DG3 (DIR/inspection). The same arguments give\n" +
			"the same keys, and on the same day the same files. Every name says SPECIMEN, and anybody can\n" +
			"derive the keys: whoever trusts the country believes everybody.",
		Example: "  cnie-sim pki ./utopia\n  cnie trust import ./utopia/UTOPIA.ml ./utopia/UTOPIA.crl --signer SHA256\n" +
			"  cnie-sim run --persona ./utopia/citizen.yaml\n  cnie-sim generate --pki ./utopia -o ./citizens",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.run(cmd.OutOrStdout(), args[0]) },
	}
	f := cmd.Flags()
	f.StringVar(&p.csca.Name, "name", "UTOPIA", "`NAME` of the country in certificates, capital letters")
	f.StringVar(&p.csca.Country, "country", "UT", "`CODE` of two letters, in certificates")
	f.StringVar(&p.csca.Code, "code", "UTO", "`CODE` of up to three letters, in machine-readable zones")
	f.StringVar(&p.csca.Seed, "seed", "utopia", "`TEXT` that the keys follow from")
	f.StringVar(&p.from, "from", "2022-01-01", "first `DAY` of the country's first key; the second takes over after four years and nine months")
	f.StringVar(&p.at, "at", "", "`DAY` of the lists (default: today)")
	f.BoolVar(&p.json, "json", false, "print JSON")
	return cmd
}

// foundingForms are those of a persona's file, where the same values go.
var foundingForms = []struct {
	flag, want string
	expr       *regexp.Regexp
	value      func(*founding) string
}{
	{"name", "capital letters and digits, 40 at most", regexp.MustCompile(`^[A-Z0-9 -]{1,40}$`), func(p *founding) string { return p.csca.Name }},
	{"country", "two capital letters", regexp.MustCompile(`^[A-Z]{2}$`), func(p *founding) string { return p.csca.Country }},
	{"code", "one to three capital letters", regexp.MustCompile(`^[A-Z]{1,3}$`), func(p *founding) string { return p.csca.Code }},
	{"seed", "letters and digits, 40 at most", regexp.MustCompile(`^[A-Za-z0-9 -]{1,40}$`), func(p *founding) string { return p.csca.Seed }},
}

// dayOf reads a date, today where there is none.
func dayOf(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Now().UTC().Truncate(24 * time.Hour), nil
	}
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return at, shell.Failed(shell.ExitUsage, "--%s wants a day such as 2026-01-31", flag)
	}
	return at, nil
}

func (p *founding) run(out io.Writer, dir string) error {
	for _, form := range foundingForms {
		if !form.expr.MatchString(form.value(p)) {
			return shell.Failed(shell.ExitUsage, "--%s wants %s", form.flag, form.want)
		}
	}
	if _, err := dayOf("from", p.from); err != nil {
		return err
	}
	p.csca.From = persona.Date(p.from)
	at, err := dayOf("at", p.at)
	if err != nil {
		return err
	}
	if at.Before(p.csca.Begins(1)) {
		return shell.Failed(shell.ExitUsage, "--at is before the country's first day, %s", p.from)
	}
	made, err := country.Make(p.csca, at)
	if err != nil {
		return shell.Failed(shell.ExitInternal, "%w; this is a defect of the program", err)
	}
	if err := newFolder(dir, made.WriteDir); err != nil {
		return err
	}
	return p.tell(out, dir, made)
}

// printed is what --json prints of a file.
type printed struct {
	File   string `json:"file"`
	What   string `json:"what"`
	SHA256 string `json:"sha256"`
}

func (p *founding) tell(out io.Writer, dir string, c *country.Country) error {
	var all []printed
	for _, f := range c.Files {
		all = append(all, printed{filepath.Join(dir, f.Name), f.What, f.Fingerprint()})
	}
	if p.json {
		lines := json.NewEncoder(out)
		lines.SetIndent("", "  ")
		return lines.Encode(map[string]any{"specimen": true, "country": p.csca.Country, "code": p.csca.Code, "files": all})
	}
	fmt.Fprintf(out, "SPECIMEN: the country of %s does not exist; trust it nowhere else than in tests.\n", p.csca.Name)
	for _, f := range all {
		fmt.Fprintf(out, "%s  %s: %s\n", f.SHA256, f.What, f.File)
	}
	take := make([]string, 0, 2)
	for _, ending := range []string{".ml", ".crl"} {
		f, _ := c.Find(ending)
		take = append(take, filepath.Join(dir, f.Name))
	}
	signer, _ := c.Find(country.ListSigner)
	_, err := fmt.Fprintf(out, "\nTake it in:  cnie trust import %s --signer %s\nPlay a card: cnie-sim run --persona %s\n",
		strings.Join(take, " "), signer.Fingerprint(), filepath.Join(dir, country.Citizen))
	return err
}

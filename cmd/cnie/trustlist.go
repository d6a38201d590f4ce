package main

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"cnie/pki/cert"
	"cnie/pki/trust"
)

// listed is what is shown of one certificate.
type listed struct {
	Country   string         `json:"country"`
	State     string         `json:"state,omitempty"` // as the machine-readable zone has it
	Subject   string         `json:"subject"`
	Kind      string         `json:"kind"` // root, link
	SHA256    string         `json:"sha256"`
	KeyID     string         `json:"key_id"`
	IssuerKey string         `json:"issuer_key_id,omitempty"`
	NotBefore time.Time      `json:"not_before"`
	NotAfter  time.Time      `json:"not_after"`
	Status    string         `json:"status"`
	Specimen  bool           `json:"specimen,omitempty"`
	Standing  trust.Standing `json:"standing"`
}

func (t *trustStore) listCommand() *cobra.Command {
	var country string
	var versions bool
	c := &cobra.Command{
		Use: "list", Short: "List the certificates, or the versions of the store", Args: noArguments,
		Example: "  cnie trust list --country MAR\n  cnie trust list --versions",
		RunE: func(*cobra.Command, []string) error {
			if versions {
				return t.listVersions()
			}
			return t.list(country)
		},
	}
	c.Flags().StringVar(&country, "country", "", "only those of this `COUNTRY`, such as MA or MAR")
	c.Flags().BoolVar(&versions, "versions", false, "list the versions that can be rolled back to")
	c.Flags().BoolVar(&t.asJSON, "json", false, "print JSON")
	return c
}

func (t *trustStore) list(country string) error {
	dir, err := t.open()
	if err != nil {
		return err
	}
	store, err := dir.Store()
	if err != nil {
		return trustFailure(err)
	}
	rows := []listed{}
	for _, c := range store.Members() {
		if ofCountry(c, country) {
			rows = append(rows, row(store, c))
		}
	}
	slices.SortFunc(rows, func(a, b listed) int {
		return cmp.Or(strings.Compare(a.Country, b.Country), strings.Compare(a.Subject, b.Subject),
			a.NotBefore.Compare(b.NotBefore), strings.Compare(b.Kind, a.Kind), strings.Compare(a.SHA256, b.SHA256))
	})
	if t.asJSON {
		return t.printJSON(rows)
	}
	table := tabwriter.NewWriter(t.lines(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "COUNTRY\tKIND\tKEY\tSIGNED BY\tFROM\tTO\tSTATUS\tSUBJECT")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%s\t%.8s\t%.8s\t%s\t%s\t%s\t%s\n", cmp.Or(r.State, r.Country), r.Kind, r.KeyID,
			cmp.Or(r.IssuerKey, "-"), day(r.NotBefore), day(r.NotAfter), r.Status, r.Subject)
	}
	return table.Flush()
}

func row(store *trust.Store, c *cert.Certificate) listed {
	r := listed{
		Country: c.Subject.Country, State: c.SubjectAltCountry, Subject: c.Subject.String(), Kind: "link", SHA256: fingerprint(c),
		KeyID: hex.EncodeToString(c.KeyIdentifier()), IssuerKey: hex.EncodeToString(c.AuthorityKeyID),
		NotBefore: c.NotBefore, NotAfter: c.NotAfter, Specimen: store.IsSpecimen(c), Standing: store.Standing(c),
	}
	if c.SelfIssued() && (r.IssuerKey == "" || r.IssuerKey == r.KeyID) {
		r.Kind = "root"
	}
	r.Status = status(r.Standing, c, time.Now())
	if r.Specimen {
		r.Status += ", SPECIMEN"
	}
	return r
}

// status puts a standing in a few words.
func status(s trust.Standing, c *cert.Certificate, now time.Time) string {
	switch {
	case s.Vanished && s.Reason == "":
		return "vanished " + day(s.Since)
	case s.Vanished:
		return "vanished " + day(s.Since) + " (" + s.Reason + ")"
	case !s.Since.IsZero():
		return "expired, left " + day(s.Since)
	case now.After(c.NotAfter):
		return "expired"
	case now.Before(c.NotBefore):
		return "not yet in force"
	}
	return "listed"
}

func (t *trustStore) listVersions() error {
	dir, err := t.open()
	if err != nil {
		return err
	}
	versions, err := dir.Versions()
	if err != nil {
		return trustFailure(err)
	}
	if t.asJSON {
		return t.printJSON(versions)
	}
	for _, v := range versions {
		mark := " "
		if v.Current {
			mark = "*"
		}
		fmt.Fprintf(t.lines(), "%s %3d  %s  %s\n", mark, v.Number, v.Made.UTC().Format("2006-01-02 15:04"), v.Action)
	}
	return nil
}

func (t *trustStore) noteCommand() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   "note KEY|SHA256 --reason TEXT",
		Short: "Record why a certificate left a list before it expired",
		Long: "Record why a certificate left a list before it expired. Until then, what its key\n" +
			"signed leaves the issuer undecided; from then on it counts, and every report\n" +
			"shows the reason. Ask the publisher of the list before you do.",
		Example: "  cnie trust note DB04DAE6… --reason 'replaced early, BSI notice of 2026-05-04'",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 || strings.TrimSpace(reason) == "" {
				return usage("`%s` takes one key identifier or SHA-256, and --reason TEXT", c.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			dir, err := t.open()
			if err != nil {
				return err
			}
			if err := dir.Note(args[0], strings.TrimSpace(reason), time.Now()); err != nil {
				return trustFailure(err)
			}
			_, err = fmt.Fprintf(t.lines(), "Recorded in version %d of %s.\n", dir.Version(), dir.Path())
			return err
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why, in `WORDS` that an auditor understands")
	return c
}

func (t *trustStore) rollbackCommand() *cobra.Command {
	return &cobra.Command{
		Use: "rollback VERSION", Short: "Go back to an earlier version of the store", Example: "  cnie trust rollback 7",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("`%s` takes a version; `cnie trust list --versions` lists them", c.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			var number int
			if _, err := fmt.Sscan(args[0], &number); err != nil {
				return usage("%q is no version; `cnie trust list --versions` lists them", args[0])
			}
			dir, err := t.open()
			if err != nil {
				return err
			}
			if err := dir.Rollback(number, time.Now()); err != nil {
				return trustFailure(err)
			}
			_, err = fmt.Fprintf(t.lines(), "Version %d of %s is version %d again.\n", dir.Version(), dir.Path(), number)
			return err
		},
	}
}

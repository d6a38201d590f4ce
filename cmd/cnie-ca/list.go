package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"cnie/internal/ca"
)

func newList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list DIR",
		Short: "List what was issued",
		Long:  "list lists what was issued and what became of it. It needs the authority for\nitself: stop the server first.",
		Args:  cobra.ExactArgs(1),
		RunE:  inFolder(func(cmd *cobra.Command, dir string) error { return list(cmd.OutOrStdout(), dir, asJSON) }),

		ValidArgsFunction: completeDir,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, one object a line")
	return cmd
}

// row is a certificate as it is listed.
type row struct {
	Serial    string     `json:"serial"`
	Profile   string     `json:"profile,omitempty"`
	Subject   string     `json:"subject"`
	NotAfter  time.Time  `json:"notAfter"`
	RevokedAt *time.Time `json:"revokedAt,omitempty"`
}

func list(out io.Writer, dir string, asJSON bool) error {
	authority, err := ca.Open(dir)
	if err != nil {
		return err
	}
	issued, err := authority.List()
	if err := errors.Join(err, authority.Close()); err != nil {
		return err
	}
	rows := make([]row, len(issued))
	for i, one := range issued {
		c := one.Certificate
		rows[i] = row{Serial: printed(c.SerialNumber), Profile: one.Profile, Subject: c.Subject.String(), NotAfter: c.NotAfter}
		if !one.Revoked.IsZero() {
			rows[i].RevokedAt = &one.Revoked
		}
	}
	if asJSON {
		encoder := json.NewEncoder(out)
		for _, r := range rows {
			if err := encoder.Encode(r); err != nil {
				return err
			}
		}
		return nil
	}
	return table(out, rows)
}

// printed writes a serial number as openssl does: whole bytes.
func printed(serial *big.Int) string { return fmt.Sprintf("%X", serial.Bytes()) }

func table(out io.Writer, rows []row) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SERIAL\tPROFILE\tUNTIL\tREVOKED\tSUBJECT")
	for _, r := range rows {
		revoked := "-"
		if r.RevokedAt != nil {
			revoked = r.RevokedAt.UTC().Format(time.DateOnly)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.Serial, r.Profile, r.NotAfter.Format(time.DateOnly), revoked, r.Subject)
	}
	return w.Flush()
}

package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"cnie/internal/shell"
	"cnie/simulator/persona"
)

// listed is one line of the list.
type listed struct {
	Name     string   `json:"name"`
	Summary  string   `json:"summary"`
	Verdict  string   `json:"verdict"` // of a correct inspection under the specimen anchors
	AllowBAC bool     `json:"allow_bac"`
	At       string   `json:"at,omitempty"` // when it is made; now
	Failed   []string `json:"failed,omitempty"`
	Why      string   `json:"why,omitempty"`
}

func newPersonas() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "personas",
		Short: "List the personas that come with the simulator",
		Long: "personas lists the people and cards that come with the simulator, and the\n" +
			"verdict of a correct inspection of each under the specimen trust anchors.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return listPersonas(cmd, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func listPersonas(cmd *cobra.Command, asJSON bool) error {
	var all []listed
	for _, name := range persona.Names() {
		p, err := persona.Load(name)
		if err != nil {
			return shell.Failed(shell.ExitInternal, "%w; this program is damaged, build it again", err)
		}
		all = append(all, listed{name, p.Summary, p.Expect.Verdict, p.Expect.AllowBAC, p.Expect.At, p.Expect.Failed, p.Expect.Why})
	}
	if asJSON {
		out := json.NewEncoder(cmd.OutOrStdout())
		out.SetIndent("", "  ")
		return out.Encode(all)
	}
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tVERDICT\tWHAT IT IS")
	for _, p := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\n", p.Name, p.Verdict, p.Summary)
	}
	return table.Flush()
}

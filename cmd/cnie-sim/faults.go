package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"cnie/simulator/fault"
)

// listedFault is one line of the list of faults.
type listedFault struct {
	Name    string      `json:"name"`
	Arg     string      `json:"argument,omitempty"`
	Default string      `json:"default,omitempty"`
	Live    bool        `json:"live"` // may be switched on while the card is in use
	Layer   fault.Layer `json:"layer"`
	Summary string      `json:"summary"`
	Persona string      `json:"persona"` // that the expectation is about
	Verdict string      `json:"verdict"` // of a correct inspection under the specimen anchors
	Failed  []string    `json:"failed,omitempty"`
	Exit    int         `json:"exit"` // of cnie verify
	At      string      `json:"at,omitempty"`
	Why     string      `json:"why"`
}

func newFaults() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "faults",
		Short: "List what can be wrong with a card",
		Long: "faults lists the ways in which a simulated card can be dishonest, broken or\n" +
			"odd, and what a correct inspection answers to each under the specimen trust\n" +
			"anchors. A fault is written NAME[=ARG][@N|@5s]: @30 begins at the thirtieth\n" +
			"command, @5s after five seconds.",
		Example: "  cnie-sim faults\n  cnie-sim run --fault clone\n  cnie-sim run --fault slow=50ms --fault torn@30",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return listFaults(cmd, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func listFaults(cmd *cobra.Command, asJSON bool) error {
	var all []listedFault
	for _, k := range fault.All() {
		all = append(all, listedFault{
			k.Name, k.Arg, k.Default, fault.Fault{Kind: k}.Live(), k.Layer, k.Summary, k.Persona,
			k.Expect.Verdict, k.Expect.Checks, k.Expect.Exit, k.Expect.At, k.Expect.Why,
		})
	}
	if asJSON {
		out := json.NewEncoder(cmd.OutOrStdout())
		out.SetIndent("", "  ")
		return out.Encode(all)
	}
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tLAYER\tVERDICT\tWHAT THE CARD DOES")
	for _, f := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", f.spec(), f.Layer, f.outcome(), f.Summary)
	}
	return table.Flush()
}

// spec is how to ask for the fault.
func (f listedFault) spec() string {
	if f.Default == "" {
		return f.Name
	}
	return f.Name + "=" + f.Default
}

// outcome is the verdict and why, or the exit code where there is none.
func (f listedFault) outcome() string {
	if f.Verdict == fault.Error {
		return fmt.Sprintf("%s %d", f.Verdict, f.Exit)
	}
	return strings.TrimSuffix(f.Verdict+": "+strings.Join(f.Failed, ", "), ": ")
}

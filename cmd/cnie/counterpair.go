package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cnie/internal/counter/api"
	"cnie/internal/site"
)

// pairing is one run of `cnie counter pair`, `unpair` or `paired`.
type pairing struct {
	*program
	siteFile, state string
	keys            siteFlags
}

func (p *program) pairingCommands() []*cobra.Command {
	d := &pairing{program: p}
	pair := &cobra.Command{
		Use: "pair CLIENT", Short: "Give business software a token for the local API",
		Long: "pair makes a token for a client that the site file names under api, and prints it\n" +
			"once. The counter keeps a hash of it. A client that was paired before gets a new\n" +
			"token, and the old one is void at once; the counter need not be started anew.\n\n" +
			"Exit codes: 74 the folder cannot be written, 77 the site file names no such client.",
		Example: "  cnie counter pair trial\n  cnie counter pair guichet --site site.yaml",
		Args:    oneClient, RunE: func(_ *cobra.Command, args []string) error { return d.pair(args[0]) },
	}
	pair.Flags().StringVar(&d.siteFile, "site", "", "site `FILE` with the clients of this desk, signed (default: a desk for trying out)")
	d.keys.register(pair.Flags())
	unpair := &cobra.Command{
		Use: "unpair CLIENT", Short: "Take a token for the local API back, at once", Args: oneClient,
		Example: "  cnie counter unpair trial",
		RunE:    func(_ *cobra.Command, args []string) error { return d.unpair(args[0]) },
	}
	paired := &cobra.Command{
		Use: "paired", Short: "List the business software that has a token", Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return d.list() },
	}
	all := []*cobra.Command{pair, unpair, paired}
	for _, c := range all {
		c.Flags().StringVar(&d.state, "state", ownState(), "`DIR` where the counter keeps pairings and keys")
	}
	return all
}

func oneClient(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usage("`%s` takes the name of one client; run `%s --help` to see what can be given", c.CommandPath(), c.CommandPath())
	}
	return nil
}

func (d *pairing) pair(name string) error {
	place, _, err := d.keys.load(d.siteFile)
	if err != nil {
		return err
	}
	client, known := place.Client(name)
	if !known {
		return &failure{code: exitNotPermitted, sentence: fmt.Sprintf("the site file names no client %q; it has %s", name, clientsOf(place))}
	}
	pairings, err := api.OpenPairings(d.state)
	if err != nil {
		return cannotWrite(d.state, err)
	}
	token, err := pairings.Pair(client, time.Now())
	if err != nil {
		return cannotWrite(d.state, err)
	}
	lines := []string{"Token, shown this once: " + token, "May begin:               " + strings.Join(client.Purposes, ", "), "Calls from:              " + callsFrom(client.Origins)}
	if place.API.Webhook != "" {
		keys, err := api.ReadHookKeys(d.state)
		if err != nil {
			return cannotRead(d.state, err)
		}
		lines = append(lines, "Webhook's secret:        "+keys.Secret, "Webhook's public key:    "+keys.Public())
	}
	_, err = fmt.Fprintln(d.lines(), strings.Join(lines, "\n"))
	return err
}

func callsFrom(origins []string) string {
	if len(origins) == 0 {
		return "programs on this machine, and no web page"
	}
	return "pages of " + strings.Join(origins, ", ")
}

func clientsOf(place *site.Site) string {
	var names []string
	for _, c := range place.API.Clients {
		names = append(names, c.ID)
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

func (d *pairing) unpair(name string) error {
	pairings, err := api.OpenPairings(d.state)
	if err == nil {
		err = pairings.Unpair(name)
	}
	switch {
	case errors.Is(err, api.ErrNotPaired):
		return usage("%q is not paired; `cnie counter paired` lists who is", name)
	case err != nil:
		return cannotWrite(d.state, err)
	}
	_, err = fmt.Fprintf(d.lines(), "%s has no token any more\n", name)
	return err
}

func (d *pairing) list() error {
	pairings, err := api.OpenPairings(d.state)
	if err != nil {
		return cannotRead(d.state, err)
	}
	all, err := pairings.All()
	if err != nil {
		return cannotRead(d.state, err)
	}
	for _, p := range all {
		if _, err := fmt.Fprintf(d.lines(), "%-20s paired %s, may begin %s, calls from %s\n", p.Client, p.Paired.Format(time.DateOnly), strings.Join(p.Purposes, ", "), callsFrom(p.Origins)); err != nil {
			return err
		}
	}
	return nil
}

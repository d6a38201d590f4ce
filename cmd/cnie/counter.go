package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	desks "cnie/internal/counter"
	"cnie/internal/counter/web"
	"cnie/internal/photo"
	"cnie/internal/site"
	"cnie/pki"
	"cnie/pki/trust"
)

// counterRun is one run of `cnie counter`: what was asked for, as it was typed.
type counterRun struct {
	*program
	siteFile             string
	keys                 siteFlags
	listen, language     string
	readers              []string
	ledgerDir, state     string
	trustDir, policyFile string
	noBrowser, demo      bool
	ownBook              bool                      // --ledger: a folder of this machine, whatever the site file says
	check                func(policy []byte) error // of the site's own policy
}

func (p *program) counterCommand() *cobra.Command {
	d := &counterRun{program: p}
	c := &cobra.Command{
		Use: "counter", Short: "Open a desk: a clerk's screen and a citizen's, in a browser", Args: noArguments,
		Long: "counter serves two screens to browsers on this machine, and to nobody else. It\n" +
			"prints an address for each that pairs one browser with it and works once. The\n" +
			"clerk chooses what for, the citizen hears and agrees, the card is judged, and\n" +
			"the visit is recorded in a ledger that holds nothing of the person.\n\n" +
			"Without a site file it is a desk for trying out, which shows fields of specimen\n" +
			"cards only. Interrupted, it wipes what is on the desk and closes the ledger.\n\n" +
			"Exit codes: 69 an address or the ledger in use, 74 a file cannot be read, 77 not\n" +
			"permitted by the site file, 78 a mistake in a file.",
		Example: "  cnie counter --demo --trust anchors/\n  cnie counter --site site.yaml --listen 127.0.0.1:7312",
		RunE:    func(c *cobra.Command, _ []string) error { return d.asService(c.Context()) },
	}
	f := c.Flags()
	f.StringVar(&d.siteFile, "site", "", "site `FILE` with the purposes of this desk, signed (default: a desk for trying out)")
	d.keys.register(f)
	f.StringVar(&d.listen, "listen", "127.0.0.1:7312", "loopback `ADDRESS` to serve; port 0: any that is free")
	f.StringArrayVar(&d.readers, "reader", nil, "use readers whose name contains this `TEXT` only (may be repeated)")
	f.StringVar(&d.ledgerDir, "ledger", "", "`DIR` of the ledger (default: as the site file says, else the user's own)")
	f.StringVar(&d.trustDir, "trust", "", "`DIR` with trust anchors (default: as the site file says, else the user's own store)")
	f.StringVar(&d.policyFile, "policy", "", "policy `FILE` (YAML) with what is tolerated (default: as the site file says, else nothing is)")
	f.StringVar(&d.language, "lang", "fr", "`LANGUAGE` of screens until somebody chooses: ar, fr, en or zgh")
	f.BoolVar(&d.demo, "demo", false, "try it out: specimen cards only, and a ledger that is thrown away at the end")
	f.BoolVar(&d.noBrowser, "no-browser", false, "print the addresses and open nothing")
	f.StringVar(&d.state, "state", ownState(), "`DIR` of pairings with business software and the keys for it")
	c.AddCommand(d.serviceCommand())
	c.AddCommand(p.pairingCommands()...)
	return c
}

// run opens what the desk needs, serves, and closes it again in reverse.
func (d *counterRun) run(ctx context.Context) (err error) {
	if d.anew != nil {
		if err := d.anew(); err != nil {
			d.counterLog().Warn("memory that was freed is not overwritten at once", "why", err.Error())
		}
	}
	if d.demo {
		end, err := d.tryOut()
		if err != nil {
			return err
		}
		defer end()
	}
	place, _, err := d.keys.load(d.siteFile)
	if err != nil {
		return err
	}
	if err := d.settle(place); err != nil {
		return err
	}
	listener, err := listenLoopback(d.listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	judge, allowBAC, err := d.judge(place)
	if err != nil {
		return err
	}
	book, name, err := d.openBook(ctx, place)
	if err != nil {
		return ledgerFailure(err)
	}
	defer func() {
		if closing := book.Close(); err == nil && closing != nil {
			err = ledgerFailure(closing)
		}
	}()
	if err := noteSite(ctx, book, place); err != nil {
		return ledgerFailure(err)
	}
	screens := &counterScreens{desk: d, site: place, slip: slips(place, name)}
	o := desks.Options{System: onlyReaders{d.system, d.readers}, Site: place, Verifier: judge, Ledger: book, Photo: photo.Confined, Measure: screens.measure, Forgotten: new(forgetter).visitEnded, Pseudonym: pseudonyms(place, d.state), Log: d.counterLog()}
	o.Reading.AllowBAC = allowBAC
	working, err := desks.New(o)
	if err != nil {
		return err
	}
	return screens.serve(ctx, listener, working)
}

// settle takes from the site file what the command line does not say. At a
// production site who starts the program replaces nothing, also where the site
// says nothing: not whom it believes, what it tolerates and where it writes.
func (d *counterRun) settle(place *site.Site) error {
	for _, choice := range []struct{ flag, given string }{{"trust", d.trustDir}, {"policy", d.policyFile}, {"ledger", d.ledgerDir}} {
		if place.Production && choice.given != "" {
			return &failure{code: exitNotPermitted, sentence: fmt.Sprintf("the site file is for production and decides on its own; leave --%s out", choice.flag)}
		}
	}
	if d.policyFile == "" {
		d.check = place.CheckPolicy
	}
	d.trustDir = cmp.Or(d.trustDir, place.Resolve(place.Trust), ownStore())
	d.policyFile = cmp.Or(d.policyFile, place.Resolve(place.Policy))
	d.ownBook = d.ledgerDir != ""
	d.ledgerDir = cmp.Or(d.ledgerDir, place.Resolve(place.Ledger.Dir), ownLedger())
	return nil
}

// ownLedger is where a desk without a site file writes.
func ownLedger() string {
	settings, err := os.UserConfigDir()
	if err != nil {
		return "ledger"
	}
	return filepath.Join(settings, "cnie", "ledger")
}

// judge gives what judges each card. The anchors are read anew for each, so that
// a list that arrived in between counts, and so does whether they may be believed.
func (d *counterRun) judge(place *site.Site) (judge func(time.Time) (*pki.Verifier, error), allowBAC bool, err error) {
	var policy pki.Policy
	if d.policyFile != "" {
		if policy, err = d.policy(); err != nil {
			return nil, false, err
		}
	}
	judge = func(at time.Time) (*pki.Verifier, error) {
		anchors := trust.NewStore(nil, nil)
		if d.trustDir != "" {
			var err error
			if anchors, err = trust.LoadDir(d.trustDir); err != nil {
				return nil, err
			}
		}
		if err := place.PermitsTrust(anchors); err != nil {
			return nil, err
		}
		now := policy
		now.At = at
		return pki.NewVerifier(anchors, now)
	}
	switch _, err := judge(time.Now()); {
	case errors.Is(err, site.ErrSpecimen):
		return nil, false, siteFailure(d.trustDir, fmt.Errorf("%s: %w", d.trustDir, err))
	case err != nil:
		return nil, false, &failure{code: exitMalformed, sentence: fmt.Sprintf("trust anchors: %v; give --trust a folder with CSCA*.der and *.crl files", err), cause: err}
	}
	return judge, policy.AllowBAC, nil
}

// policy is read once: what was held against the site's pin is what counts.
func (d *counterRun) policy() (pki.Policy, error) {
	content, err := readSome(d.policyFile, maxPolicy)
	if err != nil {
		return pki.Policy{}, cannotRead(d.policyFile, err)
	}
	if d.check != nil {
		if err := d.check(content); err != nil {
			return pki.Policy{}, siteFailure(d.policyFile, fmt.Errorf("%s: %w", d.policyFile, err))
		}
	}
	policy, _, err := parsePolicy(d.policyFile, content)
	return policy, err
}

// counterLog tells what happens at the desk, and not to whom.
func (d *counterRun) counterLog() *slog.Logger {
	level := slog.LevelInfo
	if d.debug {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(d.stderr, &slog.HandlerOptions{Level: level}))
}

// recordings is the folder of the operator's spoken notices, nil: there is none.
func recordings(place *site.Site) (fs.FS, error) {
	if place.Audio == "" {
		return nil, nil
	}
	root, err := os.OpenRoot(place.Resolve(place.Audio))
	if err != nil {
		return nil, cannotRead(place.Audio, err)
	}
	return root.FS(), nil
}

var _ web.Desk = (*desks.Desk)(nil)

package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cnie/cardreader/emrtd"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/seal"
	"cnie/pki/trust"
)

// verification is one run of `cnie verify`: what was asked for, as it was typed.
type verification struct {
	*program
	opening
	caps
	reader                string
	certificates          string // folder with the terminal's own
	trustDir, at, read    string
	policyFile            string
	given                 func(flag string) bool // whether the command line has it
	allowBAC              bool
	allowUnverifiedIssuer bool
	asJSON, details       bool
	reportFile            string
	paper                 string
	evidence              evidenceOptions
	wait                  time.Duration
}

func (p *program) verifyCommand() *cobra.Command {
	v := &verification{program: p}
	c := &cobra.Command{
		Use:   "verify",
		Short: "Read a card and say whether it can be relied upon",
		Long: "Read a card through a PC/SC reader and judge it: opened safely, data intact,\n" +
			"issuer known, chip original, in force, signer not revoked.\n\n" +
			"Exit codes: 0 accepted, 10 refused, 11 inconclusive, 13 wrong CAN, MRZ or PIN,\n" +
			"64 usage, 69 no reader or card, 75 card removed (try again).",
		Example: "  cnie verify --can 123456 --trust anchors/\n" +
			"  cnie verify --password pin --trust anchors/\n" +
			"  cnie verify --doc ZZZ0SIM1 --birth 900101 --expiry 350101 --trust anchors/ --report card.html",
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return v.run(c.Context()) },
	}
	f := c.Flags()
	f.StringVar(&v.reader, "reader", "", "use the reader whose name contains this `TEXT`")
	v.opening.flags(f)
	f.StringVar(&v.read, "read", "dg1,dg2,dg11", "data groups to read")
	v.judgeFlags(f, "judge for this `TIME` instead of now, such as 2026-01-31T12:00:00Z")
	v.showFlags(f)
	v.evidence.flags(f)
	f.DurationVar(&v.wait, "wait", 0, "wait so long for a card (on a terminal: 30s)")
	f.StringVar(&v.certificates, "terminal-certificates", "", "prove this terminal's rights to chips that ask: `DIR` with its card verifiable certificates (*.cvcert) and its key (PKCS #8)")
	v.caps.flags(f)
	return c
}

// judgeFlags say against what evidence is judged.
func (v *verification) judgeFlags(f *pflag.FlagSet, at string) {
	f.StringVar(&v.trustDir, "trust", "", "`DIR` with trust anchors (CSCA*.der) and revocation lists (*.crl), or a store made by cnie trust import (default: the user's own store)")
	f.StringVar(&v.at, "at", "", at)
	f.StringVar(&v.policyFile, "policy", "", "policy `FILE` (YAML) with what is tolerated; without one, nothing is")
	v.given = f.Changed
	f.BoolVar(&v.allowBAC, "allow-bac", false, "accept cards that offer no PACE, opened by the weaker Basic Access Control")
	f.BoolVar(&v.allowUnverifiedIssuer, "allow-unverified-issuer", false, "show holder fields, watermarked, of a card whose issuer is unknown")
}

// showFlags say how the report is shown.
func (v *verification) showFlags(f *pflag.FlagSet) {
	f.BoolVar(&v.asJSON, "json", false, "print JSON")
	f.BoolVar(&v.details, "details", false, "list every check")
	f.StringVar(&v.reportFile, "report", "", "write the report to `FILE` as a page that a browser shows and prints")
	f.StringVar(&v.paper, "paper", paperA4, "paper that --report is for: a4, or 58mm for a slip without values")
}

// run reads, judges and shows. Arguments are checked before a card is touched
// and files are written after everything else went well.
func (v *verification) run(ctx context.Context) error {
	switch {
	case v.wait < 0:
		return usage("--wait takes a time such as 30s; 0 does not wait")
	case v.interactive && !v.given("wait"):
		v.wait = 30 * time.Second
	}
	if err := v.caps.check(); err != nil {
		return err
	}
	files, err := parseFiles(v.read)
	if err != nil {
		return err
	}
	judge, anchors, err := v.judge()
	if err != nil {
		return err
	}
	if err := v.checkOutputs(); err != nil {
		return err
	}
	if err := v.evidence.prepare(v.given); err != nil {
		return err
	}
	terminal, err := inspector(v.certificates)
	if err != nil {
		return err
	}
	k, err := v.keys(ctx)
	if err != nil {
		return err
	}
	v.recorded.asked(files, v.allowBAC, k.password.Kind(), v.evidence.challenge)
	r, err := v.readCard(ctx, k, terminal, files)
	if err != nil {
		return err
	}
	start := time.Now()
	report := judge.Verify(ctx, r.evidence)
	if err := ctx.Err(); err != nil {
		return err
	}
	v.recorded.judged(report)
	r.timing.Judge = since(start)
	r.timing.Total = since(r.started)
	done := result{id: seal.NewID(), judged: report, evidence: r.evidence, trust: provenance(v.trustDir, anchors), reading: r}
	if err := v.show(done); err != nil {
		return err
	}
	return verdictExit(report.Verdict())
}

// parseFiles reads --read: names of data groups, separated by commas.
func parseFiles(list string) ([]lds.File, error) {
	var files []lds.File
	for _, name := range strings.Split(list, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		file, err := lds.ParseFile(name)
		switch {
		case err != nil || !file.IsDataGroup():
			return nil, usage("--read takes data groups such as dg1,dg2,dg11; %q is none", name)
		case file == lds.DG3 || file == lds.DG4:
			return nil, emrtd.ErrForbidden
		}
		files = append(files, file)
	}
	return files, nil
}

// judge loads the anchors and sets the policy.
func (v *verification) judge() (*pki.Verifier, *trust.Store, error) {
	policy, err := v.policy()
	if err != nil {
		return nil, nil, err
	}
	policy.At = time.Now()
	if v.at != "" || v.given("at") {
		at, err := time.Parse(time.RFC3339, v.at)
		if err != nil {
			return nil, nil, usage("--at takes a time such as 2026-01-31T12:00:00Z")
		}
		policy.At = at
	}
	anchors := trust.NewStore(nil, nil)
	if v.trustDir == "" {
		v.trustDir = ownStore()
	}
	if v.trustDir != "" {
		var err error
		if anchors, err = trust.LoadDir(v.trustDir); err != nil {
			return nil, nil, &failure{code: exitMalformed, sentence: fmt.Sprintf("trust anchors: %v; give --trust a folder with CSCA*.der and *.crl files", err), cause: err}
		}
	}
	judge, err := pki.NewVerifier(anchors, policy)
	return judge, anchors, err
}

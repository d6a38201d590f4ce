package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cnie/cardreader/emrtd"
	"cnie/cardreader/emrtd/access"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/seal"
	"cnie/pki/trust"
)

// verification is one run of `cnie verify`: what was asked for, as it was typed.
type verification struct {
	*program
	reader                string
	can, mrz              string
	document              lds.MRZKey
	trustDir, at, read    string
	policyFile            string
	given                 func(flag string) bool // whether the command line has it
	allowBAC              bool
	allowUnverifiedIssuer bool
	asJSON, details       bool
	reportFile            string
	paper                 string
	evidence              evidenceOptions
	wait, timeout         time.Duration
}

func (p *program) verifyCommand() *cobra.Command {
	v := &verification{program: p}
	c := &cobra.Command{
		Use:   "verify",
		Short: "Read a card and say whether it can be relied upon",
		Long: "Read a card through a PC/SC reader and judge it: opened safely, data intact,\n" +
			"issuer known, chip original, in force, signer not revoked.\n\n" +
			"Exit codes: 0 accepted, 10 refused, 11 inconclusive, 13 wrong CAN or MRZ,\n" +
			"64 usage, 69 no reader or card, 75 card removed (try again).",
		Example: "  cnie verify --can 123456 --trust anchors/\n" +
			"  cnie verify --doc ZZZ0SIM1 --birth 900101 --expiry 350101 --trust anchors/ --report card.html",
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return v.run(c.Context()) },
	}
	f := c.Flags()
	f.StringVar(&v.reader, "reader", "", "use the reader whose name contains this `TEXT`")
	f.StringVar(&v.can, "can", "", "card access `NUMBER`, six digits printed on the card")
	f.StringVar(&v.mrz, "mrz", "", "the machine-readable `LINES` on the back, joined or one below the other")
	f.StringVar(&v.document.DocumentNumber, "doc", "", "document `NUMBER`, with --birth and --expiry instead of --mrz")
	f.StringVar(&v.document.BirthDate, "birth", "", "date of birth, `YYMMDD`")
	f.StringVar(&v.document.ExpiryDate, "expiry", "", "date of expiry, `YYMMDD`")
	f.StringVar(&v.read, "read", "dg1,dg2,dg11", "data groups to read")
	v.judgeFlags(f, "judge for this `TIME` instead of now, such as 2026-01-31T12:00:00Z")
	v.showFlags(f)
	v.evidence.flags(f)
	f.DurationVar(&v.wait, "wait", 0, "wait so long for a card (on a terminal: 30s)")
	f.DurationVar(&v.timeout, "timeout", emrtd.DefaultTimeout, "give a card up that takes longer than this to read")
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
	f.StringVar(&v.reportFile, "report", "", "write the report as a page to `FILE`.html")
	f.StringVar(&v.paper, "paper", paperA4, "paper that --report is for: a4, or 58mm for a slip without values")
}

// run reads, judges and shows. Arguments are checked before a card is touched
// and files are written after everything else went well.
func (v *verification) run(ctx context.Context) error {
	if v.interactive && v.wait == 0 {
		v.wait = 30 * time.Second
	}
	if v.timeout <= 0 {
		return usage("--timeout takes a time such as 30s")
	}
	files, err := parseFiles(v.read)
	if err != nil {
		return err
	}
	judge, anchors, err := v.judge()
	if err != nil {
		return err
	}
	if err := v.checkPaper(); err != nil {
		return err
	}
	if err := v.evidence.prepare(); err != nil {
		return err
	}
	password, err := v.password()
	if err != nil {
		return err
	}
	v.recorded.asked(files, v.allowBAC, password.Kind(), v.evidence.challenge)
	r, err := v.readCard(ctx, password, files)
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
	if v.at != "" {
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

// password takes the CAN or MRZ key from the arguments, or asks for the CAN.
func (v *verification) password() (access.Password, error) {
	ways := 0
	for _, given := range []bool{v.can != "", v.mrz != "", v.document != lds.MRZKey{}} {
		if given {
			ways++
		}
	}
	switch {
	case ways > 1:
		return access.Password{}, usage("give one of --can, --mrz, or --doc with --birth and --expiry; one way to open the card is enough")
	case v.mrz != "":
		zone, err := lds.ParseMRZ(v.mrz)
		if err != nil {
			return access.Password{}, usage("--mrz is not a whole machine-readable zone: %v; compare it with the card", err)
		}
		return access.MRZ(zone.Key())
	case v.document != lds.MRZKey{}:
		return access.MRZ(v.document)
	case v.can == "" && v.interactive:
		fmt.Fprint(v.stderr, "CAN (six digits on the front of the card): ")
		if _, err := fmt.Fscanln(v.stdin, &v.can); err != nil {
			return access.Password{}, usage("a CAN has six digits; type it as it is printed")
		}
	case v.can == "":
		return access.Password{}, usage("the card needs --can NUMBER, --mrz LINES, or --doc, --birth and --expiry to open")
	}
	return access.CAN(v.can)
}

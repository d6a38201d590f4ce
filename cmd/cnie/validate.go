package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cnie/internal/report"
	"cnie/internal/signreport"
	"cnie/pki/adsig"
	"cnie/pki/adsig/path"
	"cnie/pki/adsig/revocation"
)

// validating is one run of `cnie validate`.
type validating struct {
	*program
	trustDir, at, content string
	reportFile            string
	online, anyUsage      bool
	noRevocation          bool
	responders, lists     []string
	issuers               []string
	maxAge                time.Duration
	asJSON, details       bool

	policy adsig.Policy
	trust  string
}

func (p *program) validateCommand() *cobra.Command {
	v := &validating{program: p}
	c := &cobra.Command{
		Use:   "validate FILE...",
		Short: "Say whether signed documents can be relied upon",
		Long: "Judge every signature in PDF files, CMS messages (.p7s, .p7m), ASiC-E containers and\n" +
			"JSON signatures after ETSI EN 319 102-1. A signature that lies beside its document\n" +
			"is held against --content FILE, or the file that its own name tells.\n\n" +
			"Nothing is fetched unless --online is given. Revocation answers come with the\n" +
			"signature (B-LT), lie in the folder of --trust (*.crl), or are asked for.\n\n" +
			"Exit codes: 0 TOTAL-PASSED, all of them; 10 TOTAL-FAILED, any; 11 INDETERMINATE;\n" +
			"64 usage, 65 no signature that could be judged, 74 cannot read, 78 no trust.",
		Example: "  cnie validate report.signed.pdf --trust roots/ --report report.html\n" +
			"  cnie validate letter.txt.p7s --content letter.txt --trust roots/ --online",
		Args: someFiles,
		RunE: func(c *cobra.Command, args []string) error { return v.run(c.Context(), args) },
	}
	f := c.Flags()
	f.StringVar(&v.trustDir, "trust", "", "`DIR` with root certificates (PEM or DER) and revocation lists; without it no signature can pass")
	f.StringVar(&v.at, "at", "", "judge for this `TIME` instead of now, such as 2026-01-31T12:00:00Z")
	f.StringVar(&v.content, "content", "", "`FILE` that the signature is over")
	f.BoolVar(&v.online, "online", false, "ask OCSP responders, fetch revocation lists and issuers' certificates that are missing")
	onlineFlags(f, &v.responders, &v.lists)
	f.StringArrayVar(&v.issuers, "issuer", nil, "fetch issuers' certificates that are missing from this `URL` instead of those in certificates")
	f.DurationVar(&v.maxAge, "max-age", 0, "how old an answer about a certificate may be (default: as old as its source makes them)")
	f.BoolVar(&v.noRevocation, "allow-no-revocation", false, "let certificates pass about which there is no answer")
	f.BoolVar(&v.anyUsage, "allow-any-usage", false, "let keys sign whose certificate is for something else")
	f.StringVar(&v.reportFile, "report", "", "write the report as a page to `FILE`")
	f.BoolVar(&v.details, "details", false, "list every check")
	f.BoolVar(&v.asJSON, "json", false, "print JSON")
	return c
}

func (v *validating) run(ctx context.Context, files []string) error {
	if v.content != "" && len(files) > 1 {
		return usage("--content is the file of one signature; validate them one by one")
	}
	if kind, err := kindOf(files[0]); err == nil && v.content != "" && (kind == kindPDF || kind == kindContainer) {
		return usage("%s holds what is signed, and --content is for a signature that lies beside it; leave it out", files[0])
	}
	if err := v.prepare(); err != nil {
		return err
	}
	view := signreport.View{At: v.policy.At.UTC(), Trust: v.trust, Rules: v.rules(), Tool: "cnie " + version}
	var problem error
	for _, name := range files {
		file, err := v.judge(ctx, name)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			problem = errors.Join(problem, err)
		}
		view.Files = append(view.Files, file)
	}
	if err := v.show(view); err != nil {
		return err
	}
	if problem != nil {
		return v.problem(problem, len(files))
	}
	switch view.Worst() {
	case adsig.TotalPassed:
		return nil
	case adsig.TotalFailed:
		return &failure{code: exitRefused}
	}
	return &failure{code: exitInconclusive}
}

// problem is what could not be judged: of one file its own sentence, of several
// the first one's code, since the report has told each.
func (v *validating) problem(err error, files int) error {
	var f *failure
	if !errors.As(err, &f) || files == 1 {
		return err
	}
	return &failure{code: f.code, sentence: "not every file could be judged; the report says why", cause: err}
}

// prepare loads the anchors and sets the policy.
func (v *validating) prepare() error {
	v.policy = adsig.Policy{
		At: time.Now(), MaxAge: v.maxAge, AllowNoRevocation: v.noRevocation, AllowAnyUsage: v.anyUsage, AllowNoAnchors: v.trustDir == "",
	}
	if len(v.responders)+len(v.lists)+len(v.issuers) > 0 {
		v.online = true
	}
	if v.at != "" {
		at, err := time.Parse(time.RFC3339, v.at)
		if err != nil {
			return usage("--at takes a time such as 2026-01-31T12:00:00Z")
		}
		v.policy.At = at
	}
	v.trust = "Nobody is trusted: no folder of root certificates was given (--trust)."
	if v.trustDir == "" {
		return nil
	}
	roots, err := loadRoots(v.trustDir)
	v.policy.Anchors, v.policy.Material.Lists = roots.certificates, roots.lists
	v.trust = fmt.Sprintf("Trust: %s. Root certificates: %d; revocation lists: %d.", v.trustDir, len(roots.certificates), len(roots.lists))
	return err
}

// rules says the policy in sentences.
func (v *validating) rules() []string {
	rules := []string{"Algorithms are relied upon until the dates of ETSI TS 119 312."}
	if v.maxAge > 0 {
		rules = append(rules, fmt.Sprintf("Answers about certificates may be %v old.", v.maxAge))
	}
	for _, r := range []struct {
		on       bool
		sentence string
	}{
		{v.online, "Responders were asked, and lists and missing certificates fetched."},
		{v.noRevocation, "Certificates may pass about which there is no answer."},
		{v.anyUsage, "Keys may sign whose certificate is for something else."},
	} {
		if r.on {
			rules = append(rules, r.sentence)
		}
	}
	return rules
}

// judge judges one file, and once more with what was fetched.
func (v *validating) judge(ctx context.Context, name string) (signreport.File, error) {
	in, err := inspectFile(name, v.content, v.policy)
	if err == nil && v.online {
		policy := v.policy
		if policy.Pool = v.complete(ctx, in); len(policy.Pool) > 0 {
			if in, err = inspectFile(name, v.content, policy); err != nil {
				return signreport.File{Name: report.Printable(name)}, err
			}
		}
		policy.Material = v.collect(ctx, in)
		in, err = inspectFile(name, v.content, policy)
	}
	if err == nil && v.content != "" {
		err = in.hold(v.content)
	}
	if err != nil {
		sentence := strings.TrimSuffix(classify(ctx, err).sentence, "; please report this")
		return signreport.File{Name: report.Printable(name), Problem: report.Printable(sentence)}, err
	}
	return in.file(name), nil
}

// collect asks about every certificate on every path that was found. What cannot
// be had stays open, and the report says so.
func (v *validating) collect(ctx context.Context, in *inspected) revocation.Material {
	m, collector := v.policy.Material, v.collector()
	for _, p := range in.paths() {
		found, err := collector.Collect(ctx, p)
		if err != nil {
			v.log().Debug("revocation", "error", err)
		}
		m.Lists = append(m.Lists, found.Lists...)
		m.Responses = append(m.Responses, found.Responses...)
	}
	return m
}

func (v *validating) collector() revocation.Collector {
	return revocation.Collector{
		Source:     onlineClient(slices.Concat(v.responders, v.lists, v.issuers)...),
		Responders: v.responders, Lists: v.lists, Issuers: v.issuers, MaxAge: v.maxAge,
		Needed: time.Unix(0, 0), // that a certificate is revoked is an answer too
	}
}

// paths lists those of signers and time-stamp authorities.
func (in *inspected) paths() (all []path.Path) {
	add := func(p path.Path) {
		if len(p) > 0 {
			all = append(all, p)
		}
	}
	for _, s := range in.signatures {
		add(s.Path)
		for _, stamp := range s.Stamps {
			add(stamp.Path)
		}
	}
	for _, stamp := range in.stamps {
		add(stamp.Path)
	}
	return all
}

func (v *validating) show(view signreport.View) error {
	if v.reportFile != "" {
		if err := writeFile(v.reportFile, view.HTML); err != nil {
			return err
		}
		v.say("Report: %s", v.reportFile)
	}
	if v.asJSON {
		return v.printJSON(view)
	}
	return view.Text(v.stdout, v.textOptions(v.details))
}

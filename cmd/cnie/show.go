package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/internal/report"
	"cnie/pki"
	"cnie/pki/trust"
)

// answer is what --json prints.
type answer struct {
	ID       string      `json:"report"`
	Verdict  pki.Verdict `json:"verdict"`
	At       time.Time   `json:"at"`
	Specimen bool        `json:"specimen"`
	Attested *attested   `json:"attested,omitempty"`
	Checks   []pki.Check `json:"checks"`
	Holder   *pki.Holder `json:"holder,omitempty"`
	Withheld string      `json:"holder_withheld,omitempty"`
	Access   pki.Access  `json:"access"`
	Card     struct {
		ATR cardreader.ATR `json:"atr"`
	} `json:"card"`
	Terminal *pki.TerminalAuthentication `json:"terminal,omitempty"` // what it proved to the chip
	IO       *apdu.Counters              `json:"io,omitempty"`
	TimingMS *timing                     `json:"timing_ms,omitempty"`
	Policy   []string                    `json:"policy"`
	Trust    string                      `json:"trust"`
}

// result is a report on its way to whoever asked for it.
type result struct {
	id       string
	judged   pki.Report
	evidence *pki.Evidence
	trust    string    // where trust came from
	attested *attested // nil: read here
	reading  *reading  // nil: read elsewhere
}

// show writes the report, and the files that were asked for. These get their
// names last, so that a failure on the way leaves none.
func (v *verification) show(r result) error {
	holder, withheld := releasable(r.judged)
	view := report.New(r.judged, report.Context{
		ID: r.id, Rules: r.judged.Policy().Sentences(), Trust: r.trust, Tool: "cnie " + version,
		Attested: r.attested.forReport(), Holder: holder, Withheld: withheld,
	})
	var files pending
	defer files.drop()
	if err := v.writeReport(&files, view); err != nil {
		return err
	}
	if err := v.saveEvidence(&files, r); err != nil {
		return err
	}
	if err := v.print(view, r, holder, withheld); err != nil {
		return err
	}
	if err := files.keep(); err != nil {
		return err
	}
	v.sayFiles()
	return nil
}

// print writes the report for people, or as JSON.
func (v *verification) print(view report.View, r result, holder *pki.Holder, withheld string) error {
	rules := r.judged.Policy().Sentences()
	if !v.asJSON {
		v.sayPolicy(rules)
		return view.Text(v.stdout, v.textOptions(v.details))
	}
	a := answer{
		ID: r.id, Verdict: view.Verdict, At: r.judged.At.UTC(), Specimen: r.judged.Specimen, Attested: r.attested,
		Checks: r.judged.Checks, Holder: holder, Withheld: withheld,
		Access: r.evidence.Access, Policy: rules, Trust: r.trust,
	}
	a.Card.ATR, a.Terminal = r.evidence.ATR, r.evidence.Terminal
	if r.reading != nil {
		a.IO, a.TimingMS = &r.reading.counters, &r.reading.timing
	}
	return v.printJSON(a)
}

// sayPolicy tells a waiting person which policy holds, and all of it when that
// person wants details; the page and JSON always have all of it.
func (v *verification) sayPolicy(rules []string) {
	if !v.details {
		rules = rules[:min(1, len(rules))]
	}
	for _, rule := range rules {
		v.say("%s", rule)
	}
}

// textOptions asks the device what it can show. A dumb terminal has a width and
// nothing else; a pipe or a file has not even that.
func (p *program) textOptions(details bool) report.TextOptions {
	o := report.TextOptions{Colours: p.colours, Details: details, Width: p.columns()}
	if os.Getenv("TERM") == "dumb" {
		o.Colours, o.ASCII = false, true
	}
	return o
}

// releasable is the holder as far as it may be shown here. Law 09-08 wants a
// purpose for reading real people's data, and a purpose is stated in a site
// file; without one, only people who do not exist are shown.
func releasable(judged pki.Report) (*pki.Holder, string) {
	holder := judged.Holder()
	switch {
	case holder == nil && judged.Verdict() == pki.Refused:
		return nil, "the card is refused"
	case holder == nil:
		return nil, "not everything that it stands on could be checked"
	case judged.Specimen || holder.Reserved:
		return holder, ""
	}
	return nil, "without a site file, which states purpose and legal basis, only specimen cards show theirs"
}

// provenance says where trust came from and how old it is.
func provenance(dir string, anchors *trust.Store) string {
	if dir == "" {
		return "No trust anchors were given (--trust), so no issuer could be recognised."
	}
	certificates, lists := anchors.Count()
	if lists == 0 {
		return fmt.Sprintf("Trust anchors: %d country signing certificates, no revocation list.", certificates)
	}
	return fmt.Sprintf("Trust anchors: %d country signing certificates; revocation lists: %d, the oldest of %s.",
		certificates, lists, anchors.Oldest().UTC().Format(time.DateOnly))
}

// Papers that --paper takes.
const (
	paperA4   = "a4"
	paperSlip = "58mm"
)

// checkOutputs refuses a paper that there is none of, and one name for two files,
// before a card is touched.
func (v *verification) checkOutputs() error {
	switch {
	case v.reportFile != "" && v.evidence.file != "" && filepath.Clean(v.reportFile) == filepath.Clean(v.evidence.file):
		return usage("--report and --save-evidence name the same file; give two names")
	case v.paper != paperA4 && v.paper != paperSlip:
		return usage("--paper takes a4 or 58mm")
	case v.paper == paperSlip && v.reportFile == "":
		return usage("--paper says what --report FILE is printed on; give both")
	}
	return nil
}

func (v *verification) writeReport(files *pending, view report.View) error {
	if v.reportFile == "" {
		return nil
	}
	write := view.HTML
	if v.paper == paperSlip {
		write = view.Slip
	}
	return files.write(v.reportFile, write)
}

// sayFiles tells a waiting person what was left behind.
func (v *verification) sayFiles() {
	if v.reportFile != "" {
		v.say("Report: %s", v.reportFile)
	}
	if v.evidence.file != "" {
		v.say("Evidence: %s, signed by %s", v.evidence.file, v.evidence.key.Public().Fingerprint())
	}
}

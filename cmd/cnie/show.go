package main

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/term"

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

// show writes the files that were asked for, then the report itself.
func (v *verification) show(r result) error {
	holder, withheld := releasable(r.judged)
	rules := r.judged.Policy().Sentences()
	view := report.New(r.judged, report.Context{
		ID: r.id, Rules: rules, Trust: r.trust, Tool: "cnie " + version,
		Attested: r.attested.forReport(), Holder: holder, Withheld: withheld,
	})
	if err := v.writeReport(view); err != nil {
		return err
	}
	if r.reading != nil {
		if err := v.saveEvidence(r); err != nil {
			return err
		}
	}
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
	o := report.TextOptions{Colours: p.colours, Details: details}
	if os.Getenv("TERM") == "dumb" {
		o.Colours, o.ASCII = false, true
	}
	if file, ok := p.stdout.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil {
			o.Width = width
		}
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

// checkPaper refuses a paper that there is none of, before a card is touched.
func (v *verification) checkPaper() error {
	switch {
	case v.paper != paperA4 && v.paper != paperSlip:
		return usage("--paper takes a4 or 58mm")
	case v.paper == paperSlip && v.reportFile == "":
		return usage("--paper says what --report FILE is printed on; give both")
	}
	return nil
}

func (v *verification) writeReport(view report.View) error {
	if v.reportFile == "" {
		return nil
	}
	write := view.HTML
	if v.paper == paperSlip {
		write = view.Slip
	}
	if err := writeFile(v.reportFile, write); err != nil {
		return err
	}
	v.say("Report: %s", v.reportFile)
	return nil
}

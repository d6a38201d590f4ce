package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"cnie/cardreader"
	"cnie/internal/report"
	"cnie/pki"
	"cnie/pki/trust"
)

// answer is what --json prints.
type answer struct {
	Verdict  pki.Verdict `json:"verdict"`
	Specimen bool        `json:"specimen"`
	Checks   []pki.Check `json:"checks"`
	Holder   *pki.Holder `json:"holder,omitempty"`
	Withheld string      `json:"holder_withheld,omitempty"`
	Access   pki.Access  `json:"access"`
	Card     struct {
		ATR cardreader.ATR `json:"atr"`
	} `json:"card"`
	IO       any      `json:"io"`
	TimingMS timing   `json:"timing_ms"`
	Policy   []string `json:"policy"`
	Trust    string   `json:"trust"`
}

// show writes the files that were asked for, then the report itself.
func (v *verification) show(r *reading, judged pki.Report, anchors *trust.Store) error {
	holder, withheld := releasable(judged)
	rules := judged.Policy().Sentences()
	view := report.New(judged, report.Context{
		Rules: rules, Trust: provenance(v.trustDir, anchors), Tool: "cnie " + version,
		Holder: holder, Withheld: withheld,
	})
	if err := v.writeFiles(r, judged, view); err != nil {
		return err
	}
	if !v.asJSON {
		for _, rule := range rules {
			v.say("%s", rule)
		}
		return view.Text(v.stdout, v.colours, v.details)
	}
	a := answer{
		Verdict: view.Verdict, Specimen: judged.Specimen, Checks: judged.Checks, Holder: holder, Withheld: withheld,
		Access: r.evidence.Access, IO: r.counters, TimingMS: r.timing, Policy: rules, Trust: view.Trust,
	}
	a.Card.ATR = r.atr
	return v.printJSON(a)
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

func (v *verification) writeFiles(r *reading, judged pki.Report, view report.View) error {
	if v.evidenceFile != "" && !judged.Specimen {
		return &failure{code: exitNotPermitted, sentence: "evidence holds personal data in clear and is saved of specimen cards only; leave --save-evidence out"}
	}
	if v.reportFile != "" {
		if err := writeFile(v.reportFile, view.HTML); err != nil {
			return err
		}
		v.say("Report: %s", v.reportFile)
	}
	if v.evidenceFile != "" {
		return writeFile(v.evidenceFile, func(w io.Writer) error {
			return json.NewEncoder(w).Encode(r.evidence)
		})
	}
	return nil
}

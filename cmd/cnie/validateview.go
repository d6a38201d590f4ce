package main

import (
	"fmt"
	"strings"
	"time"

	"cnie/internal/report"
	"cnie/internal/signreport"
	"cnie/pki"
	"cnie/pki/adsig/asic"
	"cnie/pki/adsig/pades"
)

// file prepares what was found in a file for showing.
func (in *inspected) file(name string) signreport.File {
	f := signreport.File{Name: report.Printable(name), Format: in.format, Content: report.Printable(in.content)}
	for _, s := range in.signatures {
		f.Signatures = append(f.Signatures, signreport.NewSignature(s.Report, s.facts()...))
	}
	for _, stamp := range in.stamps {
		f.Stamps = append(f.Stamps, signreport.NewStamp(stamp.StampReport, placeFacts(stamp.Place)...))
	}
	return f
}

// facts are what the format adds.
func (s inspectedSignature) facts() (facts []signreport.Fact) {
	if len(s.files) > 0 {
		shown := s.files[:min(len(s.files), maxNames)]
		facts = append(facts, signreport.NewFact("Over", "%d files: %s", len(s.files), strings.Join(shown, ", ")))
	}
	if c, found := s.Find(asic.CheckUnsigned); found && c.Outcome == pki.Warned {
		facts = append(facts, signreport.NewFact("Besides", "%s", c.Reason))
	}
	if s.place == nil {
		return facts
	}
	if s.place.Stated != nil {
		facts = append(facts, signreport.NewFact("Time in the file", "%s", s.place.Stated.UTC().Format(time.RFC3339)))
	}
	for _, said := range []struct{ label, text string }{
		{"Reason given", s.place.Reason}, {"Place given", s.place.Location}, {"Name given", s.place.Name},
	} {
		if said.text != "" {
			facts = append(facts, signreport.NewFact(said.label, "%s", said.text))
		}
	}
	return append(facts, placeFacts(s.place.Place)...)
}

// maxNames bounds how many names a line tells.
const maxNames = 12

// placeFacts say how much of a PDF a signature speaks for, and what changed since.
func placeFacts(p pades.Place) []signreport.Fact {
	facts := []signreport.Fact{signreport.NewFact("Speaks for", "%s, revision %d, the first %d bytes", p.Scope, p.Revision, p.Covers)}
	for i, change := range p.Changes {
		if i == maxNames {
			facts = append(facts, signreport.NewFact("Changed since", "and %d more", len(p.Changes)-i))
			break
		}
		facts = append(facts, signreport.NewFact("Changed since", "%s: %s", fmt.Sprint(change.Kind), change.What))
	}
	return facts
}

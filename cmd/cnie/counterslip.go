package main

import (
	"bytes"
	"time"

	desks "cnie/internal/counter"
	"cnie/internal/counter/web/words"
	"cnie/internal/receipt"
	"cnie/internal/site"
)

// slips makes receipts: names of fields, never values, and where the visit is
// recorded.
func slips(place *site.Site, log string) func(desks.Transaction, string, string) ([]byte, error) {
	return func(t desks.Transaction, language, paper string) ([]byte, error) {
		made, err := receipt.New(slipFacts(place, log, t))
		if err != nil {
			return nil, err
		}
		languages := []string{"ar", "fr"}
		if language == "en" {
			languages = []string{"ar", "en"}
		}
		var out bytes.Buffer
		err = made.HTML(&out, receipt.Paper(paper), languages...)
		return out.Bytes(), err
	}
}

func slipFacts(place *site.Site, log string, t desks.Transaction) receipt.Facts {
	f := receipt.Facts{
		Controller: receipt.Party{ID: place.Desk.ID, Name: place.Controller.Name, Address: place.Controller.Address, Contact: place.Controller.Contact},
		Desk:       place.Desk.ID, DeskName: place.Desk.Name, Purpose: t.Purpose, Transaction: t.ID, Time: t.Changed, Agreed: t.Agreed,
		Proof: receipt.Proof{Log: log, Index: t.Place.Index, Leaf: t.Place.Leaf}, Specimen: !place.Production, Object: map[string]string{},
	}
	for _, l := range words.Languages {
		f.Object[l.Tag] = l.In("citizen.rights.text").Text + " " + place.Controller.Contact
	}
	if p, ok := place.Purpose(t.Purpose); ok {
		f.Title, f.Notice, f.Basis, f.Authorisation = p.Title, p.Notice, string(p.Basis), p.Authorisation
		f.Keep = t.Changed.Add(max(p.Retention, 24*time.Hour))
	}
	// What was looked at was, also where the holder took back what he had said.
	f.Fields, f.Answers = t.Looked, t.Answered
	f.Withdrawn = t.Agreed && t.State == desks.RefusedByHolder
	return f
}

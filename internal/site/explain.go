package site

import (
	"fmt"
	"slices"
	"strings"
)

// Explanation is one purpose in sentences, or under an empty ID the site.
type Explanation struct {
	ID        string   `json:"id,omitempty"`
	Title     string   `json:"title"`
	Sentences []string `json:"sentences"`
	// Hears is what the citizen hears before agreeing, GuardianHears what the
	// guardian does before that.
	Hears         string `json:"hears,omitempty"`
	GuardianHears string `json:"guardian_hears,omitempty"`
}

// Explain puts the site in sentences: who asks, why, on which basis, for which
// fields, and for how long records are kept. The sentences are in English,
// French or Arabic; around texts in Amazigh they are in Arabic, since nobody who
// speaks it has written any for this program yet.
func (s *Site) Explain(language string) []Explanation {
	w, known := phrases[language]
	if !known {
		w = phrases[spoken[0]]
	}
	standing := w.trial
	if s.Production {
		standing = w.production
	}
	all := []Explanation{{Title: s.Controller.Name.In(language), Sentences: []string{
		fmt.Sprintf(w.who, s.Controller.Name.In(language), s.Controller.Address, s.Desk.Name.In(language)),
		standing, fmt.Sprintf(w.contact, s.Controller.Contact), w.rights,
	}}}
	for _, p := range s.Purposes {
		all = append(all, p.explain(language, w))
	}
	return all
}

func (p Purpose) explain(language string, w *phrasing) Explanation {
	e := Explanation{ID: p.ID, Title: p.Title.In(language), Hears: p.Notice.In(language), GuardianHears: p.GuardianNotice.In(language)}
	say := func(format string, args ...any) { e.Sentences = append(e.Sentences, fmt.Sprintf(format, args...)) }
	say("%s", w.bases[p.Basis])
	if p.Reference != "" {
		say(w.reference, p.Reference)
	}
	if len(p.Fields) > 0 {
		say(w.fields, w.list(p.Fields))
	}
	if len(p.Release) > 0 {
		say(w.release, w.list(p.Release))
	}
	for _, question := range p.Answers {
		say("%s", strings.ReplaceAll(w.answers[question], inPlaces, strings.Join(p.Places, w.comma)))
	}
	if p.Guardian {
		say(w.guardian, w.list(p.GuardianFields))
	}
	say(w.retention, w.days(int(p.Retention/day)))
	if slices.Contains(p.Fields, Photo) || slices.Contains(p.GuardianFields, Photo) {
		say("%s", w.photo)
	}
	if len(p.Otherwise) > 0 {
		say(w.otherwise, p.Otherwise.In(language))
	}
	for _, number := range []struct{ format, value string }{
		{w.authorisation, p.Authorisation}, {w.declaration, p.Declaration}, {w.habilitation, p.Habilitation},
	} {
		if number.value != "" {
			say(number.format, number.value)
		}
	}
	if p.Ticket {
		say("%s", w.ticket)
	}
	return e
}

func (w *phrasing) list(fields []Field) string {
	words := make([]string, len(fields))
	for i, f := range fields {
		words[i] = w.names[f]
	}
	return strings.Join(words, w.comma)
}

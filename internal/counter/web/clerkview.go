package web

import (
	"strings"

	"cnie/internal/counter"
	"cnie/internal/counter/web/guard"
	"cnie/internal/counter/web/words"
	"cnie/internal/names"
	"cnie/internal/site"
	"cnie/pki"
)

// clerkPage is what the clerk's page is drawn of.
type clerkPage struct {
	page
	counter.Transaction
	Idle      bool // nothing is on the desk
	Ended     bool
	Note      string // key
	Steps     []step
	Percent   int // of reading; -1: unknown
	Purpose   words.Text
	Purposes  []choice
	Operators []site.Operator
	Operator  string
	Readers   []counter.Reader
	WantsCode bool // a CAN or MRZ is waited for
	Verdict   *verdict
	People    []person
	Checks    []check
	Slips     bool
	Outcome   string // of the transaction, once it is done: a verdict's word
	Contact   string // of the controller
	Limit     limit
}

// choice is a purpose that can be chosen by one key.
type choice struct {
	ID, Key           string
	Title             words.Text
	Ticket            bool
	Guardian          bool
	Places            []string
	Record            bool // what another register says is compared with the card
	Fields, Questions []item
}

// verdict is the judge's, with what it lacks.
type verdict struct {
	Word            string // accepted, refused or inconclusive
	Missing, Waived []string
	Failed          []check
	Mark            string // key of the words laid over the fields
}

// check is one finding of the judge.
type check struct {
	ID, Key, Outcome string
	Group            string // number of a data group in its question
	Clause, Reason   string
}

// person is what a card showed of somebody.
type person struct {
	Who         counter.Person
	Photo       string // address
	NoPhoto     string // key
	PhotoCheck  *check
	Latin, Arab string
	Compared    *comparison
	Rows        []row
	Answers     []answered
	Mark        string
	Match       counter.Match
}

type comparison struct {
	Result string
	Steps  []names.Step
}

// row is one field and the check that vouches for it.
type row struct {
	Field  string
	Values []string
	Key    string // of the value, where it has words: the sex
	Minor  bool   // a date of birth of somebody for whom the purpose has no guardian
	Check  *check
}

type answered struct {
	Question, Detail, Value string
	Reasons                 []string
}

func (s *Server) clerkView(now scene, c screen, session *guard.Session, reader string) clerkPage {
	t := now.Transaction
	v := clerkPage{
		page: s.page(c, session, "app.clerk", reader), Transaction: t, Idle: t.ID == "", Ended: t.State.Ended(), Note: now.note,
		Steps: steps(t.State), Percent: percent(t.Progress), Operators: s.options.Site.Operators, Operator: c.operator, Readers: now.readers,
		WantsCode: t.State == counter.WaitingCard || t.State == counter.WaitingPassword, Slips: s.options.Slip != nil, Outcome: string(t.Verdict),
		Contact: s.options.Site.Controller.Contact, Limit: limitOf(t, "F2", "F2"),
	}
	for i, p := range s.options.Site.Purposes {
		v.Purposes = append(v.Purposes, choiceOf(i, p, c.language))
	}
	if t.ID == "" {
		return v
	}
	p, _ := s.options.Site.Purpose(t.Purpose)
	v.Purpose = c.language.Of(p.Title)
	// While the holder is being asked the judge has not seen everything.
	if t.Report == nil || t.State != counter.Deciding && !t.State.Ended() {
		return v
	}
	v.Checks = checks(t.Report)
	v.Verdict = verdictOf(t, v.Checks)
	v.People = s.people(now, p, c)
	return v
}

func choiceOf(i int, p site.Purpose, language words.Language) choice {
	c := choice{ID: p.ID, Title: language.Of(p.Title), Ticket: p.Ticket, Guardian: p.Guardian}
	if i < 9 {
		c.Key = string(rune('1' + i))
	}
	for _, q := range p.Answers {
		switch q {
		case site.LivesIn:
			c.Places = p.Places
		case site.SamePerson:
			c.Record = true
		}
	}
	c.Fields, c.Questions = asked(p)
	return c
}

func percent(p counter.Progress) int {
	if p.Total <= 0 {
		return -1
	}
	return min(100, p.Read*100/p.Total)
}

func checks(r *counter.Report) []check {
	list := make([]check, 0, len(r.Checks))
	for _, c := range r.Checks {
		group, isGroup := strings.CutPrefix(string(c.ID), "integrity.dg")
		found := check{ID: string(c.ID), Key: "check." + string(c.ID), Outcome: c.Outcome.String(), Clause: c.Clause, Reason: c.Reason}
		if isGroup {
			found.Key, found.Group = "check.integrity.dg", group
		}
		list = append(list, found)
	}
	return list
}

func verdictOf(t counter.Transaction, all []check) *verdict {
	v := &verdict{Word: string(t.Report.Verdict)}
	for _, axis := range t.Report.Unmet {
		v.Missing = append(v.Missing, "axis."+string(axis))
	}
	for _, axis := range t.Report.Waived {
		v.Waived = append(v.Waived, "axis."+string(axis))
	}
	for _, c := range all {
		if c.Outcome == pki.Failed.String() {
			v.Failed = append(v.Failed, c)
		}
	}
	if t.Report.Specimen {
		v.Mark = "verdict.specimen"
	}
	return v
}

// people are whose data are there: the guardian first, if there was one.
func (s *Server) people(now scene, p site.Purpose, c screen) []person {
	var found []person
	if now.Guardian != nil && now.Guardian.Holder != nil {
		found = append(found, personOf(counter.Guardian, now.Guardian, p.ForGuardian(), "", now.Changed))
	}
	if now.Holder != nil {
		if now.Person == counter.Guardian {
			p = p.ForGuardian()
		}
		found = append(found, personOf(now.Person, &now.Seen, p, "photo/"+now.photo, now.Changed))
	}
	return found
}

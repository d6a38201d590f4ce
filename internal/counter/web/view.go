package web

import (
	"cnie/internal/counter"
	"cnie/internal/counter/web/guard"
	"cnie/internal/counter/web/words"
	"cnie/internal/site"
)

// page is what every page has.
type page struct {
	Language  words.Language
	Languages []words.Language
	Title     words.Text
	Base      string // path of the session, "" for pages without one
	Token     string
	Here      string // reader of the page, "": any
	Specimen  bool
	Desk      words.Text
	Name      words.Text // of the controller
	Keys      bool
}

func (s *Server) page(c screen, session *guard.Session, title, reader string) page {
	return page{
		Language: c.language, Languages: s.languages(session.Role), Title: c.language.In(title), Base: session.Base, Token: session.Token,
		Here: reader, Specimen: !s.options.Site.Production, Keys: !c.noKeys,
		Desk: c.language.Of(s.options.Site.Desk.Name), Name: c.language.Of(s.options.Site.Controller.Name),
	}
}

// languages are those that a screen offers: the site decides for citizens.
func (s *Server) languages(role guard.Role) []words.Language {
	if role == guard.Clerk || len(s.options.Site.Languages) == 0 {
		return words.Languages
	}
	var offered []words.Language
	for _, tag := range s.options.Site.Languages {
		if words.Known(tag) {
			offered = append(offered, words.Find(tag))
		}
	}
	return offered
}

// limit is when the time for a step is over.
type limit struct {
	ID   string
	At   int64  // milliseconds since 1970; 0: never
	Keys string // that ask for more
	Key  string // of these the one that is shown
}

// limitOf is nothing while the desk is at work, or nobody at all.
func limitOf(t counter.Transaction, keys, shown string) limit {
	if t.Deadline.IsZero() {
		return limit{}
	}
	return limit{t.ID, t.Deadline.UnixMilli(), keys, shown}
}

// item is something that is asked for: a field or a question.
type item struct {
	Icon, Key string
	Detail    string // of a question: the place
}

func asked(p site.Purpose) (fields, questions []item) {
	for _, f := range p.Fields {
		fields = append(fields, item{Icon: string(f), Key: "field." + string(f)})
	}
	for _, q := range p.Answers {
		questions = append(questions, item{Icon: string(q), Key: "question." + string(q)})
	}
	return fields, questions
}

// purposeOf is the purpose of a transaction, for whose card it is at.
func (s *Server) purposeOf(t counter.Transaction) site.Purpose {
	p, _ := s.options.Site.Purpose(t.Purpose)
	if t.Person == counter.Guardian {
		return p.ForGuardian()
	}
	return p
}

// step is one of the steps that a transaction takes, as people see it.
type step struct {
	Key   string // of its name
	State string // done, now or later
}

// stages tell in which of the visible steps a state is.
var stages = []struct {
	key    string
	states []counter.State
}{
	{"step.card", []counter.State{counter.WaitingCard, counter.WaitingPassword}},
	{"step.open", []counter.State{counter.Opening}},
	{"step.ask", []counter.State{counter.Asking}},
	{"step.read", []counter.State{counter.Reading}},
	{"step.judge", []counter.State{counter.Judging}},
	{"step.decide", []counter.State{counter.Deciding}},
}

func steps(state counter.State) []step {
	if state == "" || state.Ended() {
		return nil // a card that was refused had fewer of them
	}
	list, current := make([]step, len(stages)), len(stages)
	for i, stage := range stages {
		for _, s := range stage.states {
			if s == state {
				current = i
			}
		}
	}
	for i, stage := range stages {
		list[i] = step{stage.key, "later"}
		switch {
		case i < current:
			list[i].State = "done"
		case i == current:
			list[i].State = "now"
		}
	}
	return list
}

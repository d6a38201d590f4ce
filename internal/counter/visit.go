package counter

import (
	"slices"
	"time"

	"cnie/cardreader/emrtd/access"
	"cnie/internal/ledger"
	"cnie/internal/site"
	"cnie/pki"
)

// leg is the part of a transaction that one card plays.
type leg struct {
	person  Person
	purpose site.Purpose
	opened  bool        // the card was opened: whatever comes of it is an entry
	prelim  *pki.Report // of a card that was judged before anybody was asked, and found wanting
}

// run takes a transaction to its end.
func (t *transaction) run() {
	current := &leg{person: Holder, purpose: t.purpose}
	err := t.serve(current)
	t.mu.Lock()
	t.over = true
	t.mu.Unlock()
	t.forgetSecrets()
	t.conclude(current, err)
	t.end(errDone)
	t.remain()
}

// serve takes the guardian's card first where there is one.
func (t *transaction) serve(current *leg) error {
	if !t.purpose.Guardian {
		return t.examine(current)
	}
	*current = leg{person: Guardian, purpose: t.purpose.ForGuardian()}
	t.update(func(n *Transaction) { n.Person = Guardian })
	if err := t.examine(current); err != nil {
		return err
	}
	if t.snapshot().Verdict != pki.Accepted || !t.request.MinorHasCard {
		return nil
	}
	t.guardian = t.card
	t.nextCard()
	*current = leg{person: Holder, purpose: t.purpose}
	return t.examine(current)
}

// nextCard puts what was seen of the guardian aside and waits for the minor's.
func (t *transaction) nextCard() {
	t.card = none
	t.forgetSecrets()
	t.presence = presence{avoid: t.visit, next: nextMinorsCard, say: nextPassword}
	t.update(func(n *Transaction) {
		before := n.Seen
		n.Guardian, n.Seen, n.Verdict = &before, Seen{}, ""
		n.Person, n.Agreed, n.State, n.Next, n.Tries = Holder, false, WaitingCard, nextMinorsCard, 0
		t.agreed, t.seen, t.decided = make(chan struct{}), false, false
	})
}

// examine takes one card through all states.
func (t *transaction) examine(l *leg) error {
	evidence, err := t.read(l)
	if err != nil {
		return err
	}
	found, err := t.judge(l, evidence)
	forgetFiles(evidence)
	if err != nil {
		return err
	}
	return t.decide(l, found)
}

// decide makes the entry, shows the verdict, and asks the clerk about the person
// if there is anything to compare.
func (t *transaction) decide(l *leg, found Seen) error {
	place, unrecorded := t.record(l, found, nil)
	err := t.show(func(n *Transaction) {
		n.Seen = found
		n.place(place, unrecorded)
		n.State, n.Next = Deciding, nextCompare
		if found.Holder == nil {
			n.Verdict = found.Report.Verdict
			n.State, n.Next = Done, afterCard(found.Report)
			n.forgetGuardian()
			return
		}
		n.account(l, found)
	})
	if err != nil || found.Holder == nil {
		found.Photo.wipe()
		return err
	}
	t.shown = true
	began := time.Now()
	match, err := wait(t.ctx, t, t.matches)
	if err != nil {
		t.desk.signals.undecided(t.desk.o.Now())
		return err
	}
	t.shown, found.Match = false, match
	t.desk.signals.decided(t.desk.o.Now(), match != Matches, time.Since(began) < glance)
	place, unrecorded = t.record(l, found, nil)
	verdict, next := together(match)
	return t.show(func(n *Transaction) {
		n.Match, n.Verdict = match, verdict
		n.place(place, unrecorded)
		if last := l.person == Holder || verdict != pki.Accepted || !t.request.MinorHasCard; last {
			n.State, n.Next = Done, next
		}
		if verdict != pki.Accepted {
			n.forgetGuardian()
		}
	})
}

// together is the transaction's verdict on an accepted card.
func together(m Match) (pki.Verdict, string) {
	switch m {
	case Matches:
		return pki.Accepted, nextHandBack
	case NoMatch:
		return pki.Refused, nextNoMatch
	}
	return pki.Inconclusive, nextUnsure
}

func afterCard(r *Report) string {
	switch {
	case r.NotPermitted:
		return nextNotPermitted
	case r.Verdict == pki.Refused:
		return nextRefused
	}
	return nextInconclusive
}

// forgetGuardian leaves of the guardian's card its report: with the minor's card
// not accepted there is nothing that the guardian's data are needed for.
func (n *Transaction) forgetGuardian() {
	if n.Guardian == nil {
		return
	}
	n.Guardian.Photo.wipe()
	n.Guardian = &Seen{Report: n.Guardian.Report, Match: n.Guardian.Match}
}

// account names what is on the screens now.
func (n *Transaction) account(l *leg, found Seen) {
	for _, field := range l.purpose.Fields {
		if !slices.Contains(n.Looked, string(field)) {
			n.Looked = append(slices.Clip(n.Looked), string(field))
		}
	}
	for _, a := range found.Answers {
		n.Answered = append(n.Answered, a.Question.ID)
	}
}

func (n *Transaction) place(at ledger.Place, err error) {
	if err != nil {
		n.Unrecorded = true
		return
	}
	n.Place = &at
}

// forgetSecrets wipes a password that is no longer needed, or was never used.
func (t *transaction) forgetSecrets() {
	t.password.Wipe()
	t.password = access.Password{}
	select {
	case p := <-t.passwords:
		p.Wipe()
	default:
	}
}

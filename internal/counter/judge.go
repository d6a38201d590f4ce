package counter

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"cnie/internal/answer"
	"cnie/internal/site"
	"cnie/lds"
	"cnie/pki"
)

// errHopeless ends the reading of a card of which nothing would be released.
var errHopeless = errors.New("nothing of this card would be released")

// identity tells one card from another: the hash of its EF.SOD, which has a
// signature of its own for each card.
type identity [sha256.Size]byte

var none identity

// release decides, once the chip has proved itself, whether anything of the
// holder is read: first by what is known of the card, then by asking.
func (t *transaction) release(ctx context.Context, l *leg, before *pki.Evidence) ([]lds.File, error) {
	l.opened = true
	t.sameVisit()
	if err := t.sameCard(before); err != nil {
		return nil, err
	}
	report, err := t.verify(ctx, "judge-card", before)
	if err != nil {
		return nil, err
	}
	if !t.hopeful(l.purpose, report) {
		l.prelim = &report
		return nil, errHopeless
	}
	if err := t.ask(ctx); err != nil {
		return nil, err
	}
	t.enter(Reading, nextWait)
	return l.purpose.Files(), nil
}

// sameVisit forgets a yes that was said before another card took the place of the
// one that the desk was about to connect to.
func (t *transaction) sameVisit() {
	if at, _, _ := t.desk.slots.look(t.request.Reader); at.card && at.serial != t.visit {
		t.askAgain()
		t.arrived(at.serial)
	}
}

// sameCard refuses a card that took the place of the one that was there before.
func (t *transaction) sameCard(e *pki.Evidence) error {
	now := identity(sha256.Sum256(e.Files[lds.SOD]))
	switch {
	case t.card != none && t.card != now:
		return failure(failOtherCard)
	case t.guardian == now:
		return failure(failSameCard)
	case t.card == none:
		t.desk.signals.card(t.desk.o.Now(), now)
	}
	t.card = now
	return nil
}

// verify judges under the policy of this moment.
func (t *transaction) verify(ctx context.Context, step string, e *pki.Evidence) (pki.Report, error) {
	began := time.Now()
	defer func() { t.desk.o.Measure(step, time.Since(began)) }()
	judge, err := t.desk.o.Verifier(t.desk.o.Now())
	if err != nil {
		t.desk.o.Log.ErrorContext(ctx, "no verifier", "why", err.Error())
		return pki.Report{}, failure(failJudge)
	}
	return judge.Verify(ctx, e), nil
}

// hopeful reports whether the card would be accepted if its holder's data groups
// were all in order. The date of expiry is the one thing for which the judge
// needs them.
func (t *transaction) hopeful(p site.Purpose, r pki.Report) bool {
	r.Checks = slices.Clone(r.Checks)
	for i, check := range r.Checks {
		if check.ID == pki.CheckValidityDocument && check.Outcome == pki.NotChecked {
			r.Checks[i].Outcome = pki.Passed
		}
	}
	return t.accepted(p, r)
}

func (t *transaction) accepted(p site.Purpose, r pki.Report) bool {
	return r.Verdict() == pki.Accepted && len(p.Unmet(r)) == 0 && t.desk.o.Site.Permits(r) == nil
}

// ask waits for the holder's yes, which may have come already.
func (t *transaction) ask(ctx context.Context) error {
	t.mu.Lock()
	agreed := t.agreed
	t.mu.Unlock()
	select {
	case <-agreed:
		return context.Cause(ctx)
	default:
	}
	t.enter(Asking, nextAsk)
	_, err := wait(ctx, t, agreed)
	return err
}

// judge turns evidence into what is shown: the report, and of an accepted card
// what the purpose allows.
func (t *transaction) judge(l *leg, evidence *pki.Evidence) (Seen, error) {
	if l.prelim != nil {
		return Seen{Report: t.view(l.purpose, *l.prelim)}, nil
	}
	t.enter(Judging, nextWait)
	report, err := t.verify(t.ctx, "judge", evidence)
	if err != nil {
		return Seen{}, err
	}
	found := Seen{Report: t.view(l.purpose, report)}
	if !t.accepted(l.purpose, report) {
		return found, nil
	}
	whole := report.Holder()
	if whole == nil {
		return found, nil
	}
	if l.person == Guardian && answer.Answer(answer.Question{ID: answer.Over18}, whole, t.desk.o.Now()).Value != answer.Yes {
		return Seen{}, failure(failYoung)
	}
	found.Holder = l.purpose.Select(whole)
	found.Photo, found.NoPhoto = t.portrait(l.purpose, found.Holder)
	found.Holder.Photo = nil
	if l.person == Holder {
		found.Answers, found.Pseudonym = t.answer(whole), t.pseudonym(whole)
	}
	return found, nil
}

func (t *transaction) answer(h *pki.Holder) (results []answer.Result) {
	for _, question := range t.request.Questions {
		results = append(results, answer.Answer(question, h, t.desk.o.Now()))
	}
	return results
}

func (t *transaction) pseudonym(h *pki.Holder) string {
	if t.desk.o.Pseudonym == nil {
		return ""
	}
	name, err := t.desk.o.Pseudonym(t.purpose.ID, h)
	if err != nil {
		t.desk.o.Log.Warn("no pseudonym", "transaction", t.id())
	}
	return name
}

// portrait decodes the photo, if the purpose shows it.
func (t *transaction) portrait(p site.Purpose, h *pki.Holder) (*Photo, string) {
	switch {
	case !slices.Contains(p.Fields, site.Photo):
		return nil, ""
	case h.Photo == nil:
		return nil, photoNone
	}
	began := time.Now()
	picture, err := t.desk.o.Photo(t.ctx, *h.Photo)
	t.desk.o.Measure("photo", time.Since(began))
	if err != nil {
		t.desk.o.Log.Warn("photo not shown", "transaction", t.id(), "why", err.Error())
		return nil, photoUnreadable
	}
	picture.Data = bytes.Clone(picture.Data) // a JPEG may be the very bytes that were read, which are wiped
	return NewPhoto(picture), ""
}

// view is a report as people see it. A card that the judge accepts is
// inconclusive where the purpose asks for more, or where the desk is not for it.
func (t *transaction) view(p site.Purpose, r pki.Report) *Report {
	v := &Report{
		Verdict: r.Verdict(), Checks: slices.Clone(r.Checks), Axes: map[pki.Axis]pki.Outcome{},
		Unmet: p.Unmet(r), Waived: r.Waived(), At: r.At, Specimen: r.Specimen, NotPermitted: t.desk.o.Site.Permits(r) != nil,
	}
	for _, axis := range pki.Axes {
		v.Axes[axis] = r.Axis(axis)
	}
	if v.Verdict == pki.Accepted && !t.accepted(p, r) {
		v.Verdict = pki.Inconclusive
	}
	return v
}

// forgetFiles overwrites what was read of the holder.
func forgetFiles(e *pki.Evidence) {
	if e == nil {
		return
	}
	for f, content := range e.Files {
		if f != lds.SOD && f.IsDataGroup() {
			clear(content)
		}
	}
}

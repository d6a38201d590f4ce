package web

import (
	"time"

	"cnie/internal/counter"
	"cnie/internal/counter/web/guard"
	"cnie/internal/counter/web/words"
	"cnie/internal/site"
)

// citizenPage is what the citizen's screen is drawn of: never the holder's data.
type citizenPage struct {
	page
	ID, Person        string
	Moment            moment
	Purpose           site.Purpose
	PurposeTitle      words.Text
	Notice            words.Text
	Otherwise         words.Text
	Consent           bool // the basis is the holder's consent
	Basis             string
	Days              int
	Contact           string
	Fields, Questions []item
	Leaving           []item // fields that business software is given
	Voices            []voice
	Autoplay          *voice
	Limit             limit
}

// moment is what the citizen sees.
type moment string

const (
	momentIdle    moment = "idle"
	momentLay     moment = "lay"
	momentAsk     moment = "ask"
	momentReading moment = "reading"
	momentCompare moment = "comparing"
	momentDone    moment = "done"
	momentRefused moment = "refused"
	momentEnded   moment = "ended"
)

func momentOf(t counter.Transaction) moment {
	switch t.State {
	case "":
		return momentIdle
	case counter.WaitingCard:
		if t.Agreed {
			return momentReading // of a card that has to be put back
		}
		return momentLay
	case counter.WaitingPassword, counter.Opening, counter.Asking:
		if t.Agreed {
			return momentReading
		}
		return momentAsk
	case counter.Reading, counter.Judging:
		return momentReading
	case counter.Deciding:
		return momentCompare
	case counter.Done:
		return momentDone
	case counter.RefusedByHolder:
		return momentRefused
	}
	return momentEnded
}

func (s *Server) citizenView(now scene, c screen, session *guard.Session) citizenPage {
	t := now.Transaction
	p := s.purposeOf(t)
	v := citizenPage{
		page: s.page(c, session, "app.citizen", ""), ID: t.ID, Person: string(t.Person), Moment: momentOf(t), Purpose: p,
		PurposeTitle: c.language.Of(p.Title), Notice: c.language.Of(p.Notice), Otherwise: c.language.Of(p.Otherwise),
		Consent: p.Basis == site.Consent, Basis: "basis." + string(p.Basis), Days: int(p.Retention / (24 * time.Hour)),
		Contact: s.options.Site.Controller.Contact,
	}
	if !t.State.Ended() { // what has ended is kept for the clerk
		v.Limit = limitOf(t, "F2 3", "3")
	}
	v.Fields, v.Questions = asked(p)
	v.Leaving, _ = asked(site.Purpose{Fields: p.Release})
	switch v.Moment {
	case momentAsk:
		v.Voices = s.voices.notice(p)
	case momentDone, momentRefused, momentLay:
		v.Voices = s.voices.moment(string(v.Moment))
	}
	if near, ok := nearest(v.Voices, c.language); ok {
		v.Autoplay = &near
	}
	return v
}

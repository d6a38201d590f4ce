package counter

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"
)

// Signals are today's counts that may tell of a clerk who misuses the desk. They
// say nothing of who was served: whether a card was seen before is told by a hash
// under a key that is made each day and forgotten at midnight.
type Signals struct {
	Day           string `json:"day"` // 2026-01-31
	Transactions  int    `json:"transactions"`
	WithoutTicket int    `json:"without_ticket"`
	OutOfHours    int    `json:"out_of_hours"`
	MostSameCard  int    `json:"most_same_card"` // how often the card came that came most
	Repeated      int    `json:"repeated"`       // cards that came more than once
	Decided       int    `json:"decided"`        // accepted cards on whose holder the clerk decided
	Overridden    int    `json:"overridden"`     // of these, not for a match
	Hasty         int    `json:"hasty"`          // of these, within a glance
	Undecided     int    `json:"undecided"`      // data were seen and nobody decided
}

type signals struct {
	mu    sync.Mutex
	today Signals
	key   []byte
	cards map[identity]int
}

func newSignals() *signals { return &signals{} }

// businessHours are those of an administration.
func businessHours(at time.Time) bool {
	return at.Weekday() != time.Sunday && 7 <= at.Hour() && at.Hour() < 20
}

// on counts something of a day; a new day begins with another key and no cards.
func (s *signals) on(at time.Time, count func()) Signals {
	s.mu.Lock()
	defer s.mu.Unlock()
	if day := at.Format(time.DateOnly); day != s.today.Day {
		clear(s.key)
		s.today, s.key, s.cards = Signals{Day: day}, make([]byte, sha256.Size), map[identity]int{}
		_, _ = rand.Read(s.key) // never fails
	}
	count()
	return s.today
}

func (s *signals) count(at time.Time) Signals { return s.on(at, func() {}) }

func (s *signals) started(at time.Time, ticket, open bool) {
	s.on(at, func() {
		s.today.Transactions++
		if !ticket {
			s.today.WithoutTicket++
		}
		if !open {
			s.today.OutOfHours++
		}
	})
}

func (s *signals) card(at time.Time, card identity) {
	s.on(at, func() {
		mac := hmac.New(sha256.New, s.key)
		mac.Write(card[:])
		known := identity(mac.Sum(nil))
		s.cards[known]++
		if n := s.cards[known]; n == 2 {
			s.today.Repeated++
		}
		s.today.MostSameCard = max(s.today.MostSameCard, s.cards[known])
	})
}

// glance is less than it takes to compare a face with a photo.
const glance = time.Second

func (s *signals) decided(at time.Time, overridden, hasty bool) {
	s.on(at, func() {
		s.today.Decided++
		if hasty {
			s.today.Hasty++
		}
		if overridden {
			s.today.Overridden++
		}
	})
}

func (s *signals) undecided(at time.Time) { s.on(at, func() { s.today.Undecided++ }) }

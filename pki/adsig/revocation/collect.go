package revocation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"cnie/pki/adsig/path"
	"cnie/pki/cert"
)

var (
	// ErrRevoked reports that a certificate is revoked: a signature with it is
	// not worth making.
	ErrRevoked = errors.New("the certificate is revoked")
	// ErrNone reports that no recent answer was to be had.
	ErrNone = errors.New("no recent answer about the certificate")
)

// Source carries questions to responders and fetches lists.
type Source interface {
	Query(ctx context.Context, address string, request []byte) (response []byte, err error)
	Fetch(ctx context.Context, address string) (list []byte, err error)
}

// Collector gathers answers for the certificates of a path.
type Collector struct {
	Source Source // nil: nobody is asked
	// Responders and Lists are addresses that the operator names. Where there
	// are some, those in the certificates are not used: whoever signs should not
	// decide whom this machine talks to.
	Responders, Lists []string
	// Issuers is the same for certificates that are missing on a path.
	Issuers []string
	// MaxAge is how old an answer may be; 0: until it says there will be another.
	MaxAge time.Duration
	// Needed is the moment about which the answers are wanted; zero: the present.
	Needed time.Time
	// Known is material at hand already: where it answers for Needed, nobody is
	// asked. May be nil.
	Known *Set
	Now   func() time.Time // nil: time.Now
}

// Material is what Collect found: DER, to be kept with a signature.
type Material struct{ Lists, Responses [][]byte }

// Collect returns an answer for every certificate of the path but the anchor,
// who cannot be asked about, and for responders that need one. Errors wrap
// ErrRevoked or ErrNone.
func (c Collector) Collect(ctx context.Context, p path.Path) (Material, error) {
	var m Material
	for i := range len(p) - 1 {
		if err := c.collect(ctx, &m, p[i], p.Issuer(i)); err != nil {
			return m, fmt.Errorf("certificate %d of the path, %q: %w", i, p[i].Subject, err)
		}
	}
	return m, nil
}

func (c Collector) collect(ctx context.Context, m *Material, subject, issuer *cert.Certificate) error {
	if c.Known != nil {
		if _, enough := best(c.Known, subject, issuer, c.needed(), c.MaxAge); enough {
			return nil
		}
	}
	if known, ok := best(NewSet(m.Lists, m.Responses), subject, issuer, c.now(), c.MaxAge); ok {
		return c.check(known)
	}
	var causes []error
	for _, attempt := range c.attempts(subject, issuer) {
		set := NewSet(nil, nil)
		if err := attempt(ctx, set); err != nil {
			causes = append(causes, err)
			continue
		}
		a, ok := best(set, subject, issuer, c.now(), c.MaxAge)
		if !ok {
			causes = append(causes, errors.New("the answer is not about it, not signed as it should be, or too old"))
			continue
		}
		if err := c.check(a); err != nil {
			return err
		}
		return c.keep(ctx, m, a, issuer)
	}
	return fmt.Errorf("%w: %w", ErrNone, errors.Join(causes...))
}

// keep adds an answer, and one about its responder where that is needed.
func (c Collector) keep(ctx context.Context, m *Material, a Answer, issuer *cert.Certificate) error {
	if !a.OCSP {
		m.Lists = append(m.Lists, a.Raw)
		return nil
	}
	m.Responses = append(m.Responses, a.Raw)
	if a.Signer == issuer || NeedsNoCheck(a.Signer) {
		return nil
	}
	lists := c
	lists.Source = listsOnly{c.Source}
	if err := lists.collect(ctx, m, a.Signer, issuer); err != nil {
		return fmt.Errorf("responder: %w", err)
	}
	return nil
}

// listsOnly keeps a responder from being asked about itself.
type listsOnly struct{ Source }

func (listsOnly) Query(context.Context, string, []byte) ([]byte, error) {
	return nil, errors.New("a responder does not answer for itself")
}

// check refuses what was revoked when it was needed. A certificate that was
// revoked later is still worth an answer, which says just that.
func (c Collector) check(a Answer) error {
	if a.Status == Revoked && !a.RevokedAt.After(c.needed()) {
		return fmt.Errorf("%w since %s", ErrRevoked, a.RevokedAt.UTC().Format(time.DateOnly))
	}
	return nil
}

func (c Collector) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

func (c Collector) needed() time.Time {
	if c.Needed.IsZero() {
		return c.now()
	}
	return c.Needed
}

// best is the latest answer that is recent enough at a moment; that a
// certificate is revoked is recent enough always.
func best(set *Set, subject, issuer *cert.Certificate, at time.Time, maxAge time.Duration) (Answer, bool) {
	for _, a := range set.About(subject, issuer) {
		if a.Status == Revoked || a.Covers(subject) && a.Fresh(at, maxAge) {
			return a, true
		}
	}
	return Answer{}, false
}

// Fresh reports whether an answer may still be relied on at a moment (EN 319
// 102-1 §5.2.5): it is not older than maxAge then, or, where that is 0, not
// older than its source takes between answers. Without either it is not.
func (a Answer) Fresh(at time.Time, maxAge time.Duration) bool {
	if maxAge == 0 {
		if a.NextUpdate.IsZero() {
			return false
		}
		maxAge = a.NextUpdate.Sub(a.ThisUpdate)
	}
	return !a.ThisUpdate.Before(at.Add(-maxAge))
}

type attempt func(context.Context, *Set) error

// attempts lists the ways to an answer: responders first, whose answers are
// short and recent.
func (c Collector) attempts(subject, issuer *cert.Certificate) []attempt {
	var all []attempt
	if c.Source == nil {
		return nil
	}
	for _, address := range choose(c.Responders, Responders(subject)) {
		all = append(all, func(ctx context.Context, set *Set) error {
			request, err := EncodeRequest(subject, issuer)
			if err != nil {
				return err
			}
			response, err := c.Source.Query(ctx, address, request)
			if err == nil {
				set.Add(nil, [][]byte{response})
			}
			return err
		})
	}
	for _, address := range choose(c.Lists, subject.CRLDistributionPoints) {
		all = append(all, func(ctx context.Context, set *Set) error {
			list, err := c.Source.Fetch(ctx, address)
			if err == nil {
				set.Add([][]byte{list}, nil)
			}
			return err
		})
	}
	return all
}

func choose(named, own []string) []string {
	if len(named) > 0 {
		return named
	}
	return slices.Clone(own[:min(len(own), maxAddresses)])
}

package cvc

import (
	"fmt"
	"slices"
	"time"
)

// Chain puts certificates, in any order, into the one in which a chip takes them:
// from one issued under a name that the chip knows to that of the terminal.
// Among several the chip's first name comes first. Errors wrap ErrChain.
func Chain(all []*Certificate, known []string) ([]*Certificate, error) {
	for _, name := range known {
		if chain := extend(nil, all, name); chain != nil {
			return chain, nil
		}
	}
	return nil, fmt.Errorf("%w: none begins at %q", ErrChain, known)
}

// extend looks for a way from the key of that name to a terminal. A certificate
// that was issued under its own name leads nowhere.
func extend(chain, all []*Certificate, name string) []*Certificate {
	for _, c := range all {
		if c.Issuer != name || c.Holder == c.Issuer || slices.Contains(chain, c) {
			continue
		}
		longer := append(slices.Clone(chain), c)
		if c.Role() == Terminal {
			return longer
		}
		if found := extend(longer, all, c.Holder); found != nil {
			return found
		}
	}
	return nil
}

// Verify checks a chain with the key of the authority that issued its first
// certificate, at a time: signatures, dates and that each may issue the next. It
// returns the terminal's key. A chip does the same by its own idea of the date.
func Verify(chain []*Certificate, authority *Certificate, at time.Time) (PublicKey, error) {
	issuer, key := authority, authority.Key
	for _, c := range chain {
		switch {
		case c.Issuer != issuer.Holder:
			return PublicKey{}, fmt.Errorf("%w: %s was not issued by %s", ErrChain, c.Holder, issuer.Holder)
		case !mayIssue(issuer.Role(), c.Role()):
			return PublicKey{}, fmt.Errorf("%w: %s may not issue %s", ErrChain, issuer.Holder, c.Holder)
		case c.Role() != Authority && !c.covers(at):
			return PublicKey{}, fmt.Errorf("%w: %s is in force from %s to %s", ErrChain, c.Holder, day(c.From), day(c.Until))
		}
		if err := key.verify(c.Body, c.Signature); err != nil {
			return PublicKey{}, fmt.Errorf("%s: %w", c.Holder, err)
		}
		next, err := c.Key.on(key)
		if err != nil {
			return PublicKey{}, fmt.Errorf("%s: %w", c.Holder, err)
		}
		issuer, key = c, next
	}
	if len(chain) == 0 || issuer.Role() != Terminal {
		return PublicKey{}, fmt.Errorf("%w: it does not end at a terminal", ErrChain)
	}
	return key, nil
}

// mayIssue is the hierarchy of §2.2: authorities certify verifiers and, when
// their key changes, themselves; verifiers certify terminals.
func mayIssue(issuer, holder Role) bool {
	if issuer == Authority {
		return holder != Terminal
	}
	return issuer != Terminal && holder == Terminal
}

// covers reports whether a day is within the dates, the last included.
func (c *Certificate) covers(at time.Time) bool {
	return !at.Before(c.From) && at.Before(c.Until.AddDate(0, 0, 1))
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

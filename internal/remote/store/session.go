package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"cnie/internal/remote/order"
)

// Credential is a key that an agent has at hand, or had.
type Credential struct {
	ID           order.Credential
	Agent        string // its name
	Certificates []byte // the signing certificate and its issuers, DER one after another
	Hashes       bool   // the agent signs bare hashes
	Present      bool   // its session lasts
}

// Session is one run of an agent.
type Session struct {
	ID      order.ID
	Agent   string
	Expires time.Time
}

// Join opens a session for credentials. ErrTaken when one of them is served by a
// session that lasts, unless that is resume, a former session of the same agent, and
// ErrForeign when another agent has brought it before.
// It returns the requests to sign that were handed to a former session of the agent
// and have no answer.
func (s *Store) Join(ctx context.Context, session Session, resume order.ID, credentials []Credential, now time.Time) (open []order.ID, err error) {
	err = s.within(ctx, func(tx execer) error {
		if err := s.alone(ctx, tx, joinLock); err != nil {
			return err
		}
		if _, err := s.change(ctx, tx, "DELETE FROM session WHERE expires <= ? OR (id = ? AND agent = ?)", seconds(now), resume, session.Agent); err != nil {
			return err
		}
		if _, err := s.change(ctx, tx, "INSERT INTO session (id, agent, expires) VALUES (?, ?, ?)", session.ID, session.Agent, seconds(session.Expires)); err != nil {
			return err
		}
		for _, c := range credentials {
			if err := s.take(ctx, tx, session, c); err != nil {
				return err
			}
		}
		open, err = s.left(ctx, tx, session)
		return err
	})
	return open, err
}

// joinLock makes sessions begin one after another: whether a credential is free is
// seen in another table than it is taken in.
const joinLock = migrateLock + 1

// take gives a credential to a session, unless another that lasts has it, or it is
// another agent's: it stays with the one that brought it first. A certificate names a
// person, and a namesake's agent would be sent what is for somebody else.
func (s *Store) take(ctx context.Context, tx execer, session Session, c Credential) error {
	taken, err := s.change(ctx, tx, `
INSERT INTO credential (id, agent, certificates, hashes, session) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET agent = excluded.agent, certificates = excluded.certificates, hashes = excluded.hashes, session = excluded.session
WHERE credential.agent = excluded.agent AND NOT EXISTS (SELECT 1 FROM session WHERE session.id = credential.session)`,
		c.ID, session.Agent, c.Certificates, flag(c.Hashes), session.ID)
	if err != nil || taken > 0 {
		return err
	}
	var served int
	err = tx.QueryRowContext(ctx, s.placed("SELECT COUNT(*) FROM credential JOIN session ON session.id = credential.session WHERE credential.id = ?"), c.ID).Scan(&served)
	switch {
	case err != nil:
		return err
	case served > 0:
		return ErrTaken
	}
	return ErrForeign
}

// left finds what former sessions of an agent left behind. A holder can be asked for
// consent again; an order to sign goes to nobody else.
func (s *Store) left(ctx context.Context, tx execer, session Session) (open []order.ID, err error) {
	if _, err := s.change(ctx, tx, "UPDATE request SET state = 'queued', session = '' WHERE agent = ? AND state = 'handed' AND stage = 'consent' AND session <> ?", session.Agent, session.ID); err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, s.placed("SELECT id FROM request WHERE agent = ? AND state = 'handed' AND stage = 'sign' AND session <> ? ORDER BY created"), session.Agent, session.ID)
	err = each(rows, err, func(rows *sql.Rows) error {
		var id order.ID
		err := rows.Scan(&id)
		open = append(open, id)
		return err
	})
	return open, err
}

// Renew prolongs a session of an agent. ErrGone when it has ended.
func (s *Store) Renew(ctx context.Context, session Session, now time.Time) error {
	var expires int64
	err := s.read.QueryRowContext(ctx, s.placed("SELECT expires FROM session WHERE id = ? AND agent = ?"), session.ID, session.Agent).Scan(&expires)
	if errors.Is(err, sql.ErrNoRows) || (err == nil && expires <= seconds(now)) {
		return ErrGone
	}
	if err != nil || seconds(session.Expires)-expires < (expires-seconds(now))/2 {
		return err // most of the lease is left: one row less to write
	}
	n, err := s.one(ctx, "UPDATE session SET expires = ? WHERE id = ? AND agent = ? AND expires > ?", seconds(session.Expires), session.ID, session.Agent, seconds(now))
	if err == nil && n == 0 {
		return ErrGone
	}
	return err
}

// Leave ends a session.
func (s *Store) Leave(ctx context.Context, session Session) error {
	_, err := s.one(ctx, "DELETE FROM session WHERE id = ? AND agent = ?", session.ID, session.Agent)
	return err
}

const credentialColumns = `SELECT credential.id, credential.agent, credential.certificates, credential.hashes,
	CASE WHEN session.id IS NULL THEN 0 ELSE 1 END
FROM credential LEFT JOIN session ON session.id = credential.session AND session.expires > ? `

// Credential finds one. ErrUnknown when there is none.
func (s *Store) Credential(ctx context.Context, id order.Credential, now time.Time) (Credential, error) {
	all, err := s.credentials(ctx, "WHERE credential.id = ?", seconds(now), id)
	if err == nil && len(all) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return Credential{}, err
	}
	return all[0], nil
}

// Credentials lists those that there are, by name.
func (s *Store) Credentials(ctx context.Context, now time.Time) ([]Credential, error) {
	return s.credentials(ctx, "ORDER BY credential.id", seconds(now))
}

func (s *Store) credentials(ctx context.Context, which string, args ...any) (all []Credential, err error) {
	rows, err := s.read.QueryContext(ctx, s.placed(credentialColumns+which), args...)
	err = each(rows, err, func(rows *sql.Rows) error {
		var c Credential
		var hashes, present int
		err := rows.Scan(&c.ID, &c.Agent, &c.Certificates, &hashes, &present)
		c.Hashes, c.Present = hashes != 0, present != 0
		all = append(all, c)
		return err
	})
	return all, err
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

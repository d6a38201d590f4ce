package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"cnie/internal/remote/order"
)

// Document is the n-th document of an order, which was handed to an agent. An order to
// sign has those of its consent. ErrUnknown when there is none.
func (s *Store) Document(ctx context.Context, agent string, id order.ID, n int) (content []byte, err error) {
	err = s.read.QueryRowContext(ctx, s.placed(`
SELECT content FROM document JOIN request ON document.request = COALESCE(request.consent, request.id)
WHERE request.id = ? AND request.agent = ? AND request.state = 'handed' AND document.n = ?`), id, agent, n).Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrUnknown
	}
	return content, err
}

// Expire gives up on the orders whose time has passed, and names them.
func (s *Store) Expire(ctx context.Context, now time.Time) (late []order.ID, err error) {
	err = s.write(ctx, func(on execer) error {
		rows, err := on.QueryContext(ctx, s.placed("UPDATE request SET state = 'expired', decided = ? WHERE state IN ('queued', 'handed') AND expires <= ? RETURNING id"), seconds(now), seconds(now))
		return each(rows, err, func(rows *sql.Rows) error {
			var id order.ID
			err := rows.Scan(&id)
			late = append(late, id)
			return err
		})
	})
	return late, err
}

// Purge forgets: documents that nobody can ask signatures for any more, since their
// order expired before one time and no token was spent; requests that were decided
// before another time, those to sign before the consents that they rest on; slips
// that have expired.
func (s *Store) Purge(ctx context.Context, documents, requests, now time.Time) error {
	return s.within(ctx, func(tx execer) error {
		for _, step := range []struct {
			statement string
			at        time.Time
		}{
			{"DELETE FROM document WHERE request IN (SELECT id FROM request WHERE expires <= ? AND NOT EXISTS (SELECT 1 FROM request AS later WHERE later.consent = request.id))", documents},
			{"DELETE FROM request WHERE stage = 'sign' AND decided > 0 AND decided <= ?", requests},
			{"DELETE FROM request WHERE stage = 'consent' AND decided > 0 AND decided <= ? AND NOT EXISTS (SELECT 1 FROM request AS later WHERE later.consent = request.id)", requests},
			{"DELETE FROM slip WHERE expires <= ?", now},
		} {
			if _, err := s.change(ctx, tx, step.statement, seconds(step.at)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Put leaves a slip: a value that can be taken once, until it expires.
func (s *Store) Put(ctx context.Context, id string, body []byte, expires time.Time) error {
	_, err := s.one(ctx, "INSERT INTO slip (id, body, expires) VALUES (?, ?, ?)", id, body, seconds(expires))
	return err
}

// Look reads a slip and leaves it there, Take takes it away. ErrUnknown when it is
// not there, was taken, or has expired.
func (s *Store) Look(ctx context.Context, id string, now time.Time) ([]byte, error) {
	return s.slip(ctx, s.read, "SELECT body FROM slip WHERE id = ? AND expires > ?", id, now)
}

// Take reads a slip and removes it.
func (s *Store) Take(ctx context.Context, id string, now time.Time) (body []byte, err error) {
	err = s.write(ctx, func(on execer) error {
		body, err = s.slip(ctx, on, "DELETE FROM slip WHERE id = ? AND expires > ? RETURNING body", id, now)
		return err
	})
	return body, err
}

func (s *Store) slip(ctx context.Context, on execer, statement, id string, now time.Time) (body []byte, err error) {
	err = on.QueryRowContext(ctx, s.placed(statement), id, seconds(now)).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrUnknown
	}
	return body, err
}

// Original is the n-th document that an order for consent came with.
func (s *Store) Original(ctx context.Context, consent order.ID, n int) (content []byte, err error) {
	err = s.read.QueryRowContext(ctx, s.placed("SELECT content FROM document WHERE request = ? AND n = ?"), consent, n).Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrUnknown
	}
	return content, err
}

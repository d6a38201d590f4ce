package store

import (
	"context"
	"database/sql"
	"time"

	"cnie/internal/remote/order"
)

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

package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

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

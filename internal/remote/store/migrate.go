package store

import (
	"context"
	"fmt"
	"strings"
)

// migrations are applied in order, once each; none is ever changed.
var migrations = []string{
	`
CREATE TABLE session (
	id      TEXT PRIMARY KEY,
	agent   TEXT NOT NULL,
	batch   BIGINT NOT NULL DEFAULT 0,
	expires BIGINT NOT NULL
);
CREATE TABLE credential (
	id           TEXT PRIMARY KEY,
	agent        TEXT NOT NULL,
	certificates BYTES NOT NULL,
	hashes       BIGINT NOT NULL,
	session      TEXT NOT NULL
);
CREATE INDEX credential_session ON credential (session);
CREATE TABLE request (
	id         TEXT PRIMARY KEY,
	agent      TEXT NOT NULL,
	credential TEXT NOT NULL REFERENCES credential (id),
	client     TEXT NOT NULL,
	stage      TEXT NOT NULL,
	consent    TEXT UNIQUE,
	state      TEXT NOT NULL,
	session    TEXT NOT NULL DEFAULT '',
	batch      BIGINT NOT NULL DEFAULT 0,
	created    BIGINT NOT NULL,
	expires    BIGINT NOT NULL,
	decided    BIGINT NOT NULL DEFAULT 0,
	body       BYTES NOT NULL,
	answer     BYTES
);
CREATE INDEX request_open ON request (state, expires);
CREATE INDEX request_queue ON request (credential, state);
CREATE INDEX request_session ON request (session, state);
CREATE TABLE document (
	request TEXT NOT NULL REFERENCES request (id) ON DELETE CASCADE,
	n       BIGINT NOT NULL,
	content BYTES NOT NULL,
	PRIMARY KEY (request, n)
);
CREATE TABLE slip (
	id      TEXT PRIMARY KEY,
	body    BYTES NOT NULL,
	expires BIGINT NOT NULL
);`,
}

// migrateLock is the lock under which replicas take turns to migrate.
const migrateLock = 0x636e6965

// alone waits until no other replica is in a step with this number. SQLite lets one
// transaction in at a time anyway.
func (s *Store) alone(ctx context.Context, tx execer, step int64) error {
	if !s.postgres {
		return nil
	}
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", step)
	return err
}

func (s *Store) migrate(ctx context.Context) error {
	return s.within(ctx, func(tx execer) error {
		if err := s.alone(ctx, tx, migrateLock); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS migration (n BIGINT PRIMARY KEY)"); err != nil {
			return err
		}
		var done int
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM migration").Scan(&done); err != nil {
			return err
		}
		if done > len(migrations) {
			return fmt.Errorf("its tables are of version %d, and this program knows %d: a newer one has used it", done, len(migrations))
		}
		for n := done; n < len(migrations); n++ {
			if err := s.apply(ctx, tx, n); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) apply(ctx context.Context, tx execer, n int) error {
	bytes := "BLOB"
	if s.postgres {
		bytes = "BYTEA"
	}
	for statement := range strings.SplitSeq(strings.ReplaceAll(migrations[n], "BYTES", bytes), ";") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, s.placed("INSERT INTO migration (n) VALUES (?)"), n+1)
	return err
}

package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // PostgreSQL
	_ "modernc.org/sqlite"             // SQLite
)

// schema: an entry is pending until it has its index, and erased when nothing is
// sealed. Clear are the day up to which it is kept, and a keyed tag of its id.
// An erasure names what is destroyed once the entry in slot "entry" is in the log.
var schema = []string{
	`CREATE TABLE IF NOT EXISTS entry (
	slot   BIGINT PRIMARY KEY,
	idx    BIGINT UNIQUE,
	leaf   BYTES NOT NULL UNIQUE,
	tag    BYTES UNIQUE,
	keep   BIGINT NOT NULL,
	sealed BYTES
)`,
	`CREATE INDEX IF NOT EXISTS entry_keep ON entry (keep)`,
	`CREATE TABLE IF NOT EXISTS erasure (slot BIGINT PRIMARY KEY, entry BIGINT NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS ledger (name TEXT PRIMARY KEY, value TEXT NOT NULL)`,
}

// ErrDSN reports a name of a database that is not postgres://….
var ErrDSN = errors.New("a database is named as postgres://…; without one the records are in the folder")

// ErrOther reports a database with the records of another ledger.
var ErrOther = errors.New("the database holds the records of another ledger")

type store struct {
	db       *sql.DB
	postgres bool
}

func openStore(ctx context.Context, dir, dsn, origin string, write bool) (*store, error) {
	s := &store{postgres: dsn != ""}
	var err error
	switch {
	case dsn == "":
		s.db, err = sql.Open("sqlite", sqliteName(filepath.Join(dir, "records.db"), write))
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		s.db, err = sql.Open("pgx", dsn)
	default:
		err = ErrDSN
	}
	if err != nil {
		return nil, err
	}
	if !s.postgres {
		s.db.SetMaxOpenConns(4)
	}
	if err := s.prepare(ctx, origin, write); err != nil {
		return nil, errors.Join(fmt.Errorf("open the records: %w", err), s.db.Close())
	}
	return s, nil
}

// sqliteName: written through at each commit, what is deleted overwritten, nothing
// in temporary files.
func sqliteName(file string, write bool) string {
	name := (&url.URL{Scheme: "file", Opaque: url.PathEscape(file)}).String() +
		"?_pragma=busy_timeout(10000)&_pragma=temp_store(MEMORY)"
	if !write {
		return name + "&mode=rw&_pragma=query_only(1)"
	}
	return name + "&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=secure_delete(ON)&_txlock=immediate"
}

func (s *store) prepare(ctx context.Context, origin string, write bool) error {
	if write {
		bytes := "BLOB"
		if s.postgres {
			bytes = "BYTEA"
		}
		for _, statement := range schema {
			if _, err := s.db.ExecContext(ctx, strings.ReplaceAll(statement, "BYTES", bytes)); err != nil {
				return err
			}
		}
		if _, err := s.exec(ctx, s.db, `INSERT INTO ledger (name, value) VALUES ('origin', ?) ON CONFLICT (name) DO NOTHING`, origin); err != nil {
			return err
		}
	}
	var held string
	if err := s.db.QueryRowContext(ctx, `SELECT value FROM ledger WHERE name = 'origin'`).Scan(&held); err != nil {
		return err
	}
	if held != origin {
		return ErrOther
	}
	return nil
}

func (s *store) close() error { return s.db.Close() }

type execer interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}

func (s *store) exec(ctx context.Context, on execer, statement string, args ...any) (sql.Result, error) {
	return on.ExecContext(ctx, s.placed(statement), args...)
}

// placed writes the parameters of a statement as the database has them: ? or $1.
func (s *store) placed(statement string) string {
	if !s.postgres {
		return statement
	}
	var b strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(statement, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("$" + strconv.Itoa(n))
		statement = after
	}
}

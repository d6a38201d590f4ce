package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // PostgreSQL
	_ "modernc.org/sqlite"             // SQLite
)

// What a caller can do something about.
var (
	ErrTaken    = errors.New("another session serves the credential")
	ErrForeign  = errors.New("the credential is another agent's, who was here first")
	ErrGone     = errors.New("the session has ended")
	ErrUnknown  = errors.New("there is no such entry")
	ErrSpent    = errors.New("the consent was used before")
	ErrAnswered = errors.New("the request has its answer")
	ErrBusy     = errors.New("too many requests wait for one holder")
	// ErrSource reports a source that is not one of the forms that Open takes.
	ErrSource = errors.New("a database is named as sqlite:FILE or postgres://…")
)

// Store is the state. It is safe for concurrent use, and several processes may
// have the same PostgreSQL open.
type Store struct {
	db       *sql.DB
	read     *sql.DB // for what changes nothing; of PostgreSQL the same
	writer   *writer // of SQLite
	postgres bool
}

// Open opens the state, sqlite:FILE or postgres://USER@HOST/DATABASE, and brings its
// tables up to date.
func Open(ctx context.Context, source string) (*Store, error) {
	var s *Store
	var err error
	file, isFile := strings.CutPrefix(source, "sqlite:")
	switch {
	case isFile && file != "":
		s, err = openSQLite(file)
	case strings.HasPrefix(source, "postgres://"), strings.HasPrefix(source, "postgresql://"):
		s, err = openPostgres(source)
	default:
		return nil, ErrSource
	}
	if err != nil {
		return nil, err
	}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare the database: %w", err), s.Close())
	}
	return s, nil
}

// openSQLite takes one connection to write with, since a file has one writer. Whoever
// reads waits for nobody, and sees what was committed before (WAL).
func openSQLite(file string) (*Store, error) {
	name := (&url.URL{Scheme: "file", Opaque: url.PathEscape(file)}).String()
	const settings = "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)"
	db, err := sql.Open("sqlite", name+settings+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", name+settings+"&_pragma=query_only(1)")
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	read.SetMaxOpenConns(8)
	read.SetMaxIdleConns(8)
	return &Store{db: db, read: read, writer: newWriter(db)}, nil
}

func openPostgres(source string) (*Store, error) {
	db, err := sql.Open("pgx", source)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	db.SetConnMaxIdleTime(time.Minute)
	return &Store{db: db, read: db, postgres: true}, nil
}

// Close ends the use of the database.
func (s *Store) Close() error {
	if s.writer != nil {
		return errors.Join(s.read.Close(), s.writer.close())
	}
	return s.db.Close()
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.db.PingContext(ctx) }

// placed writes the parameters of a statement as the database has them: ? or $1.
func (s *Store) placed(statement string) string {
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

// each calls take for every row.
func each(rows *sql.Rows, err error, take func(*sql.Rows) error) error {
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := take(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// seconds keeps times as the number that both databases compare.
func seconds(t time.Time) int64 { return t.Unix() }

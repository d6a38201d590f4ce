package store

import (
	"context"
	"database/sql"
	"errors"
)

// execer is a database or a transaction.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// write runs one statement that changes something.
func (s *Store) write(ctx context.Context, step func(execer) error) error {
	if s.writer != nil {
		return s.writer.do(ctx, step)
	}
	return step(s.db)
}

// within runs steps that belong together, all or none.
func (s *Store) within(ctx context.Context, steps func(execer) error) error {
	if s.writer != nil {
		return s.writer.do(ctx, steps)
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := steps(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// change runs a statement and tells how many rows it changed.
func (s *Store) change(ctx context.Context, on execer, statement string, args ...any) (int64, error) {
	result, err := on.ExecContext(ctx, s.placed(statement), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// one is change for a statement that stands by itself.
func (s *Store) one(ctx context.Context, statement string, args ...any) (n int64, err error) {
	err = s.write(ctx, func(on execer) error {
		n, err = s.change(ctx, on, statement, args...)
		return err
	})
	return n, err
}

// writer writes to a file of SQLite, for everybody. Going through to the disk takes as
// long for one change as for many: so what is waiting to be written is committed
// together, and each hears of his own when it is on the disk.
type writer struct {
	db   *sql.DB
	jobs chan job
	quit chan struct{}
	done chan struct{}
}

type job struct {
	steps  func(execer) error
	result chan error
}

// most is how many jobs are committed together.
const most = 64

var errClosed = errors.New("the database was closed before")

func newWriter(db *sql.DB) *writer {
	w := &writer{db, make(chan job), make(chan struct{}), make(chan struct{})}
	go w.run()
	return w
}

func (w *writer) do(ctx context.Context, steps func(execer) error) error {
	j := job{steps, make(chan error, 1)}
	select {
	case w.jobs <- j:
		return <-j.result // it is under way and will be done
	case <-ctx.Done():
		return ctx.Err()
	case <-w.done:
		return errClosed
	}
}

func (w *writer) close() error {
	close(w.quit)
	<-w.done
	return w.db.Close()
}

func (w *writer) run() {
	defer close(w.done)
	for {
		select {
		case first := <-w.jobs:
			w.commit(w.gather(first))
		case <-w.quit:
			return
		}
	}
}

func (w *writer) gather(first job) []job {
	jobs := []job{first}
	for len(jobs) < most {
		select {
		case next := <-w.jobs:
			jobs = append(jobs, next)
		default:
			return jobs
		}
	}
	return jobs
}

// commit does each job by itself, and undoes what of it failed, then writes all
// through.
func (w *writer) commit(jobs []job) {
	tx, err := w.db.Begin()
	results := make([]error, len(jobs))
	if err == nil {
		for i, j := range jobs {
			results[i] = attempt(steadfast{tx}, j.steps)
		}
		err = tx.Commit()
	}
	for i, j := range jobs {
		if err != nil {
			results[i] = err // nothing is written, whatever had become of it
		}
		j.result <- results[i]
	}
}

// steadfast is a transaction that goes on when somebody does not wait for it any more.
// SQLite would undo all of it, and with it what others have done.
type steadfast struct{ tx *sql.Tx }

// ExecContext, QueryContext and QueryRowContext implement execer.
func (s steadfast) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return s.tx.ExecContext(context.WithoutCancel(ctx), query, args...)
}

func (s steadfast) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.tx.QueryContext(context.WithoutCancel(ctx), query, args...)
}

func (s steadfast) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return s.tx.QueryRowContext(context.WithoutCancel(ctx), query, args...)
}

func attempt(on steadfast, steps func(execer) error) error {
	tx := on.tx
	if _, err := tx.Exec("SAVEPOINT job"); err != nil {
		return err
	}
	err := steps(on)
	if err != nil {
		_, undone := tx.Exec("ROLLBACK TO job")
		err = errors.Join(err, undone)
	}
	_, released := tx.Exec("RELEASE job")
	return errors.Join(err, released)
}

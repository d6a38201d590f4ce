package ledger

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
)

// row is an entry as the database has it.
type row struct {
	slot   int64
	index  sql.NullInt64 // not valid: pending
	leaf   []byte
	tag    []byte
	keep   int64  // last day, in days since 1970; 0: for ever
	sealed []byte // nil: erased
	erases []int64
}

// placement is a pending row's index.
type placement struct {
	slot  int64
	index uint64
}

const perStatement = 100 // rows in one statement

// commit is one durable step: new rows that are pending, what they will erase, and
// the places of earlier ones.
func (s *store) commit(ctx context.Context, rows []row, places []placement) error {
	if len(rows) == 0 && len(places) == 0 {
		return nil
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := s.steps(ctx, tx, rows, places); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func (s *store) steps(ctx context.Context, tx *sql.Tx, rows []row, places []placement) error {
	for part := range slices.Chunk(places, perStatement) {
		var args []any
		for _, p := range part {
			args = append(args, p.slot, int64(p.index))
		}
		values := strings.Repeat(", (CAST(? AS BIGINT), CAST(? AS BIGINT))", len(part))[2:]
		if _, err := s.exec(ctx, tx, `UPDATE entry SET idx = v.column2 FROM (VALUES `+values+`) AS v WHERE entry.slot = v.column1`, args...); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(rows, perStatement) {
		var args []any
		for _, r := range part {
			args = append(args, r.slot, r.leaf, r.tag, r.keep, r.sealed)
		}
		values := strings.Repeat(", (?, ?, ?, ?, ?)", len(part))[2:]
		if _, err := s.exec(ctx, tx, `INSERT INTO entry (slot, leaf, tag, keep, sealed) VALUES `+values, args...); err != nil {
			return err
		}
	}
	for _, r := range rows {
		for _, slot := range r.erases {
			if _, err := s.exec(ctx, tx, `INSERT INTO erasure (slot, entry) VALUES (?, ?)`, slot, r.slot); err != nil {
				return err
			}
		}
	}
	return nil
}

// blank forgets rows whose keys are destroyed.
func (s *store) blank(ctx context.Context, which []int64) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, slot := range which {
		_, err = s.exec(ctx, tx, `UPDATE entry SET sealed = NULL, tag = NULL, keep = 0 WHERE slot = ?`, slot)
		if err == nil {
			_, err = s.exec(ctx, tx, `DELETE FROM erasure WHERE slot = ?`, slot)
		}
		if err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	if err := tx.Commit(); err != nil || s.postgres {
		return err
	}
	_, err = s.db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return err
}

const columns = `SELECT slot, idx, leaf, tag, keep, sealed FROM entry `

// each calls take for the rows that the rest of the statement names.
func (s *store) each(ctx context.Context, rest string, args []any, take func(row) error) error {
	rows, err := s.db.QueryContext(ctx, s.placed(columns+rest), args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		var r row
		err := rows.Scan(&r.slot, &r.index, &r.leaf, &r.tag, &r.keep, &r.sealed)
		if err == nil {
			err = take(r)
		}
		if err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

func (s *store) list(ctx context.Context, rest string, args ...any) (found []row, err error) {
	err = s.each(ctx, rest, args, func(r row) error {
		found = append(found, r)
		return nil
	})
	return found, err
}

// number is a single one; valid if there is any.
func (s *store) number(ctx context.Context, statement string) (n sql.NullInt64, err error) {
	err = s.db.QueryRowContext(ctx, statement).Scan(&n)
	return n, err
}

// due are the slots that erasures which are in the log have yet to destroy.
func (s *store) due(ctx context.Context) (which []int64, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT erasure.slot FROM erasure JOIN entry ON entry.slot = erasure.entry WHERE entry.idx IS NOT NULL`)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var slot int64
		if err := rows.Scan(&slot); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		which = append(which, slot)
	}
	return which, errors.Join(rows.Err(), rows.Close())
}

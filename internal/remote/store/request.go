package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cnie/internal/remote/order"
)

// Request is an order on its way, and what came of it.
type Request struct {
	Order   *order.Order
	Agent   string        // to whom it goes
	Answer  *order.Answer // nil: none yet
	Decided time.Time     // when the answer came; zero without one
}

// maxWaiting is how many orders for consent may wait for one holder: a program, or a
// browser, cannot bury him.
const maxWaiting = 200

// Ask queues an order for consent, with the documents that it is about. ErrBusy when
// too many wait for the same holder.
func (s *Store) Ask(ctx context.Context, r Request, documents [][]byte) error {
	var waiting int
	err := s.read.QueryRowContext(ctx, s.placed("SELECT COUNT(*) FROM request WHERE credential = ? AND state IN ('queued', 'handed') AND stage = 'consent'"), r.Order.Credential).Scan(&waiting)
	if err != nil {
		return err
	}
	if waiting >= maxWaiting {
		return ErrBusy
	}
	if len(documents) == 0 {
		_, err := s.queue(ctx, r)
		return err
	}
	return s.within(ctx, func(tx execer) error {
		if _, err := s.insert(ctx, tx, r); err != nil {
			return err
		}
		for n, content := range documents {
			if _, err := s.change(ctx, tx, "INSERT INTO document (request, n, content) VALUES (?, ?, ?)", r.Order.ID, n, content); err != nil {
				return err
			}
		}
		return nil
	})
}

// Spend queues an order to sign, which uses up the consent that it rests on. ErrSpent
// when there is one with that consent already; its name is returned.
func (s *Store) Spend(ctx context.Context, r Request) (order.ID, error) {
	queued, err := s.queue(ctx, r)
	if err != nil || queued {
		return r.Order.ID, err
	}
	var first order.ID
	if err := s.read.QueryRowContext(ctx, s.placed("SELECT id FROM request WHERE consent = ?"), r.Order.Consent).Scan(&first); err != nil {
		return "", fmt.Errorf("find who spent a consent: %w", err)
	}
	return first, ErrSpent
}

func (s *Store) queue(ctx context.Context, r Request) (queued bool, err error) {
	err = s.write(ctx, func(on execer) error {
		queued, err = s.insert(ctx, on, r)
		return err
	})
	return queued, err
}

func (s *Store) insert(ctx context.Context, on execer, r Request) (bool, error) {
	body, err := r.Order.Encode()
	if err != nil {
		return false, err
	}
	consent := sql.NullString{String: string(r.Order.Consent), Valid: r.Order.Consent != ""}
	n, err := s.change(ctx, on, `
INSERT INTO request (id, agent, credential, client, stage, consent, state, created, expires, body) VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?)
ON CONFLICT (consent) DO NOTHING`,
		r.Order.ID, r.Agent, r.Order.Credential, r.Order.Requester.ID, r.Order.Stage, consent, seconds(r.Order.Created), seconds(r.Order.Expires), body)
	return n == 1, err
}

// Hand gives a session what is queued for its credentials, as one batch, and again
// what was handed to it after the batch that it has seen. The bodies are encoded
// orders; they come with the number of the last batch.
func (s *Store) Hand(ctx context.Context, session order.ID, seen, most int, now time.Time) (bodies [][]byte, batch int, err error) {
	take := func(rows *sql.Rows) error {
		var body []byte
		var n int
		err := rows.Scan(&body, &n)
		bodies, batch = append(bodies, body), max(batch, n)
		return err
	}
	rows, err := s.read.QueryContext(ctx, s.placed("SELECT body, batch FROM request WHERE session = ? AND state = 'handed' AND batch > ? ORDER BY batch, created LIMIT ?"), session, seen, most)
	if err := each(rows, err, take); err != nil || len(bodies) > 0 {
		return bodies, batch, err
	}
	batch = seen
	err = s.write(ctx, func(on execer) error {
		rows, err := on.QueryContext(ctx, s.placed(`
UPDATE request SET state = 'handed', session = ?, batch = ?
WHERE state = 'queued' AND expires > ? AND id IN (
	SELECT request.id FROM request JOIN credential ON credential.id = request.credential
	WHERE credential.session = ? AND request.agent = credential.agent AND request.state = 'queued' ORDER BY request.created LIMIT ?)
RETURNING body, batch`), session, seen+1, seconds(now), session, most)
		return each(rows, err, take)
	})
	return bodies, batch, err
}

// Withdraw gives up on an order that has no answer: nobody would hear it.
func (s *Store) Withdraw(ctx context.Context, id order.ID, now time.Time) error {
	_, err := s.one(ctx, "UPDATE request SET state = 'expired', decided = ? WHERE id = ? AND state IN ('queued', 'handed')", seconds(now), id)
	return err
}

// Answer keeps an agent's answer to an order that was handed to it. ErrUnknown when
// none was, ErrAnswered when it has another answer or has expired.
func (s *Store) Answer(ctx context.Context, agent string, a *order.Answer, now time.Time) error {
	text, err := a.Encode()
	if err != nil {
		return err
	}
	n, err := s.one(ctx, "UPDATE request SET state = 'answered', answer = ?, decided = ? WHERE id = ? AND agent = ? AND state = 'handed'", text, seconds(now), a.Order, agent)
	if err != nil || n == 1 {
		return err
	}
	var state string
	var first []byte
	err = s.read.QueryRowContext(ctx, s.placed("SELECT state, answer FROM request WHERE id = ? AND agent = ?"), a.Order, agent).Scan(&state, &first)
	switch {
	case errors.Is(err, sql.ErrNoRows) || (err == nil && state == "queued"):
		return ErrUnknown
	case err != nil:
		return err
	case bytes.Equal(first, text):
		return nil // the agent did not hear that it arrived
	}
	return ErrAnswered
}

// Request finds one. ErrUnknown when there is none.
func (s *Store) Request(ctx context.Context, id order.ID) (Request, error) {
	var r Request
	var state string
	var body, answer []byte
	var decided int64
	err := s.read.QueryRowContext(ctx, s.placed("SELECT agent, state, body, answer, decided FROM request WHERE id = ?"), id).Scan(&r.Agent, &state, &body, &answer, &decided)
	if errors.Is(err, sql.ErrNoRows) {
		return r, ErrUnknown
	}
	if err != nil {
		return r, err
	}
	if r.Order, err = order.Parse(body); err != nil {
		return r, err
	}
	switch state {
	case "expired":
		late := order.Refuse(id, order.Expired)
		r.Answer = &late
	case "answered":
		r.Answer, err = order.ParseAnswer(answer)
	}
	if decided != 0 {
		r.Decided = time.Unix(decided, 0).UTC()
	}
	return r, err
}

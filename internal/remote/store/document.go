package store

import (
	"context"
	"database/sql"
	"errors"

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

// Original is the n-th document that an order for consent came with.
func (s *Store) Original(ctx context.Context, consent order.ID, n int) (content []byte, err error) {
	err = s.read.QueryRowContext(ctx, s.placed("SELECT content FROM document WHERE request = ? AND n = ?"), consent, n).Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrUnknown
	}
	return content, err
}

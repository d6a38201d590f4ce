package server

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"cnie/internal/remote/courier"
	"cnie/internal/remote/gate"
	"cnie/internal/remote/order"
	"cnie/internal/remote/store"
)

// orders lets an agent wait for something to do.
func (s *Server) orders(w http.ResponseWriter, v *visit) error {
	wait, err1 := strconv.Atoi(v.FormValue("wait"))
	seen, err2 := strconv.Atoi(v.FormValue("seen"))
	if err1 != nil || err2 != nil || wait < 0 || seen < 0 || seen > 1<<40 {
		return &problem{gate.Malformed, "wait and seen are numbers"}
	}
	if err := s.store.Renew(v.Context(), v.session, s.now()); err != nil {
		return err
	}
	end := s.now().Add(min(time.Duration(wait)*time.Second, gate.MaxWait, s.config.lease()/2))
	all, err := s.waitOrders(v, seen, end)
	if err != nil {
		return err
	}
	s.write(w, ok(all))
	return nil
}

// waitOrders looks for orders, then waits to be called, and looks again.
func (s *Server) waitOrders(v *visit, seen int, end time.Time) (gate.Orders, error) {
	ctx, cancel := context.WithDeadline(v.Context(), end.Add(time.Second))
	defer cancel()
	go func() {
		select {
		case <-s.stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	all := gate.Orders{Version: order.Version, Batch: seen, Orders: []json.RawMessage{}}
	var queue *courier.Queue
	done := func() {}
	for {
		bodies, batch, err := s.store.Hand(v.Context(), v.session.ID, seen, gate.MaxBatch, s.now())
		if err != nil {
			return all, err
		}
		done()
		left := end.Sub(s.now())
		if len(bodies) > 0 || left <= 0 || ctx.Err() != nil {
			for _, body := range bodies {
				all.Orders = append(all.Orders, body)
			}
			all.Batch = batch
			return all, nil
		}
		if queue == nil {
			if queue, err = s.courier.Queue(ctx, v.session.Agent); err != nil {
				s.pause(ctx, err)
				queue = nil
				continue
			}
		}
		if done, err = queue.Wait(ctx, gate.MaxBatch, min(left, 10*doubt)); err != nil {
			s.pause(ctx, err)
			done, queue = func() {}, nil
		}
	}
}

// pause goes on without the broker for a while: the database knows what there is.
func (s *Server) pause(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	s.log.Warn("wait for a call", "error", err)
	select {
	case <-time.After(doubt):
	case <-ctx.Done():
	}
}

// waits tells an agent whether anybody still waits for the answer to an order.
func (s *Server) waits(w http.ResponseWriter, v *visit) error {
	r, err := s.store.Request(v.Context(), order.ID(v.PathValue("order")))
	switch {
	case err != nil:
		return err
	case r.Agent != v.session.Agent:
		return store.ErrUnknown
	case r.Answer != nil:
		return store.ErrAnswered
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) document(w http.ResponseWriter, v *visit) error {
	n, err := strconv.Atoi(v.PathValue("n"))
	if err != nil || n < 0 || n >= order.MaxDocuments {
		return store.ErrUnknown
	}
	content, err := s.store.Document(v.Context(), v.session.Agent, order.ID(v.PathValue("order")), n)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(content) // an agent that goes away asks again
	return nil
}

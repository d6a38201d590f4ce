package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Of a stream: how often it shows that it is alive, and how long a reader who
// does not read is waited for.
const (
	beat = 15 * time.Second
	slow = 10 * time.Second
)

// events streams how a transaction stands until it has ended, then closes. It
// begins with how it stands, so that who comes back has missed nothing.
func (s *Server) events(w http.ResponseWriter, r *http.Request, c *caller) error {
	v, err := s.find(r, c)
	if err != nil {
		return err
	}
	select {
	case c.streams <- struct{}{}:
		defer func() { <-c.streams }()
	default:
		return wrong(http.StatusTooManyRequests, "too-many", "too many streams; close one")
	}
	out := http.NewResponseController(w)
	_ = out.SetReadDeadline(time.Time{}) // nothing is read any more
	w.Header().Set("Content-Type", "text/event-stream")
	alive := time.NewTicker(beat)
	defer alive.Stop()
	for {
		now, changed := v.look()
		if !event(w, out, now) || now.State.Ended() {
			return nil
		}
		for waiting := true; waiting; {
			select {
			case <-changed:
				waiting = false
			case <-alive.C:
				if !write(w, out, ": still here\n\n") {
					return nil
				}
			case <-r.Context().Done():
				return nil
			case <-s.ctx.Done():
				return nil
			}
		}
	}
}

func event(w http.ResponseWriter, out *http.ResponseController, now Status) bool {
	body, err := json.Marshal(now)
	return err == nil && write(w, out, fmt.Sprintf("id: %d\nevent: status\ndata: %s\n\n", now.Serial, body))
}

func write(w http.ResponseWriter, out *http.ResponseController, text string) bool {
	_ = out.SetWriteDeadline(time.Now().Add(slow)) // a test's recorder has none
	_, err := w.Write([]byte(text))
	return err == nil && out.Flush() == nil
}

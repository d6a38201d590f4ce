package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	"cnie/internal/counter/web/guard"
)

// drawing renders the regions of a page, by the id of the element that each is in.
type drawing func(now scene, chosen screen, session *guard.Session, reader string) map[string]string

// stream sends a page its regions whenever the station changes. A stream knows
// what it has sent and sends what differs; a new one sends everything, so that a
// page that was away is right again at once.
func (s *Server) stream(draw drawing) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		session, reader := guard.From(r.Context()), readerOf(r)
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		out := &events{w: w, c: http.NewResponseController(w), sent: map[string]string{}}
		ticker := time.NewTicker(beat)
		defer ticker.Stop()
		on := s.station(reader)
		for {
			now, changed := s.scene(on)
			if err := out.send(draw(now, s.screen(session), session, reader)); err != nil {
				return
			}
			if !s.wait(r, on, now, changed, ticker, out) {
				return
			}
		}
	}
}

// wait returns when there may be something new to draw; false: never again.
func (s *Server) wait(r *http.Request, on *station, drawn scene, changed <-chan struct{}, ticker *time.Ticker, out *events) bool {
	for {
		select {
		case <-changed:
			return true
		case <-r.Context().Done():
			return false
		case <-s.ctx.Done():
			_ = out.event("bye", "{}") // the page hides everything
			return false
		case <-ticker.C:
			if err := out.event("beat", "{}"); err != nil {
				return false
			}
			readers := s.options.Desk.Readers()
			s.adopt(on, readers)
			if !reflect.DeepEqual(readers, drawn.readers) {
				return true
			}
		}
	}
}

// scene is a station and the readers of the desk.
func (s *Server) scene(on *station) (scene, <-chan struct{}) {
	readers := s.options.Desk.Readers()
	s.adopt(on, readers)
	now, changed := on.look()
	now.readers = readers
	return now, changed
}

// events writes a stream of server-sent events.
type events struct {
	w    http.ResponseWriter
	c    *http.ResponseController
	sent map[string]string
}

// send writes the regions that are not what they were.
func (e *events) send(regions map[string]string) error {
	different := map[string]string{}
	for id, html := range regions {
		if old, ok := e.sent[id]; !ok || old != html {
			different[id], e.sent[id] = html, html
		}
	}
	if len(different) == 0 {
		return nil
	}
	content, err := json.Marshal(different) // one line: JSON escapes line ends
	if err != nil {
		return err
	}
	return e.event("view", string(content))
}

func (e *events) event(name, content string) error {
	if err := e.c.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(e.w, "event: %s\ndata: %s\n\n", name, content); err != nil {
		return err
	}
	if name == "view" {
		if err := e.scrub(); err != nil {
			return err
		}
	}
	return e.c.Flush()
}

// blank is a comment of 256 bytes, which browsers skip.
var blank = []byte(":" + strings.Repeat(" ", 254) + "\n")

// scrub writes over the buffers of net/http, 2 and 4 KiB, which otherwise keep the
// end of a view for as long as the stream lasts, or of another connection's. A
// longer piece would go past them.
func (e *events) scrub() error {
	for range 40 {
		if _, err := e.w.Write(blank); err != nil {
			return err
		}
	}
	return nil
}

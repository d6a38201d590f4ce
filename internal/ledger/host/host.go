package host

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"cnie/internal/ledger"
)

// Host serves a ledger to desks.
type Host struct {
	ledger *ledger.Ledger
	files  *os.Root
	log    *slog.Logger

	mu  sync.Mutex
	way map[string]int // entries on their way, by desk
}

// New makes a host of a ledger that is open, and of its folder.
func New(l *ledger.Ledger, dir string, log *slog.Logger) (*Host, error) {
	files, err := os.OpenRoot(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	return &Host{ledger: l, files: files, log: log, way: map[string]int{}}, nil
}

// Close lets go of the folder; the ledger stays open.
func (h *Host) Close() error { return h.files.Close() }

// Handler serves desks, who have shown a certificate, and readers of the log.
func (h *Host) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+EntriesPath, h.desk(h.add))
	mux.HandleFunc("GET "+StatusPath, h.desk(h.status))
	mux.HandleFunc("GET /checkpoint", h.file)
	mux.HandleFunc("GET /tile/", h.file)
	return mux
}

// problem is an error as desks are told it.
type problem struct {
	code Code
	text string
}

// Error implements error.
func (p *problem) Error() string { return string(p.code) + ": " + p.text }

// desk finds out which desk asks, and tells it what went wrong.
func (h *Host) desk(do func(w http.ResponseWriter, r *http.Request, desk string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := error(&problem{NotNamed, "the certificate is not one of a counter"})
		if r.TLS != nil && len(r.TLS.VerifiedChains) > 0 {
			if desk := DeskOf(r.TLS.VerifiedChains[0][0]); desk != "" {
				err = do(w, r, desk)
			}
		}
		if err != nil && r.Context().Err() == nil {
			h.refuse(w, err)
		}
	}
}

func (h *Host) refuse(w http.ResponseWriter, err error) {
	var p *problem
	switch {
	case errors.As(err, &p):
	case errors.Is(err, ledger.ErrRecord):
		p = &problem{Malformed, err.Error()}
	case errors.Is(err, ledger.ErrConflict):
		p = &problem{Conflict, "give the event an id of its own"}
	default:
		p = &problem{Trouble, "ask again with the same record"}
		h.log.Error("an entry was not recorded", "why", err.Error())
	}
	answer(w, statuses[p.code], Problem{p.code, p.text})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the desk has gone, or hears it
}

func (h *Host) status(w http.ResponseWriter, r *http.Request, _ string) error {
	state, err := h.ledger.Status(r.Context(), time.Now())
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, state)
	return nil
}

// tile is the form of a tile's path; nothing else of the folder is served.
var tile = regexp.MustCompile(`^/(checkpoint|tile/(entries|[0-9]{1,2})/(x[0-9]{3}/)*[0-9]{3}(\.p/[0-9]{1,3})?)$`)

func (h *Host) file(w http.ResponseWriter, r *http.Request) {
	if !tile.MatchString(r.URL.Path) {
		http.NotFound(w, r)
		return
	}
	content, err := h.files.ReadFile(r.URL.Path[1:])
	if err != nil {
		http.NotFound(w, r)
		return
	}
	kind, keep := "application/octet-stream", "max-age=31536000, immutable"
	if r.URL.Path == "/checkpoint" {
		kind, keep = "text/plain; charset=utf-8", "no-cache"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", keep)
	_, _ = w.Write(content)
}

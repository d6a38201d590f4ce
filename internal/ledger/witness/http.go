package witness

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Handler serves POST /add-checkpoint, GET /{id}/checkpoint (what was signed last; id
// is the SHA-256 of the origin in hexadecimal) and GET /{id}/history, which is ours.
func (w *Witness) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", w.serveAdd)
	mux.HandleFunc("GET /{id}/checkpoint", func(rw http.ResponseWriter, r *http.Request) {
		raw, err := w.Last(r.PathValue("id"))
		answer(rw, raw, 0, err)
	})
	mux.HandleFunc("GET /{id}/history", func(rw http.ResponseWriter, r *http.Request) {
		raw, err := w.History(r.PathValue("id"))
		answer(rw, raw, 0, err)
	})
	return mux
}

func (w *Witness) serveAdd(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxBody+1))
	if err != nil {
		answer(rw, nil, 0, ErrRequest)
		return
	}
	line, held, err := w.Add(body)
	answer(rw, line, held, err)
}

// answer has the status codes of C2SP tlog-witness.
func answer(rw http.ResponseWriter, body []byte, held uint64, err error) {
	for _, known := range []struct {
		err  error
		code int
	}{
		{ErrRequest, http.StatusBadRequest}, {ErrUnknown, http.StatusNotFound}, {ErrSignature, http.StatusForbidden},
		{ErrConflict, http.StatusConflict}, {ErrProof, http.StatusUnprocessableEntity},
	} {
		if errors.Is(err, known.err) {
			http.Error(rw, known.err.Error(), known.code)
			return
		}
	}
	switch {
	case errors.Is(err, ErrStale):
		rw.Header().Set("Content-Type", "text/x.tlog.size")
		rw.WriteHeader(http.StatusConflict)
		_, _ = fmt.Fprintf(rw, "%d\n", held)
	case err != nil:
		http.Error(rw, "the witness cannot write", http.StatusInternalServerError)
	default:
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = rw.Write(body)
	}
}

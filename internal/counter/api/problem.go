package api

import (
	"encoding/json"
	"net/http"

	"cnie/internal/counter"
)

// problem is an error as it is answered, RFC 9457. Detail is one sentence, which
// never repeats what was sent.
type problem struct {
	Type   string        `json:"type"`
	Title  string        `json:"title"`
	Status int           `json:"status"`
	Detail string        `json:"detail"`
	State  counter.State `json:"state,omitempty"` // of the transaction that is in the way
}

func (p *problem) Error() string { return p.Detail }

func wrong(status int, name, detail string) *problem {
	return &problem{Type: "urn:cnie:problem:" + name, Title: http.StatusText(status), Status: status, Detail: detail}
}

// in says which state a transaction is in that stands in the way.
func (p *problem) in(s counter.State) *problem {
	p.State = s
	return p
}

func (p *problem) write(w http.ResponseWriter) {
	switch p.Status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="cnie counter"`)
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "1")
	}
	send(w, p.Status, "application/problem+json", p)
}

// send answers in JSON. That nobody listens any more is no trouble of ours.
func send(w http.ResponseWriter, status int, kind string, what any) {
	body, err := json.Marshal(what)
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

package api

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"syscall"
	"time"

	"cnie/internal/counter"
)

// Bounds on what is told.
const (
	maxPending = 128
	atOnce     = 4
	hookWithin = 10 * time.Second
)

// Pauses are those between tries, a quarter of an hour in all.
var Pauses = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 5 * time.Minute, 8 * time.Minute}

// Hook tells one address that transactions have ended: which, and in what state.
// What came of one has to be fetched. It signs by Standard Webhooks, with a shared
// secret (v1) and with Ed25519 (v1a).
type Hook struct {
	address string
	keys    *HookKeys
	pauses  []time.Duration
	client  *http.Client
	log     *slog.Logger

	ctx   context.Context
	stop  context.CancelFunc
	work  sync.WaitGroup
	room  chan struct{} // of what is under way
	slots chan struct{} // of connections
}

// NewHook tells an address of a site file. Close ends it.
func NewHook(address string, keys *HookKeys, pauses []time.Duration, log *slog.Logger) (*Hook, error) {
	at, err := url.Parse(address)
	if err != nil || at.Scheme != "https" && at.Scheme != "http" || at.Host == "" {
		return nil, errors.New("the webhook has no address")
	}
	dialer := &net.Dialer{Timeout: hookWithin}
	if at.Scheme == "http" {
		dialer.ControlContext = onlyLoopback
	}
	h := &Hook{
		address: address, keys: keys, pauses: pauses, log: log,
		room: make(chan struct{}, maxPending), slots: make(chan struct{}, atOnce),
		client: &http.Client{
			Timeout: hookWithin,
			// No proxy: what is meant for this machine or this house stays there.
			Transport:     &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true, TLSHandshakeTimeout: hookWithin},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	h.ctx, h.stop = context.WithCancel(context.Background())
	return h, nil
}

var errAway = errors.New("plain HTTP goes to this machine only")

// onlyLoopback looks at the address that a name came to.
func onlyLoopback(_ context.Context, _, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return errAway
	}
	return nil
}

// Close gives up what has not been told yet.
func (h *Hook) Close() {
	h.stop()
	h.work.Wait()
}

// message is what is told.
type message struct {
	Type string    `json:"type"`
	Time time.Time `json:"timestamp"`
	Data struct {
		ID    string        `json:"id"`
		State counter.State `json:"state"`
	} `json:"data"`
}

// Tell tells that a transaction has ended, soon and several times if need be. It
// does not wait; false: there is too much to tell already.
func (h *Hook) Tell(id string, state counter.State, at time.Time) bool {
	m := message{Type: "transaction.ended", Time: at.UTC()}
	m.Data.ID, m.Data.State = id, state
	body, err := json.Marshal(m)
	if err != nil || h.ctx.Err() != nil {
		return false
	}
	select {
	case h.room <- struct{}{}:
	default:
		h.log.Warn("webhook not sent: too many are waiting", "transaction", id)
		return false
	}
	h.work.Go(func() {
		defer func() { <-h.room }()
		h.deliver("msg_"+rand.Text(), id, body)
	})
	return true
}

var errFinal = errors.New("no use to try again")

func (h *Hook) deliver(message, id string, body []byte) {
	for try := 0; ; try++ {
		err := h.try(message, body)
		switch {
		case err == nil || h.ctx.Err() != nil:
			return
		case errors.Is(err, errFinal) || try == len(h.pauses):
			h.log.Warn("webhook given up", "transaction", id, "why", err.Error())
			return
		}
		h.log.Info("webhook again later", "transaction", id, "why", err.Error())
		select {
		case <-time.After(h.pauses[try]):
		case <-h.ctx.Done():
			return
		}
	}
}

func (h *Hook) try(message string, body []byte) error {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-h.ctx.Done():
		return h.ctx.Err()
	}
	request, err := http.NewRequestWithContext(h.ctx, http.MethodPost, h.address, bytes.NewReader(body))
	if err != nil {
		return errors.Join(errFinal, err)
	}
	h.sign(request.Header, message, time.Now(), body)
	answered, err := h.client.Do(request)
	if err != nil {
		return reason(err)
	}
	_, _ = io.CopyN(io.Discard, answered.Body, 4<<10)
	answered.Body.Close()
	switch code := answered.StatusCode; {
	case code >= 200 && code < 300:
		return nil
	case code >= 300 && code < 400, code == http.StatusGone:
		return fmt.Errorf("answered %d: %w", code, errFinal)
	default:
		return fmt.Errorf("answered %d", code)
	}
}

// reason leaves the address out, which may have a secret in it.
func reason(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if errors.Is(err, errAway) {
		return errors.Join(errFinal, errAway)
	}
	return err
}

// sign puts the headers of Standard Webhooks.
func (h *Hook) sign(to http.Header, message string, at time.Time, body []byte) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	signed := []byte(message + "." + stamp + "." + string(body))
	mac := hmac.New(sha256.New, h.keys.secret)
	mac.Write(signed)
	to.Set("Content-Type", "application/json")
	to.Set("User-Agent", "cnie-counter")
	to.Set("Webhook-Id", message)
	to.Set("Webhook-Timestamp", stamp)
	to.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil))+
		" v1a,"+base64.StdEncoding.EncodeToString(ed25519.Sign(h.keys.private, signed)))
}

//go:build unix

package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/activation"
	"cnie/internal/remote/gate"
	"cnie/internal/remote/order"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pades"
	"cnie/pki/cert"
)

// softAgent is an agent with a key in memory, that does what its holder's hand says.
type softAgent struct {
	t       testing.TB
	holder  *holder
	http    *http.Client
	url     func() string // of a replica
	welcome *gate.Welcome
	// decide says what becomes of an order; the default agrees to everything and
	// signs what it has agreed to.
	decide func(*order.Order) order.Answer
	mu     sync.Mutex
	agreed map[order.ID]*order.Order
	signed map[order.ID]int          // by consent
	made   map[order.ID]order.Answer // the record: what was signed, by order
}

func (w *world) agent(h *holder) *softAgent {
	a := &softAgent{t: w.t, holder: h, http: w.client(h.agent), url: func() string { return w.agents.URL }}
	a.begin()
	return a
}

func (a *softAgent) begin() {
	a.agreed, a.signed, a.made = map[order.ID]*order.Order{}, map[order.ID]int{}, map[order.ID]order.Answer{}
	a.decide = a.agree
}

// call sends one request and gives what came, or the error that it stands for.
func (a *softAgent) call(ctx context.Context, verb, path string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, verb, a.url()+gate.Root+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	response, err := a.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode < 300 {
		return text, err
	}
	var p gate.Problem
	if err := json.Unmarshal(text, &p); err != nil {
		return nil, fmt.Errorf("status %d: %w", response.StatusCode, err)
	}
	return nil, p.Err()
}

func (a *softAgent) join(resume order.ID) error {
	hello := gate.Hello{Version: 1, Offers: []gate.Offer{{Certificates: [][]byte{a.holder.leaf.Raw}, Hashes: true}}, Resume: resume}
	text, err := json.Marshal(hello)
	require.NoError(a.t, err)
	answer, err := a.call(context.Background(), "POST", "", text)
	if err != nil {
		return err
	}
	a.welcome, err = gate.ParseWelcome(answer)
	return err
}

// start joins and works in the background until the test is over.
func (a *softAgent) start() *softAgent {
	a.t.Helper()
	require.NoError(a.t, a.join(""))
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.work(ctx)
	}()
	a.t.Cleanup(func() { stop(); <-done })
	return a
}

func (a *softAgent) work(ctx context.Context) {
	for seen := 0; ctx.Err() == nil; {
		orders, batch, err := a.poll(ctx, 5, seen)
		if err != nil {
			if errors.Is(err, gate.ErrGone) {
				return
			}
			time.Sleep(50 * time.Millisecond)
			continue
		}
		seen = batch
		var all sync.WaitGroup
		for _, o := range orders {
			all.Go(func() {
				answer := a.decide(o)
				for a.answer(ctx, answer) != nil && ctx.Err() == nil {
					time.Sleep(50 * time.Millisecond)
				}
			})
		}
		all.Wait()
	}
}

func (a *softAgent) poll(ctx context.Context, wait, seen int) ([]*order.Order, int, error) {
	text, err := a.call(ctx, "GET", fmt.Sprintf("/%s/orders?wait=%d&seen=%d", a.welcome.Session, wait, seen), nil)
	if err != nil {
		return nil, 0, err
	}
	return gate.ParseOrders(text)
}

func (a *softAgent) answer(ctx context.Context, answer order.Answer) error {
	text, err := answer.Encode()
	require.NoError(a.t, err)
	_, err = a.call(ctx, "POST", fmt.Sprintf("/%s/answers", a.welcome.Session), text)
	return err
}

// agree consents to what it is asked, and signs after checking like a real agent.
func (a *softAgent) agree(o *order.Order) order.Answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	if o.Stage == order.Consent {
		a.agreed[o.ID] = o
		return order.Answer{Version: 1, Order: o.ID, Outcome: order.Consented}
	}
	grant, err := activation.Open(o.Token, a.welcome.Keys, a.welcome.Issuer, a.welcome.Agent, time.Now())
	if !assert.NoError(a.t, err) || !assert.NoError(a.t, grant.Covers(o)) || a.agreed[o.Consent] == nil {
		return order.Refuse(o.ID, order.TokenForeign)
	}
	if made, found := a.made[o.ID]; found {
		return made
	}
	a.signed[o.Consent]++
	answer := order.Answer{Version: 1, Order: o.ID, Outcome: order.Signed}
	for i, d := range o.Documents {
		value, err := a.sign(o, i, d)
		if !assert.NoError(a.t, err) {
			return order.Refuse(o.ID, order.Broken)
		}
		answer.Values = append(answer.Values, value)
	}
	a.made[o.ID] = answer
	return answer
}

func (a *softAgent) sign(o *order.Order, i int, d order.Document) ([]byte, error) {
	if o.Kind == order.Hash {
		return a.holder.key.Sign(rand.Reader, d.Digest, o.Signature.Options(o.Hash))
	}
	content, err := a.call(context.Background(), "GET", fmt.Sprintf("/%s/orders/%s/documents/%d", a.welcome.Session, o.ID, i), nil)
	if err != nil {
		return nil, err
	}
	leaf, err := cert.Parse(a.holder.leaf.Raw)
	if err != nil {
		return nil, err
	}
	signer := cades.Signer{Key: a.holder.key, Chain: []*cert.Certificate{leaf}, Hash: o.Hash.Hash(), PSS: o.Signature == order.RSAPSS}
	if d.Format == order.CAdES {
		signer.At = time.Now()
		return signer.SignDigest(sum(o.Hash, content))
	}
	var whole bytes.Buffer
	p := pades.Signer{Signer: signer, Time: time.Now()}
	if err := p.Sign(context.Background(), &whole, bytes.NewReader(content), int64(len(content)), cades.BB, nil); err != nil {
		return nil, err
	}
	return whole.Bytes()[len(content):], nil
}

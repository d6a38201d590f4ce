package agent

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/esign"
	"cnie/internal/remote/activation"
	"cnie/internal/remote/gate"
	"cnie/internal/remote/order"
	"cnie/internal/secret"
)

// The holder's no is an answer; so is a PIN that is not given.
func TestHolderRefuses(t *testing.T) {
	w := newWorld(t)
	stop := w.run()
	w.holder.agree = func(context.Context, Question) (bool, error) { return false, nil }
	o := w.asks(order.Doc, order.CAdES, lease)
	w.service.give(o)
	a := w.answer(o)
	assert.Equal(t, []any{order.Refused, order.ByHolder}, []any{a.Outcome, a.Reason})
	sign := w.wants(o, nil, lease)
	w.service.give(sign)
	assert.Equal(t, order.NoConsent, w.answer(sign).Reason, "a service that asks all the same")

	w.holder.agree = nil
	w.holder.pin = func(esign.Ask) (secret.Bytes, error) { return secret.Bytes{}, ErrDeclined }
	sign = w.wants(w.agreed(w.asks(order.Doc, order.CAdES, lease)), nil, lease)
	w.service.give(sign)
	assert.Equal(t, order.ByHolder, w.answer(sign).Reason)
	require.NoError(t, stop())
	signed, pins := w.counter.counts()
	assert.Zero(t, signed+pins)
}

// A question that nobody waits for any more is over, and no refusal of the holder's. A
// service that cannot tell changes nothing.
func TestWithdrawn(t *testing.T) {
	w := newWorld(t)
	stop := w.run()
	for code, want := range map[gate.Code]order.Reason{gate.Answered: order.Expired, gate.Unknown: order.Expired, gate.Trouble: order.ByHolder} {
		w.service.mu.Lock()
		w.service.withdrawn = code
		w.service.mu.Unlock()
		w.holder.agree = func(ctx context.Context, _ Question) (bool, error) {
			select {
			case <-ctx.Done():
				return false, ctx.Err()
			case <-time.After(2 * glance):
				return false, nil
			}
		}
		o := w.asks(order.Doc, order.CAdES, lease)
		w.service.give(o)
		assert.Equal(t, want, w.answer(o).Reason, code)
	}
	require.NoError(t, stop())
}

// A mistyped PIN is asked for again, and the last try is kept.
func TestWrongPIN(t *testing.T) {
	w := newWorld(t)
	stop := w.run()
	var left []int
	w.holder.pin = func(ask esign.Ask) (secret.Bytes, error) {
		left = append(left, ask.Left)
		return secret.New([]byte("999999")), nil
	}
	o := w.wants(w.agreed(w.asks(order.Doc, order.CAdES, lease)), nil, lease)
	w.service.give(o)
	a := w.answer(o)
	assert.Equal(t, []any{order.Failed, order.PINFailed}, []any{a.Outcome, a.Reason})
	assert.Equal(t, []int{3, 2}, left, "the last one is not asked for")
	w.holder.pin = nil
	require.NoError(t, stop())
	assert.Equal(t, 1, w.app.Contents().PIN.Left)
}

// The card of somebody else is told from none.
func TestOtherCard(t *testing.T) {
	w := newWorld(t)
	stop := w.run()
	asked := w.agreed(w.asks(order.Doc, order.CAdES, lease))
	w.put("SPECIMEN BADR")
	o := w.wants(asked, nil, lease)
	w.service.give(o)
	assert.Equal(t, order.OtherCard, w.answer(o).Reason)

	require.NoError(t, w.system.Remove(reader))
	o = w.wants(w.agreed(w.asks(order.Doc, order.CAdES, lease)), func(o *order.Order, _ *activation.Grant) {
		o.Created = time.Now().UTC().Truncate(time.Second)
		o.Expires = o.Created.Add(2 * time.Second)
	}, lease)
	w.service.give(o)
	assert.Equal(t, order.NoCard, w.answer(o).Reason)
	assert.Equal(t, 1, w.holder.told(WantsCard))

	o = w.wants(w.agreed(w.asks(order.Doc, order.CAdES, lease)), nil, lease)
	w.service.give(o)
	require.Eventually(t, func() bool { return w.holder.told(WantsCard) == 2 }, 10*time.Second, 10*time.Millisecond)
	w.put("SPECIMEN AMINA")
	assert.Equal(t, order.Signed, w.answer(o).Outcome, "it was waited for")
	require.NoError(t, stop())
	signed, _ := w.counter.counts()
	assert.Equal(t, 1, signed)
}

// Bare hashes are signed where the agent was told so, and the holder is warned.
func TestHashes(t *testing.T) {
	w := newWorld(t)
	stop := w.run()
	o := w.asks(order.Hash, "", lease)
	w.service.give(o)
	assert.Equal(t, order.HashForbidden, w.answer(o).Reason)
	assert.Empty(t, w.holder.asked)
	require.NoError(t, stop())

	w.hashes = true
	stop = w.run()
	asked := w.agreed(w.asks(order.Hash, "", lease, []byte("another")))
	assert.True(t, w.holder.asked[0].Unseen())
	o = w.wants(asked, nil)
	w.service.give(o)
	a := w.answer(o)
	require.Equal(t, order.Signed, a.Outcome, a.Reason)
	identity, err := LoadIdentity(w.folder)
	require.NoError(t, err)
	for i, d := range o.Documents {
		assert.True(t, o.Signature.Verify(identity.Holder[0].PublicKey, o.Hash, d.Digest, a.Values[i]))
	}
	require.NoError(t, stop())
	signed, pins := w.counter.counts()
	assert.Equal(t, []int{2, 2}, []int{signed, pins}, "VERIFY before each signature")
}

// What the order's time does not suffice for is said to be too late.
func TestExpired(t *testing.T) {
	w := newWorld(t)
	stop := w.run()
	w.holder.agree = func(ctx context.Context, _ Question) (bool, error) { <-ctx.Done(); return false, ctx.Err() }
	o := w.asks(order.Doc, order.CAdES, lease)
	o.Expires = o.Created.Add(2 * time.Second)
	w.service.give(o)
	a := w.answer(o)
	assert.Equal(t, []any{order.Failed, order.Expired}, []any{a.Outcome, a.Reason})
	require.NoError(t, stop())
}

// Access to certificates is a question too, and nothing is signed.
func TestAccess(t *testing.T) {
	w := newWorld(t)
	stop := w.run()
	o := w.asks(order.Access, "")
	o.Hash, o.Signature = "", ""
	w.agreed(o)
	require.NoError(t, stop())
	assert.Empty(t, w.holder.asked[0].Files)
}

// A session that ends is followed by another, which takes its place.
func TestReconnects(t *testing.T) {
	w := newWorld(t)
	stop := w.run()
	asked := w.agreed(w.asks(order.Doc, order.CAdES, lease))
	first := w.service.current()
	w.service.mu.Lock()
	w.service.gone = true
	w.service.mu.Unlock()
	require.Eventually(t, func() bool { return w.holder.told(Connected) == 2 }, 10*time.Second, 10*time.Millisecond)
	o := w.wants(asked, nil, lease)
	w.service.give(o)
	assert.Equal(t, order.Signed, w.answer(o).Outcome)
	require.NoError(t, stop())
	assert.Equal(t, []order.ID{"", first}, w.service.resumed)
}

// A service with other keys than before is another service.
func TestOtherKeys(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.run()())
	stop := w.run()
	require.Eventually(t, func() bool { return w.holder.told(Connected) >= 1 }, 10*time.Second, 10*time.Millisecond)
	require.NoError(t, stop())
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	w.signer, err = activation.NewSigner(key)
	require.NoError(t, err)
	assert.ErrorIs(t, w.crash(), ErrPin)
}

// An agent that was told the service's key takes no other, not even at the first
// meeting.
func TestServiceKey(t *testing.T) {
	w := newWorld(t)
	p := &pinned{Keys: w.signer.Keys()}
	w.key = strings.ToUpper(p.names()[0])
	stop := w.run()
	require.Eventually(t, func() bool { return w.holder.told(Connected) >= 1 }, 10*time.Second, 10*time.Millisecond)
	require.NoError(t, stop())

	w = newWorld(t)
	w.key = p.names()[0]
	assert.ErrorIs(t, w.crash(), ErrServiceKey)
	assert.NoFileExists(t, filepath.Join(w.folder, serviceFile))
}

// Two agents do not share a folder.
func TestTwoAgents(t *testing.T) {
	w := newWorld(t)
	a := w.open()
	_, err := Open(Options{Folder: w.folder})
	assert.ErrorIs(t, err, ErrRunning)
	require.NoError(t, a.Close())
	_, err = Open(Options{Folder: t.TempDir()})
	assert.ErrorIs(t, err, ErrNotEnrolled)
	assert.False(t, errors.Is(err, ErrRunning))
}

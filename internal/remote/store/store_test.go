//go:build unix

package store_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/order"
	"cnie/internal/remote/store"
	"cnie/internal/remote/store/storetest"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

const (
	agent      = "urn:cnie:agent:1"
	credential = order.Credential("aaaaaaaaaaaaaaaaaaaaaaaa")
)

// tests run on each database, with two replicas of the state: on SQLite they are one.
var tests = map[string]func(t *testing.T, a, b *store.Store){
	"one session per credential": oneSessionPerCredential,
	"many join at once":          manyJoinAtOnce,
	"one way":                    oneWay,
	"spent once":                 spentOnce,
	"all are handed":             allAreHanded,
	"what a former session left": whatAFormerSessionLeft,
	"expire and purge":           expireAndPurge,
	"withdrawn":                  withdrawn,
	"purge keeps what was spent": purgeKeepsWhatWasSpent,
	"a holder is not buried":     aHolderIsNotBuried,
	"slips":                      slips,
}

func TestSQLite(t *testing.T) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := open(t, "sqlite:"+filepath.Join(t.TempDir(), "a file?with %41.db"))
			test(t, s, s)
		})
	}
}

func TestPostgres(t *testing.T) {
	cluster := storetest.Start(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			source := cluster.Database(name)
			test(t, open(t, source), open(t, source))
		})
	}
}

func open(t *testing.T, source string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), source)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func join(t *testing.T, s *store.Store, name string, now time.Time) store.Session {
	t.Helper()
	session := store.Session{ID: order.NewID(), Agent: name, Expires: now.Add(time.Minute)}
	_, err := s.Join(t.Context(), session, "", []store.Credential{{ID: credential, Certificates: []byte("DER"), Hashes: true}}, now)
	require.NoError(t, err)
	return session
}

func consent() *order.Order {
	digest := sha256.Sum256([]byte("x"))
	return &order.Order{
		Version: order.Version, ID: order.NewID(), Stage: order.Consent, Kind: order.Hash, Credential: credential, Requester: order.Requester{ID: "p", Name: "P"},
		Hash: order.SHA256, Signature: order.ECDSA, Documents: []order.Document{{Digest: digest[:]}}, Created: noon, Expires: noon.Add(time.Minute),
	}
}

func signing(of *order.Order) *order.Order {
	o := *of
	o.ID, o.Stage, o.Consent, o.Token = order.NewID(), order.Sign, of.ID, "token"
	return &o
}

func signed(id order.ID, value string) *order.Answer {
	return &order.Answer{Version: order.Version, Order: id, Outcome: order.Signed, Values: [][]byte{[]byte(value)}}
}

func oneSessionPerCredential(t *testing.T, a, b *store.Store) {
	first := join(t, a, agent, noon)
	second := store.Session{ID: order.NewID(), Agent: agent, Expires: noon.Add(time.Minute)}
	offers := []store.Credential{{ID: credential, Certificates: []byte("DER")}}
	_, err := b.Join(t.Context(), second, "", offers, noon)
	require.ErrorIs(t, err, store.ErrTaken, "not even for the same agent")
	stranger := store.Session{ID: order.NewID(), Agent: "urn:cnie:agent:2", Expires: noon.Add(time.Minute)}
	_, err = b.Join(t.Context(), stranger, first.ID, offers, noon)
	require.ErrorIs(t, err, store.ErrTaken, "nor for one that names a foreign session")
	require.NoError(t, a.Renew(t.Context(), first, noon), "the first is undisturbed")

	_, err = b.Join(t.Context(), second, first.ID, offers, noon)
	require.NoError(t, err, "but for the same agent with its former session")
	require.ErrorIs(t, a.Renew(t.Context(), first, noon), store.ErrGone)

	late := noon.Add(2 * time.Minute)
	require.ErrorIs(t, b.Renew(t.Context(), second, late), store.ErrGone)
	stranger.Expires = late.Add(time.Minute)
	_, err = a.Join(t.Context(), stranger, "", offers, late)
	require.ErrorIs(t, err, store.ErrForeign, "the credential stays its agent's when nobody serves it")
	join(t, b, agent, late)
}

func manyJoinAtOnce(t *testing.T, a, b *store.Store) {
	var joined atomic.Int32
	var all sync.WaitGroup
	for i := range 12 {
		s := []*store.Store{a, b}[i%2]
		all.Go(func() {
			session := store.Session{ID: order.NewID(), Agent: agent, Expires: noon.Add(time.Minute)}
			_, err := s.Join(context.Background(), session, "", []store.Credential{{ID: credential, Certificates: []byte("DER")}}, noon)
			if err == nil {
				joined.Add(1)
			} else {
				assert.ErrorIs(t, err, store.ErrTaken)
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 1, joined.Load())
}

func oneWay(t *testing.T, a, b *store.Store) {
	session := join(t, a, agent, noon)
	o := consent()
	require.NoError(t, a.Ask(t.Context(), store.Request{Order: o, Agent: agent}, [][]byte{[]byte("document")}))

	_, err := b.Document(t.Context(), agent, o.ID, 0)
	require.ErrorIs(t, err, store.ErrUnknown, "before it was handed out")
	yes := &order.Answer{Version: order.Version, Order: o.ID, Outcome: order.Consented}
	require.ErrorIs(t, b.Answer(t.Context(), agent, yes, noon), store.ErrUnknown)

	bodies, batch, err := b.Hand(t.Context(), session.ID, 0, 10, noon)
	require.NoError(t, err)
	require.Len(t, bodies, 1)
	got, err := order.Parse(bodies[0])
	require.NoError(t, err)
	assert.Equal(t, o, got)
	again, _, err := a.Hand(t.Context(), session.ID, 0, 10, noon)
	require.NoError(t, err)
	assert.Equal(t, bodies, again, "to a session that has not seen it")
	none, same, err := a.Hand(t.Context(), session.ID, batch, 10, noon)
	require.NoError(t, err)
	assert.Empty(t, none)
	assert.Equal(t, batch, same)

	content, err := b.Document(t.Context(), agent, o.ID, 0)
	require.NoError(t, err)
	assert.Equal(t, "document", string(content))
	_, err = b.Document(t.Context(), "urn:cnie:agent:2", o.ID, 0)
	require.ErrorIs(t, err, store.ErrUnknown, "of somebody else's order")

	require.ErrorIs(t, b.Answer(t.Context(), "urn:cnie:agent:2", yes, noon), store.ErrUnknown)
	require.NoError(t, b.Answer(t.Context(), agent, yes, noon))
	require.NoError(t, a.Answer(t.Context(), agent, yes, noon), "the same once more")
	no := order.Refuse(o.ID, order.ByHolder)
	require.ErrorIs(t, a.Answer(t.Context(), agent, &no, noon), store.ErrAnswered)
	r, err := a.Request(t.Context(), o.ID)
	require.NoError(t, err)
	assert.Equal(t, store.Request{Order: o, Agent: agent, Answer: yes, Decided: noon}, r)
}

func spentOnce(t *testing.T, a, b *store.Store) {
	join(t, a, agent, noon)
	o := consent()
	require.NoError(t, a.Ask(t.Context(), store.Request{Order: o, Agent: agent}, nil))
	var mu sync.Mutex
	firsts := map[order.ID]int{}
	spent := 0
	var all sync.WaitGroup
	for i := range 20 {
		s := []*store.Store{a, b}[i%2]
		all.Go(func() {
			first, err := s.Spend(context.Background(), store.Request{Order: signing(o), Agent: agent})
			mu.Lock()
			defer mu.Unlock()
			firsts[first]++
			if err == nil {
				spent++
			} else {
				assert.ErrorIs(t, err, store.ErrSpent)
			}
		})
	}
	all.Wait()
	assert.Equal(t, 1, spent)
	assert.Len(t, firsts, 1, "everybody is told of the same request")
}

func allAreHanded(t *testing.T, a, b *store.Store) {
	session := join(t, a, agent, noon)
	const orders = 50
	for range orders {
		require.NoError(t, a.Ask(t.Context(), store.Request{Order: consent(), Agent: agent}, nil))
	}
	var mu sync.Mutex
	handed := map[string]bool{}
	var all sync.WaitGroup
	for i := range 8 {
		s := []*store.Store{a, b}[i%2]
		all.Go(func() {
			for seen := 0; ; {
				bodies, batch, err := s.Hand(context.Background(), session.ID, seen, 7, noon)
				if !assert.NoError(t, err) || len(bodies) == 0 {
					return
				}
				seen = batch
				mu.Lock()
				for _, body := range bodies {
					handed[string(body)] = true
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	assert.Len(t, handed, orders)
}

func whatAFormerSessionLeft(t *testing.T, a, b *store.Store) {
	session := join(t, a, agent, noon)
	asked, agreed := consent(), consent()
	require.NoError(t, a.Ask(t.Context(), store.Request{Order: asked, Agent: agent}, nil))
	require.NoError(t, a.Ask(t.Context(), store.Request{Order: agreed, Agent: agent}, nil))
	sign := signing(agreed)
	_, err := a.Spend(t.Context(), store.Request{Order: sign, Agent: agent})
	require.NoError(t, err)
	bodies, _, err := a.Hand(t.Context(), session.ID, 0, 10, noon)
	require.NoError(t, err)
	require.Len(t, bodies, 3)

	next := store.Session{ID: order.NewID(), Agent: agent, Expires: noon.Add(time.Minute)}
	open, err := b.Join(t.Context(), next, session.ID, []store.Credential{{ID: credential, Certificates: []byte("DER")}}, noon)
	require.NoError(t, err)
	assert.Equal(t, []order.ID{sign.ID}, open, "to be answered from the record")
	bodies, _, err = b.Hand(t.Context(), next.ID, 0, 10, noon)
	require.NoError(t, err)
	assert.Len(t, bodies, 2, "consent is asked for again, nothing is signed again")
	require.NoError(t, b.Answer(t.Context(), agent, signed(sign.ID, "made before"), noon))
}

func expireAndPurge(t *testing.T, a, b *store.Store) {
	session := join(t, a, agent, noon)
	queued, handed := consent(), consent()
	require.NoError(t, a.Ask(t.Context(), store.Request{Order: handed, Agent: agent}, [][]byte{[]byte("d")}))
	_, _, err := a.Hand(t.Context(), session.ID, 0, 10, noon)
	require.NoError(t, err)
	require.NoError(t, a.Ask(t.Context(), store.Request{Order: queued, Agent: agent}, nil))
	late := noon.Add(time.Minute)
	names, err := a.Expire(t.Context(), late.Add(-time.Second))
	require.NoError(t, err)
	assert.Empty(t, names)
	bodies, _, err := a.Hand(t.Context(), session.ID, 1, 10, late)
	require.NoError(t, err)
	assert.Empty(t, bodies, "what is late is not handed out")
	names, err = b.Expire(t.Context(), late)
	require.NoError(t, err)
	assert.ElementsMatch(t, []order.ID{queued.ID, handed.ID}, names)
	r, err := a.Request(t.Context(), handed.ID)
	require.NoError(t, err)
	assert.Equal(t, order.Refuse(handed.ID, order.Expired), *r.Answer)
	require.ErrorIs(t, a.Answer(t.Context(), agent, &order.Answer{Version: 1, Order: handed.ID, Outcome: order.Consented}, late), store.ErrAnswered)

	_, err = a.Original(t.Context(), handed.ID, 0)
	require.NoError(t, err)
	require.NoError(t, a.Purge(t.Context(), late, noon, late))
	_, err = a.Original(t.Context(), handed.ID, 0)
	require.ErrorIs(t, err, store.ErrUnknown)
	_, err = a.Request(t.Context(), handed.ID)
	require.NoError(t, err)
	require.NoError(t, a.Purge(t.Context(), late, late, late))
	_, err = a.Request(t.Context(), handed.ID)
	require.ErrorIs(t, err, store.ErrUnknown)
}

// A consent has to be there for as long as what was spent of it, or else it could be
// spent again.
// What is withdrawn is not handed out, nor answered; what has its answer keeps it.
func withdrawn(t *testing.T, a, b *store.Store) {
	session := join(t, a, agent, noon)
	handed, answered, queued := consent(), consent(), consent()
	for _, o := range []*order.Order{handed, answered} {
		require.NoError(t, a.Ask(t.Context(), store.Request{Order: o, Agent: agent}, nil))
	}
	_, _, err := a.Hand(t.Context(), session.ID, 0, 10, noon)
	require.NoError(t, err)
	require.NoError(t, a.Ask(t.Context(), store.Request{Order: queued, Agent: agent}, nil))
	yes := &order.Answer{Version: 1, Order: answered.ID, Outcome: order.Consented}
	require.NoError(t, a.Answer(t.Context(), agent, yes, noon))
	for _, o := range []*order.Order{handed, answered, queued} {
		require.NoError(t, b.Withdraw(t.Context(), o.ID, noon))
	}
	bodies, _, err := a.Hand(t.Context(), session.ID, 1, 10, noon)
	require.NoError(t, err)
	assert.Empty(t, bodies)
	require.ErrorIs(t, a.Answer(t.Context(), agent, &order.Answer{Version: 1, Order: handed.ID, Outcome: order.Consented}, noon), store.ErrAnswered)
	r, err := b.Request(t.Context(), answered.ID)
	require.NoError(t, err)
	assert.Equal(t, yes, r.Answer)
}

func purgeKeepsWhatWasSpent(t *testing.T, a, _ *store.Store) {
	session := join(t, a, agent, noon)
	o := consent()
	require.NoError(t, a.Ask(t.Context(), store.Request{Order: o, Agent: agent}, [][]byte{[]byte("d")}))
	_, _, err := a.Hand(t.Context(), session.ID, 0, 10, noon)
	require.NoError(t, err)
	require.NoError(t, a.Answer(t.Context(), agent, &order.Answer{Version: 1, Order: o.ID, Outcome: order.Consented}, noon))
	_, err = a.Spend(t.Context(), store.Request{Order: signing(o), Agent: agent})
	require.NoError(t, err)
	later := noon.Add(time.Hour)
	require.NoError(t, a.Purge(t.Context(), later, later, later))
	_, err = a.Original(t.Context(), o.ID, 0)
	require.NoError(t, err, "the signature is still to be made")
	_, err = a.Spend(t.Context(), store.Request{Order: signing(o), Agent: agent})
	require.ErrorIs(t, err, store.ErrSpent)
}

func aHolderIsNotBuried(t *testing.T, a, b *store.Store) {
	join(t, a, agent, noon)
	for n := 0; ; n++ {
		err := a.Ask(t.Context(), store.Request{Order: consent(), Agent: agent}, nil)
		if err == nil {
			continue
		}
		require.ErrorIs(t, err, store.ErrBusy)
		assert.Equal(t, 200, n)
		break
	}
	_, err := b.Expire(t.Context(), noon.Add(time.Hour))
	require.NoError(t, err)
	require.NoError(t, b.Ask(t.Context(), store.Request{Order: consent(), Agent: agent}, nil))
}

func slips(t *testing.T, a, b *store.Store) {
	require.NoError(t, a.Put(t.Context(), "n", []byte("v"), noon.Add(time.Minute)))
	_, err := b.Look(t.Context(), "n", noon.Add(time.Minute))
	require.ErrorIs(t, err, store.ErrUnknown)
	body, err := b.Look(t.Context(), "n", noon)
	require.NoError(t, err)
	assert.Equal(t, "v", string(body))
	var taken atomic.Int32
	var all sync.WaitGroup
	for i := range 10 {
		s := []*store.Store{a, b}[i%2]
		all.Go(func() {
			if _, err := s.Take(context.Background(), "n", noon); err == nil {
				taken.Add(1)
			} else {
				assert.ErrorIs(t, err, store.ErrUnknown)
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 1, taken.Load())
}

func TestReopened(t *testing.T) {
	source := "sqlite:" + filepath.Join(t.TempDir(), "state.db")
	s, err := store.Open(t.Context(), source)
	require.NoError(t, err)
	join(t, s, agent, noon)
	require.NoError(t, s.Close())
	c, err := open(t, source).Credential(t.Context(), credential, noon)
	require.NoError(t, err)
	assert.Equal(t, store.Credential{ID: credential, Agent: agent, Certificates: []byte("DER"), Hashes: true, Present: true}, c)
}

func TestSources(t *testing.T) {
	for _, source := range []string{"", "sqlite:", "state.db", "mysql://x/y"} {
		_, err := store.Open(t.Context(), source)
		require.ErrorIs(t, err, store.ErrSource, source)
	}
	_, err := store.Open(t.Context(), fmt.Sprintf("sqlite:%s/no/such/folder/x.db", t.TempDir()))
	require.Error(t, err)
}

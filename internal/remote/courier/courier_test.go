package courier_test

import (
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/courier"
	"cnie/internal/remote/order"
)

// broker runs a NATS server as an operator would have it; port 0 finds one.
func broker(t *testing.T, port int) *server.Server {
	t.Helper()
	if port == 0 {
		port = server.RANDOM_PORT
	}
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true})
	require.NoError(t, err)
	go s.Start()
	require.True(t, s.ReadyForConnections(10*time.Second))
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	return s
}

func open(t *testing.T, url string) *courier.Courier {
	t.Helper()
	c, err := courier.Open(t.Context(), courier.Options{URL: url, Keep: time.Minute})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

const agent = "urn:cnie:agent:1"

// waits tells whether a call arrives within a second.
func waits(t *testing.T, c *courier.Courier) (done func(), called bool) {
	t.Helper()
	q, err := c.Queue(t.Context(), agent)
	require.NoError(t, err)
	began := time.Now()
	done, err = q.Wait(t.Context(), 10, time.Second)
	require.NoError(t, err)
	return done, time.Since(began) < 900*time.Millisecond
}

func TestCalls(t *testing.T) {
	url := broker(t, 0).ClientURL()
	a, b, own := open(t, url), open(t, url), open(t, "")
	for name, pair := range map[string][2]*courier.Courier{"between replicas": {a, b}, "in one process": {own, own}} {
		t.Run(name, func(t *testing.T) {
			from, to := pair[0], pair[1]
			require.NoError(t, from.Call(t.Context(), agent, order.NewID()), "before anybody waits")
			require.NoError(t, from.Call(t.Context(), "urn:cnie:agent:2", order.NewID()))
			done, called := waits(t, to)
			require.True(t, called)
			done()
			_, called = waits(t, to)
			assert.False(t, called, "a call that was answered does not come again, nor one for another agent")
		})
	}
}

func TestAnswers(t *testing.T) {
	url := broker(t, 0).ClientURL()
	a, b := open(t, url), open(t, url)
	id := order.NewID()
	word, done := a.Await(id)
	other, otherDone := a.Await(order.NewID())
	defer otherDone()
	require.NoError(t, b.Answered(id))
	select {
	case <-word:
	case <-time.After(10 * time.Second):
		require.Fail(t, "no word")
	}
	assert.Empty(t, other)
	done()
	require.NoError(t, b.Answered(id), "and nobody minds a second time")
}

// A broker that is started anew has forgotten its queues; couriers find it again.
func TestBrokerRestarts(t *testing.T) {
	first := broker(t, 0)
	port := first.Addr().(*net.TCPAddr).Port
	c := open(t, first.ClientURL())
	first.Shutdown()
	first.WaitForShutdown()
	broker(t, port)
	require.Eventually(t, func() bool { return c.Call(t.Context(), agent, order.NewID()) == nil }, 20*time.Second, 50*time.Millisecond)
	_, called := waits(t, c)
	assert.True(t, called)
}

func TestNoBroker(t *testing.T) {
	_, err := courier.Open(t.Context(), courier.Options{URL: "nats://127.0.0.1:1"})
	require.ErrorIs(t, err, courier.ErrUnreachable)
	without, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true})
	require.NoError(t, err)
	go without.Start()
	require.True(t, without.ReadyForConnections(10*time.Second))
	defer without.Shutdown()
	_, err = courier.Open(t.Context(), courier.Options{URL: without.ClientURL()})
	require.ErrorIs(t, err, courier.ErrUnreachable, "one without JetStream")
}

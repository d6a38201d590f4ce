// Package courier carries word between the replicas of the service: that an agent
// has something to do, over a work queue of NATS JetStream, and that a request has
// its answer.
//
// What is carried are names; the database has the rest. Word that comes twice finds
// the step taken, and word that gets lost, with a broker's memory say, is made up for
// by whoever waits: he looks into the database when he begins and now and then. So
// the queue is kept in memory, and the broker may be restarted at any time.
//
// Without a broker's address, one runs inside this process, for one replica.
package courier

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"cnie/internal/remote/order"
)

const (
	stream   = "CNIE_ORDERS"
	orders   = "cnie.orders."
	answers  = "cnie.answers."
	idle     = time.Hour // after which the queue of an agent that is gone is forgotten
	patience = 10 * time.Second
)

// Courier is one replica's end. It is safe for concurrent use.
type Courier struct {
	own   *server.Server // nil: somebody else's
	dir   string         // of our own, empty but for its bookkeeping
	keep  time.Duration
	conn  *nats.Conn
	js    jetstream.JetStream
	mu    sync.Mutex
	waits map[order.ID]map[chan struct{}]bool
}

// Options say where the broker is.
type Options struct {
	URL         string        // nats://… or tls://…, several with commas; "": one in this process
	Credentials string        // a file, for a broker that wants them
	Keep        time.Duration // how long word is kept that nobody fetches
}

// Open connects to the broker, or starts one. ErrUnreachable when it does not answer.
func Open(ctx context.Context, o Options) (*Courier, error) {
	c := &Courier{keep: o.Keep, waits: map[order.ID]map[chan struct{}]bool{}}
	if err := c.connect(o); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	if err := c.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrUnreachable, err), c.Close())
	}
	return c, nil
}

// ErrUnreachable says that no broker answers, or not as one with JetStream.
var ErrUnreachable = errors.New("the message broker does not answer")

func (c *Courier) connect(o Options) (err error) {
	settings := []nats.Option{nats.Name("cnie remote"), nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond), nats.ReconnectJitter(200*time.Millisecond, time.Second), nats.Timeout(5 * time.Second)}
	if o.Credentials != "" {
		settings = append(settings, nats.UserCredentials(o.Credentials))
	}
	if o.URL == "" {
		if err := c.start(); err != nil {
			return err
		}
		settings = append(settings, nats.InProcessServer(c.own))
	}
	if c.conn, err = nats.Connect(o.URL, settings...); err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	c.js, err = jetstream.New(c.conn)
	return err
}

// start runs a broker that only this process reaches: it listens nowhere.
func (c *Courier) start() error {
	var err error
	if c.dir, err = os.MkdirTemp("", "cnie-remote-"); err != nil {
		return err
	}
	own, err := server.NewServer(&server.Options{
		ServerName: "cnie-remote", DontListen: true, NoSigs: true, NoLog: true,
		JetStream: true, DisableJetStreamBanner: true, StoreDir: c.dir, JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 1 << 20,
	})
	if err != nil {
		return err
	}
	c.own = own
	go own.Start()
	if !own.ReadyForConnections(patience) {
		return fmt.Errorf("%w: the one in this process", ErrUnreachable)
	}
	return nil
}

func (c *Courier) prepare(ctx context.Context) error {
	if err := c.openStream(ctx); err != nil {
		return err
	}
	_, err := c.conn.Subscribe(answers+"*", func(m *nats.Msg) { c.wake(order.ID(m.Subject[len(answers):])) })
	return err
}

// openStream makes the queue, or finds it there. A broker that was started anew has
// lost it.
func (c *Courier) openStream(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := c.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: stream, Description: "orders for agents of cnie remote", Subjects: []string{orders + "*"},
		Retention: jetstream.WorkQueuePolicy, Storage: jetstream.MemoryStorage, MaxAge: c.keep, MaxMsgSize: 256,
	})
	return err
}

// Close ends the connection, and the broker if it is our own.
func (c *Courier) Close() error {
	if c.conn != nil {
		c.conn.Close()
	}
	if c.own != nil {
		c.own.Shutdown()
		c.own.WaitForShutdown()
	}
	if c.dir != "" {
		return os.RemoveAll(c.dir)
	}
	return nil
}

// subject names an agent's queue: its name is not one that a subject could have.
func subject(agent string) string {
	sum := sha256.Sum256([]byte(agent))
	return hex.EncodeToString(sum[:16])
}

// Call tells that an agent has an order.
func (c *Courier) Call(ctx context.Context, agent string, id order.ID) error {
	call := func() error {
		_, err := c.js.Publish(ctx, orders+subject(agent), []byte(id), jetstream.WithMsgID(string(id)))
		return err
	}
	err := call()
	if errors.Is(err, jetstream.ErrNoStreamResponse) && c.openStream(ctx) == nil {
		err = call()
	}
	return err
}

// Connected tells whether the broker is reached.
func (c *Courier) Connected() bool { return c.conn.IsConnected() }

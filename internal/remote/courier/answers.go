package courier

import (
	"fmt"
	"os"

	"github.com/nats-io/nats-server/v2/server"

	"cnie/internal/remote/order"
)

// Answered tells every replica that a request has its answer.
func (c *Courier) Answered(id order.ID) error { return c.conn.Publish(answers+string(id), nil) }

// Await gives a channel on which word of an answer arrives. Look into the database
// after calling it: the answer may have come before. Call done in the end.
func (c *Courier) Await(id order.ID) (word <-chan struct{}, done func()) {
	wait := make(chan struct{}, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waits[id] == nil {
		c.waits[id] = map[chan struct{}]bool{}
	}
	c.waits[id][wait] = true
	return wait, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.waits[id], wait)
		if len(c.waits[id]) == 0 {
			delete(c.waits, id)
		}
	}
}

func (c *Courier) wake(id order.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for wait := range c.waits[id] {
		select {
		case wait <- struct{}{}:
		default: // it has word already
		}
	}
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

package courier

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Queue is where the calls for one agent arrive. Any replica may open it.
type Queue struct{ consumer jetstream.Consumer }

// Queue opens the queue of an agent.
func (c *Courier) Queue(ctx context.Context, agent string) (*Queue, error) {
	open := func() (jetstream.Consumer, error) {
		return c.js.CreateOrUpdateConsumer(ctx, stream, jetstream.ConsumerConfig{
			Durable: subject(agent), FilterSubject: orders + subject(agent), AckPolicy: jetstream.AckExplicitPolicy,
			AckWait: patience, MaxAckPending: 10000, InactiveThreshold: idle,
		})
	}
	consumer, err := open()
	if errors.Is(err, jetstream.ErrStreamNotFound) && c.openStream(ctx) == nil {
		consumer, err = open()
	}
	return &Queue{consumer}, err
}

// Wait returns when there are calls, or after a while. The calls come again, to
// whichever replica waits next, unless done is called once the database has been
// asked for what they are about.
func (q *Queue) Wait(ctx context.Context, most int, while time.Duration) (done func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, while)
	defer cancel()
	var calls []jetstream.Msg
	done = func() {
		for _, m := range calls {
			_ = m.Ack() // else it comes again, and finds nothing to do
		}
	}
	first, err := q.consumer.Next(jetstream.FetchContext(ctx))
	if errors.Is(err, nats.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, jetstream.ErrNoMessages) {
		return done, nil
	}
	if err != nil {
		return nil, err
	}
	calls = append(calls, first)
	more, err := q.consumer.FetchNoWait(most)
	if err != nil {
		return done, nil // the first is word enough
	}
	for m := range more.Messages() {
		calls = append(calls, m)
	}
	return done, nil
}

package control

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"
)

// ErrNobody says that no simulator answers at the path.
var ErrNobody = errors.New("no simulator answers there")

var errHungUp = errors.New("it hung up without an answer")

// Ask sends one request and waits for its answer. The error is about the
// conversation; what the simulator has against the request is in the answer.
func Ask(ctx context.Context, path string, r Request) (Answer, error) {
	var reply Answer
	if err := r.check(); err != nil {
		return Answer{Error: err.Error(), Exit: exitUsage}, nil
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return reply, fmt.Errorf("ask the simulator: %w: %w", ErrNobody, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := json.NewEncoder(conn).Encode(r); err != nil {
		return reply, fmt.Errorf("ask the simulator: %w", err)
	}
	line := bufio.NewScanner(conn)
	line.Buffer(nil, maxAnswer)
	if !line.Scan() {
		return reply, fmt.Errorf("ask the simulator: %w", cmp.Or(ctx.Err(), line.Err(), errHungUp))
	}
	if err := json.Unmarshal(line.Bytes(), &reply); err != nil {
		return reply, fmt.Errorf("ask the simulator: %w", err)
	}
	return reply, nil
}

package interop

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/stretchr/testify/require"
)

// kernel is a connection to AusweisApp: JSON objects over WebSocket.
type kernel struct {
	t    *testing.T
	conn *websocket.Conn
	said []string // every message, for whoever looks for a failure
}

// dial waits for the program to listen.
func dial(t *testing.T, address string) *kernel {
	t.Helper()
	k := &kernel{t: t}
	require.Eventually(t, func() bool {
		conn, _, err := websocket.Dial(t.Context(), "ws://"+address+"/eID-Kernel", nil)
		k.conn = conn
		return err == nil
	}, patience, 50*time.Millisecond, "AusweisApp listens")
	t.Cleanup(func() {
		_ = k.conn.CloseNow()
		if t.Failed() {
			t.Log(strings.Join(k.said, "\n"))
		}
	})
	return k
}

func (k *kernel) send(message map[string]string) {
	k.t.Helper()
	require.NoError(k.t, wsjson.Write(k.t.Context(), k.conn, message))
}

// next is the next message of one of these kinds.
func (k *kernel) next(kinds ...string) (map[string]any, error) {
	ctx, cancel := context.WithTimeout(k.t.Context(), patience)
	defer cancel()
	for {
		var message map[string]any
		if err := wsjson.Read(ctx, k.conn, &message); err != nil {
			return nil, err
		}
		k.said = append(k.said, fmt.Sprint(message))
		if kind, is := message["msg"].(string); is && slices.Contains(kinds, kind) {
			return message, nil
		}
	}
}

package api

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"cnie/internal/counter"
)

// What came of a visit goes after its quarter of an hour, also where nobody asks for
// anything any more: it has a pseudonym and answers in it.
func TestForgottenByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{})
		defer s.Close()
		v := &visit{client: "queue", changed: make(chan struct{})}
		s.visits["t1"], s.promises["queue key-0001"] = v, promise{visit: v}
		now := Status{ID: "t1", State: counter.Done, Changed: time.Now()}
		v.set(now, &Result{ID: "t1", Statements: []string{"signed"}})
		s.ended(now)
		time.Sleep(keep - time.Second)
		synctest.Wait()
		assert.Len(t, s.visits, 1)
		time.Sleep(3 * time.Second)
		synctest.Wait()
		assert.Empty(t, s.visits)
		assert.Empty(t, s.promises)
	})
}

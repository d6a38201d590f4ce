//go:build unix

package server

import (
	"crypto/ecdsa"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"cnie/internal/remote/order"
)

// Replicas, the database and the agent are killed in the middle of requests: every
// request gets an answer, and none is signed twice.
func TestKilled(t *testing.T) {
	c := newCluster(t)
	h := c.authority.ecHolder("SPECIMEN AMINA", "11")
	agent, die := c.agentThatDies(h)
	p := &program{t: t, http: c.client()}
	for p.token == "" {
		mine := *p
		mine.url = "https://" + c.next().Programs
		p.token = mine.form(pathToken, url.Values{"grant_type": {"client_credentials"}, "client_id": {sampleClient}, "client_secret": {c.secret}}).Access
	}
	const programs, each = 6, 25
	var answered, refused atomic.Int64
	var all sync.WaitGroup
	began := make(chan struct{}, programs*each)
	for i := range programs {
		all.Go(func() {
			for n := range each {
				text := fmt.Sprint(i, " ", n)
				began <- struct{}{}
				got := c.sign(p, h.id, text)
				if got.Status == http.StatusOK && assert.Len(t, got.Signatures, 1) {
					assert.True(t, ecdsa.VerifyASN1(h.leaf.PublicKey.(*ecdsa.PublicKey), digest(text), got.Signatures[0]))
					answered.Add(1)
				} else {
					assert.Contains(t, []order.Reason{order.Lost, order.Expired}, got.Reason, "%s", got.raw)
					refused.Add(1)
				}
			}
		})
	}
	after := func(requests int) {
		for range requests {
			<-began
		}
	}
	after(20)
	c.replicas[0].kill(syscall.SIGKILL)
	after(20)
	c.replicas[0].start()
	after(10)
	die()
	after(20)
	c.database.Kill()
	time.Sleep(300 * time.Millisecond)
	c.database.Up()
	after(20)
	c.replicas[1].kill(syscall.SIGTERM)
	c.replicas[1].start()
	after(10)
	c.replicas[0].kill(syscall.SIGKILL)
	c.replicas[0].start()
	die()
	all.Wait()
	assert.EqualValues(t, programs*each, answered.Load()+refused.Load(), "every request has an answer")
	agent.mu.Lock()
	defer agent.mu.Unlock()
	for consent, n := range agent.signed {
		assert.Equal(t, 1, n, "signed twice: %s", consent)
	}
	t.Logf("%d signed, %d given up", answered.Load(), refused.Load())
}

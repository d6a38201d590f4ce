//go:build linux

package host_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ledger"
	"cnie/internal/ledger/remote"
	"cnie/internal/remote/store/storetest"
)

var (
	soakDesks   = flag.Int("desks", 40, "how many desks TestSoak has")
	soakMinutes = flag.Float64("minutes", 0, "for how long; 0: for a sample of seconds, at a pace of seconds")
)

// parts alternate, so that what else the machine does weighs on both alike.
const parts = 3

// pace is how a town hall works: a citizen each so often, two entries for each.
type pace struct {
	alone, together, saturated time.Duration // how long each part goes on
	least, spread              time.Duration // from one citizen to the next
}

// soak is 500 desks in this process and the host in another.
type soak struct {
	*testing.T
	pace
	world *authority
	host  *process
	desks []*remote.Client

	mu    sync.Mutex
	told  map[string]ledger.Place
	fails []error
}

// TestSoak lets many desks work on one host over TLS, with PostgreSQL on a socket of
// this machine, and compares with one desk alone in the same run. Then everything
// that a desk was told of has to be there, once.
func TestSoak(t *testing.T) {
	s := &soak{T: t, world: newAuthority(t), told: map[string]ledger.Place{}}
	s.pace = pace{3 * time.Second, 6 * time.Second, 2 * time.Second, time.Second, time.Second}
	if *soakMinutes > 0 {
		all := time.Duration(*soakMinutes * float64(time.Minute))
		s.pace = pace{min(2*time.Minute, all), all, 20 * time.Second, 20 * time.Second, 10 * time.Second}
	}
	dir, dsn := t.TempDir(), onSocket(t, storetest.Start(t).Database("ledger"))
	cert, key := s.world.issue("host.example", "counter")
	s.host = startHost(t, dir, dsn, cert, key, s.world.ca())
	s.open()
	t.Logf("soak: %d desks for %v, a citizen each %v to %v, two entries each; in %d parts, between them one desk alone for %v in all", len(s.desks), s.together, s.least, s.least+s.spread, parts, s.alone)

	s.one(time.Second) // warm
	idle := s.host.holds(t)
	t.Logf("host, before: %v", idle)
	one := s.one(s.alone / (parts + 1))
	var many []time.Duration
	for range parts {
		many = append(many, s.all(s.together/parts)...)
		one = append(one, s.one(s.alone/(parts+1))...)
	}
	s.leave()
	left := s.settled(idle)
	t.Logf("host, after: %v", left)
	show(t, "one desk", one)
	show(t, fmt.Sprint(*soakDesks, " desks"), many)
	ratio := float64(quantile(many, 95)) / float64(quantile(one, 95))
	t.Logf("soak: p95 of %d desks is %.2f times that of one", *soakDesks, ratio)
	s.open()
	rate := s.saturate()
	s.leave()
	t.Logf("host, after saturation: %v", s.settled(idle))

	require.Empty(t, s.fails)
	assert.LessOrEqual(t, left.goroutines, idle.goroutines+5, "goroutines")
	assert.LessOrEqual(t, left.files, idle.files+5, "files")
	assert.LessOrEqual(t, left.heap, idle.heap+8<<20, "heap")
	if *soakMinutes > 0 {
		assert.LessOrEqual(t, ratio, 2.0)
	}
	s.host.end(t)
	s.nothingLost(ledger.Options{Dir: dir, DSN: dsn})
	t.Logf("soak: %d entries, each there once; %.0f entries/s at saturation", len(s.told), rate)
}

// onSocket is the database's address by its socket.
func onSocket(t *testing.T, dsn string) string {
	db, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	defer db.Close()
	var folder, port, name string
	require.NoError(t, db.QueryRow(`SELECT current_setting('unix_socket_directories'), current_setting('port'), current_database()`).Scan(&folder, &port, &name))
	return fmt.Sprintf("postgres://cnie@/%s?host=%s&port=%s", name, folder, port)
}

func (s *soak) open() {
	for n := range *soakDesks {
		s.desks = append(s.desks, s.world.desk(s.host.url, "desk-"+strconv.Itoa(n)))
	}
}

// leave closes the desks' connections.
func (s *soak) leave() {
	for _, d := range s.desks {
		assert.NoError(s.T, d.Close())
	}
	s.desks = nil
}

// settled waits for the host to notice that the desks have gone.
func (s *soak) settled(idle held) (h held) {
	for range 50 {
		if h = s.host.holds(s.T); h.goroutines <= idle.goroutines+5 && h.files <= idle.files+5 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return h
}

// add is one entry; it takes as long as the desk waits for it.
func (s *soak) add(desk int) time.Duration {
	name := "desk-" + strconv.Itoa(desk)
	id := fmt.Sprintf("%s-%016x", name, rand.Uint64())
	began := time.Now()
	place, err := s.desks[desk].Add(context.Background(), visit(name, id))
	took := time.Since(began)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.fails = append(s.fails, err)
		return took
	}
	s.told[id] = place
	return took
}

// one desk adds entries for a while, more often than any desk would.
func (s *soak) one(long time.Duration) (took []time.Duration) {
	for end := time.Now().Add(long); time.Now().Before(end); {
		took = append(took, s.add(0))
		time.Sleep(50*time.Millisecond + rand.N(100*time.Millisecond))
	}
	return took
}

// all desks serve their citizens.
func (s *soak) all(long time.Duration) (took []time.Duration) {
	var mu sync.Mutex
	var ended sync.WaitGroup
	end := time.Now().Add(long)
	for desk := range s.desks {
		ended.Go(func() {
			time.Sleep(rand.N(s.least + s.spread))
			for time.Now().Before(end) {
				next := time.Now().Add(s.least + rand.N(s.spread))
				first := s.add(desk)
				time.Sleep(s.least/20 + rand.N(s.least/10)) // the second follows
				second := s.add(desk)
				mu.Lock()
				took = append(took, first, second)
				mu.Unlock()
				time.Sleep(time.Until(next))
			}
		})
	}
	served := done(&ended)
	tick := time.NewTicker(min(long, time.Minute))
	defer tick.Stop()
	for running := true; running; {
		select {
		case <-tick.C:
			s.Logf("host, with all desks: %v", s.host.holds(s.T))
		case <-served:
			running = false
		}
	}
	return took
}

func done(all *sync.WaitGroup) <-chan struct{} {
	c := make(chan struct{})
	go func() {
		all.Wait()
		close(c)
	}()
	return c
}

// saturate is all desks without a pause, which no town hall does.
func (s *soak) saturate() (rate float64) {
	var mu sync.Mutex
	var took []time.Duration
	var ended sync.WaitGroup
	began := time.Now()
	for desk := range s.desks {
		ended.Go(func() {
			for time.Since(began) < s.saturated {
				one := s.add(desk)
				mu.Lock()
				took = append(took, one)
				mu.Unlock()
			}
		})
	}
	ended.Wait()
	show(s.T, "no pauses", took)
	return float64(len(took)) / time.Since(began).Seconds()
}

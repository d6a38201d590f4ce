//go:build unix

package server

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/gate"
	"cnie/internal/remote/order"
	"cnie/internal/remote/store/storetest"
)

// replicaVariable makes this test binary be a replica: a process that can be killed.
const replicaVariable = "CNIE_TEST_REPLICA"

func TestMain(m *testing.M) {
	if file := os.Getenv(replicaVariable); file != "" {
		os.Exit(beReplica(file))
	}
	os.Exit(m.Run())
}

func beReplica(file string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	config, err := Load(file)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	s, err := Open(ctx, config, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	err = s.Serve(ctx, func(at Addresses) error {
		_, err := fmt.Println(at.Programs, at.Agents)
		return err
	})
	if err = errors.Join(err, s.Close()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// replica is one process of a cluster.
type replica struct {
	t       testing.TB
	config  string
	run     *exec.Cmd
	mu      sync.Mutex
	address Addresses
}

func (r *replica) start() {
	r.t.Helper()
	r.run = exec.Command(os.Args[0])
	r.run.Env = append(os.Environ(), replicaVariable+"="+r.config)
	log, err := os.OpenFile(r.config+".log", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	require.NoError(r.t, err)
	defer log.Close()
	r.run.Stderr = log
	out, err := r.run.StdoutPipe()
	require.NoError(r.t, err)
	require.NoError(r.t, r.run.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		said, _ := os.ReadFile(r.config + ".log")
		require.NoError(r.t, err, "%s", said)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	_, err = fmt.Sscan(line, &r.address.Programs, &r.address.Agents)
	require.NoError(r.t, err)
}

func (r *replica) kill(with syscall.Signal) {
	_ = r.run.Process.Signal(with)
	_ = r.run.Wait()
}

func (r *replica) at() Addresses {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.address
}

// cluster is two replicas, their database and their broker.
type cluster struct {
	*world
	replicas [2]*replica
	database *storetest.Postgres
	turn     atomic.Int64
}

func newCluster(t *testing.T) *cluster {
	c := &cluster{world: &world{t: t, authority: newAuthority(t)}, database: storetest.Start(t)}
	broker, err := natsserver.NewServer(&natsserver.Options{Host: "127.0.0.1", Port: natsserver.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true})
	require.NoError(t, err)
	go broker.Start()
	require.True(t, broker.ReadyForConnections(10*time.Second))
	t.Cleanup(broker.Shutdown)
	dir := filepath.Join(t.TempDir(), "service")
	require.NoError(t, Create(dir, c.authority.pem()))
	secret, err := os.ReadFile(filepath.Join(dir, SecretName))
	require.NoError(t, err)
	c.secret = strings.TrimSpace(string(secret))
	file := filepath.Join(dir, ConfigName)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	changed := strings.NewReplacer(
		"sqlite:state.db", c.database.Database("remote"), `url: "" `, fmt.Sprintf("url: %q ", broker.ClientURL()), "hash-signing: false", "hash-signing: true",
		"127.0.0.1:8776", "127.0.0.1:0", "127.0.0.1:8777", "127.0.0.1:0", "sign-seconds: 180", "sign-seconds: 60", "lease-seconds: 60", "lease-seconds: 10",
	).Replace(string(text))
	require.NoError(t, os.WriteFile(file, []byte(changed), 0o600))
	config, err := Load(file)
	require.NoError(t, err)
	pair, err := config.pair()
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	require.NoError(t, err)
	c.server = &Server{files: &files{certificate: tls.Certificate{Leaf: leaf}}}
	for i := range c.replicas {
		c.replicas[i] = &replica{t: t, config: file}
		c.replicas[i].start()
		t.Cleanup(func() { c.replicas[i].kill(syscall.SIGKILL) })
	}
	return c
}

// next is a replica, each time another: what it does not answer the other will.
func (c *cluster) next() Addresses { return c.replicas[c.turn.Add(1)%2].at() }

// ask calls a method until some replica answers it.
func (c *cluster) ask(p *program, method string, in any) answer {
	for {
		mine := *p
		mine.url = "https://" + c.next().Programs
		got, err := mine.try(context.Background(), method, in)
		if err == nil && got.Status < 500 {
			return got
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// sign goes all the way for one hash and gives the last answer.
func (c *cluster) sign(p *program, id order.Credential, text string) answer {
	in := object{"credentialID": id, "numSignatures": 1, "hashes": hashesOf(text), "hashAlgorithmOID": oidSHA256}
	got := c.ask(p, methodAuthorize, in)
	for got.Status == http.StatusAccepted {
		got = c.ask(p, methodCheck, object{"handle": got.Handle})
	}
	if got.SAD == "" {
		return got
	}
	got = c.ask(p, methodHash, signHashOf(id, got.SAD, ecdsaSHA256, hashesOf(text)...))
	for got.Response != "" {
		got = c.ask(p, methodPoll, object{"requestID": got.Response})
	}
	return got
}

// agentThatDies is an agent with a record, that can be interrupted and started anew.
func (c *cluster) agentThatDies(h *holder) (a *softAgent, die func()) {
	a = &softAgent{t: c.t, holder: h, http: c.client(h.agent), url: func() string { return "https://" + c.next().Agents }}
	a.begin()
	require.NoError(c.t, a.join(""))
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	run := func() { defer close(done); a.work(ctx) }
	go run()
	c.t.Cleanup(func() { stop(); <-done })
	return a, func() {
		stop()
		<-done
		ctx, stop = context.WithCancel(context.Background())
		done = make(chan struct{})
		for err := a.join(a.welcome.Session); err != nil; err = a.join(a.welcome.Session) {
			if errors.Is(err, gate.ErrTaken) { // the response to an earlier attempt got lost
				time.Sleep(time.Second)
			}
			time.Sleep(20 * time.Millisecond)
		}
		for _, id := range a.welcome.Open {
			a.mu.Lock()
			answer, found := a.made[id]
			a.mu.Unlock()
			if !found {
				answer = order.Refuse(id, order.Lost)
			}
			for err := a.answer(ctx, answer); err != nil && !errors.Is(err, gate.ErrAnswered); err = a.answer(ctx, answer) {
				time.Sleep(20 * time.Millisecond)
			}
		}
		go run()
	}
}

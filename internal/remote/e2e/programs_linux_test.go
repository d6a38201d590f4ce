//go:build cgo

package e2e_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"

	"cnie/internal/pcscd"
	"cnie/internal/remote/oauth"
	"cnie/internal/remote/store/storetest"
	"cnie/simulator/piv"
)

// town is everything: the programs as they are installed, each a process, with a
// database, a broker, a PC/SC service, and two doors in front of two replicas.
type town struct {
	t          *testing.T
	dir        string
	daemon     *pcscd.Daemon
	database   *storetest.Postgres
	broker     string
	published  string   // of the authority: time stamps, answers
	doors      [2]*door // for programs, for agents
	replicas   [2]*process
	citizen    *citizen
	chip       *process // the card
	tokenKey   string   // its thumbprint
	credential string
}

// process is a program that runs.
type process struct {
	run *exec.Cmd
	log string // the file with its standard error
}

const slow = 30 * time.Second

func (w *town) path(name string) string { return filepath.Join(w.dir, name) }

func (w *town) environment() []string {
	return append(os.Environ(), "PCSCLITE_CSOCK_NAME="+w.daemon.Socket, "HOME="+w.dir, "XDG_CONFIG_HOME="+w.dir)
}

func (w *town) write(name, content string) string {
	w.t.Helper()
	require.NoError(w.t, os.WriteFile(w.path(name), []byte(content), 0o600))
	return w.path(name)
}

// build compiles the programs.
func (w *town) build() {
	w.t.Helper()
	out, err := exec.Command("go", "build", "-o", w.dir+"/", "cnie/cmd/cnie", "cnie/cmd/cnie-ca", "cnie/cmd/cnie-sim").CombinedOutput()
	require.NoError(w.t, err, "%s", out)
}

// try runs a program to its end.
func (w *town) try(program string, args ...string) (code int, said string) {
	ctx, cancel := context.WithTimeout(w.t.Context(), 2*slow)
	defer cancel()
	run := exec.CommandContext(ctx, w.path(program), args...)
	run.Env, run.Dir = w.environment(), w.dir
	out, err := run.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		w.t.Errorf("%s %v hangs: %s", program, args, out)
	case errors.As(err, &exit):
		return exit.ExitCode(), string(out)
	case err != nil:
		w.t.Errorf("%s: %v", program, err)
	}
	return 0, string(out)
}

func (w *town) must(program string, args ...string) string {
	w.t.Helper()
	code, said := w.try(program, args...)
	require.Zero(w.t, code, "%s %v: %s", program, args, said)
	return said
}

// start starts a program and waits for a line of its standard output.
func (w *town) start(line, program string, args ...string) (p *process, found []string) {
	w.t.Helper()
	log, err := os.CreateTemp(w.dir, program+"-*.log")
	require.NoError(w.t, err)
	defer log.Close()
	p = &process{run: exec.Command(w.path(program), args...), log: log.Name()}
	p.run.Env, p.run.Dir, p.run.Stderr = w.environment(), w.dir, log
	out, err := p.run.StdoutPipe()
	require.NoError(w.t, err)
	require.NoError(w.t, p.run.Start())
	w.t.Cleanup(func() { p.kill(syscall.SIGKILL) })
	text, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		told, _ := os.ReadFile(p.log)
		require.NoError(w.t, err, "%s: %s", program, told)
	}
	found = regexp.MustCompile(line).FindStringSubmatch(text)
	require.NotNil(w.t, found, "%s says %s", program, text)
	return p, found
}

// kill ends a process, and waits for it; one that is gone already stays so.
func (p *process) kill(with syscall.Signal) {
	_ = p.run.Process.Signal(with)
	_ = p.run.Wait()
}

// newTown sets everything up, by the programs' own commands.
func newTown(t *testing.T) *town {
	w := &town{t: t, dir: t.TempDir(), citizen: &citizen{t: t}}
	w.build()
	w.daemon = pcscd.Start(t, pcscd.Options{})
	w.database = storetest.Start(t)
	broker, err := natsserver.NewServer(&natsserver.Options{Host: "127.0.0.1", Port: natsserver.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true})
	require.NoError(t, err)
	go broker.Start()
	require.True(t, broker.ReadyForConnections(10*time.Second))
	t.Cleanup(broker.Shutdown)
	w.broker = broker.ClientURL()

	orders, published := free(t), free(t)
	w.published = "http://" + published
	w.must("cnie-ca", "init", "ca", "--listen", orders, "--publish", published)
	w.start(`^Serving SPECIMEN`, "cnie-ca", "serve", "ca")
	w.card()
	w.service()
	w.write("agent.yaml", fmt.Sprintf("service: %s\nservice-roots: service/server.crt\nservice-key: %s\nauthority: %s\nauthority-roots: ca/root.crt\nfolder: agent\n", w.doors[1].url(), w.tokenKey, named(orders)))
	w.enroll()
	w.agent()
	return w
}

// card plays a card whose certificates are the authority's.
func (w *town) card() {
	w.t.Helper()
	const name = "SPECIMEN AMINA"
	contents, err := piv.Specimen(name, map[piv.Slot]piv.Algorithm{piv.Authentication: piv.P256, piv.Signature: piv.P256})
	require.NoError(w.t, err)
	for slot, profile := range map[piv.Slot]string{piv.Authentication: "auth", piv.Signature: "sign"} {
		der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}, contents.Keys[slot].Private)
		require.NoError(w.t, err)
		csr := w.write(profile+".csr", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})))
		w.must("cnie-ca", "issue", "ca", "--csr", csr, "--profile", profile, "-o", profile+".pem")
		text, err := os.ReadFile(w.path(profile + ".pem"))
		require.NoError(w.t, err)
		block, _ := pem.Decode(text)
		contents.SetCertificate(slot, block.Bytes)
	}
	state, err := json.Marshal(map[string]any{"format": "cnie-sim state", "version": 1, "specimen": true, "cards": map[string]any{"specimen": map[string]any{"piv": contents}}})
	require.NoError(w.t, err)
	w.write("cards.json", string(state))
	p, _ := w.start(`"ready"|"card"|"event"`, "cnie-sim", "run", "--json", "--debug", "--state", "cards.json", "--vpcd", fmt.Sprintf("127.0.0.1:%d", w.daemon.Ports[0]), "specimen")
	w.chip = p
	require.Eventually(w.t, func() bool {
		_, said := w.try("cnie", "keys")
		return strings.Contains(said, name)
	}, slow, 100*time.Millisecond)
}

const officeSecret = "a secret of the office alone"

// morePrograms are one that may not have bare hashes signed, and one that keeps no
// secret.
const morePrograms = `  - id: "office"
    name: "An office that shows what it wants signed"
    secret-sha256: %q
  - id: "visitor"
    name: "A visitor with a browser"
    redirects: ["http://127.0.0.1/authorized"]
    hash-signing: true
`

// service makes the folder of a service, and starts two replicas of it.
func (w *town) service() {
	made := w.must("cnie", "remote", "init", "service", "--authority", "ca/root.crt")
	w.tokenKey = regexp.MustCompile(`\(service-key\):\n  ([0-9a-f]{64})\n`).FindStringSubmatch(made)[1]
	w.doors = [2]*door{newDoor(w.t), newDoor(w.t)}
	file := w.path("service/remote.yaml")
	text, err := os.ReadFile(file)
	require.NoError(w.t, err)
	changed := strings.NewReplacer(
		"sqlite:state.db", w.database.Database("remote"), `url: "" `, fmt.Sprintf("url: %q ", w.broker), "hash-signing: false", "hash-signing: true",
		"https://localhost:8776", w.doors[0].url(), "127.0.0.1:8776", "127.0.0.1:0", "127.0.0.1:8777", "127.0.0.1:0", "lease-seconds: 60", "lease-seconds: 10",
		"    hash-signing: false", "    hash-signing: true",
	).Replace(string(text))
	require.NoError(w.t, os.WriteFile(file, []byte(changed+fmt.Sprintf(morePrograms, oauth.HashSecret(officeSecret))), 0o600))
	w.write("office.secret", officeSecret+"\n")
	for i := range w.replicas {
		w.replica(i)
	}
}

func (w *town) replica(i int) {
	w.t.Helper()
	p, at := w.start(`programs at https://(127\.0\.0\.1:\d+), agents at https://(127\.0\.0\.1:\d+)`, "cnie", "remote", "serve", "--config", "service/remote.yaml")
	w.replicas[i] = p
	w.doors[0].put(i, at[1])
	w.doors[1].put(i, at[2])
}

// enroll orders the agent's certificate with the card, which takes the PIN once.
func (w *town) enroll() {
	w.citizen.expected = true
	w.citizen.at(w.path("cnie"), w.environment(), "agent", "enroll", w.path("agent.yaml"))
	select {
	case err := <-w.citizen.gone:
		require.NoError(w.t, err, w.citizen.shown())
		w.citizen.gone <- nil
	case <-time.After(slow):
		require.Fail(w.t, "the agent does not enroll", w.citizen.shown())
	}
	w.citizen.reads("Credential: ", 1)
	w.credential = regexp.MustCompile(`Credential: (\S+)`).FindStringSubmatch(w.citizen.shown())[1]
	w.citizen.leave(syscall.SIGKILL)
}

// agent starts the agent, and waits until it is connected.
func (w *town) agent() {
	w.t.Helper()
	before := strings.Count(w.citizen.shown(), "Connected.")
	w.citizen.at(w.path("cnie"), w.environment(), "agent", "run", "--allow-hash-only", w.path("agent.yaml"))
	w.citizen.reads("Connected.", before+1)
}

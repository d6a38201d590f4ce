//go:build unix

package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // PostgreSQL
	"github.com/stretchr/testify/require"
)

// Postgres is a cluster.
type Postgres struct {
	t    testing.TB
	dir  string
	bin  string
	port int
	run  *exec.Cmd
}

// Start starts a cluster. PostgreSQL comes with scripts/install-deps.sh --test.
func Start(t testing.TB) *Postgres {
	t.Helper()
	p := &Postgres{t: t, bin: binaries(t)}
	dir, err := os.MkdirTemp("", "cnie-pg-") // the path of a socket is short
	require.NoError(t, err)
	p.dir = dir
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p.port = listener.Addr().(*net.TCPAddr).Port
	require.NoError(t, listener.Close())
	if owner := p.owner(); owner != nil {
		require.NoError(t, os.Chown(dir, int(owner.Uid), int(owner.Gid)))
	}
	p.command("initdb", "--pgdata", p.data(), "--auth", "trust", "--username", "cnie", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	p.Up()
	t.Cleanup(p.Kill)
	return p
}

// Up starts the server, also after Kill, and waits until it answers.
func (p *Postgres) Up() {
	p.t.Helper()
	p.run = p.prepare("postgres", "-D", p.data(), "-k", p.dir, "-c", "listen_addresses=127.0.0.1", "-p", strconv.Itoa(p.port), "-c", "max_connections=100")
	require.NoError(p.t, p.run.Start())
	deadline := time.Now().Add(60 * time.Second)
	for {
		err := p.answers("postgres")
		if err == nil {
			return
		}
		require.True(p.t, time.Now().Before(deadline), "postgres does not answer: %v", err)
		time.Sleep(20 * time.Millisecond)
	}
}

// Kill ends the server as a power cut would.
func (p *Postgres) Kill() {
	if p.run == nil {
		return
	}
	_ = syscall.Kill(-p.run.Process.Pid, syscall.SIGKILL)
	_ = p.run.Wait()
	p.run = nil
}

// Database makes a new database and gives its address.
func (p *Postgres) Database(name string) string {
	p.t.Helper()
	db, err := sql.Open("pgx", p.address("postgres"))
	require.NoError(p.t, err)
	defer db.Close()
	_, err = db.Exec(fmt.Sprintf("CREATE DATABASE %q", name))
	require.NoError(p.t, err)
	return p.address(name)
}

func (p *Postgres) address(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("cnie"), Host: fmt.Sprintf("127.0.0.1:%d", p.port), Path: database, RawQuery: "sslmode=disable"}
	return u.String()
}

func (p *Postgres) answers(database string) error {
	db, err := sql.Open("pgx", p.address(database))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return db.PingContext(ctx)
}

func (p *Postgres) data() string { return filepath.Join(p.dir, "data") }

func (p *Postgres) command(name string, args ...string) {
	p.t.Helper()
	c := p.prepare(name, args...)
	out, err := c.CombinedOutput()
	require.NoError(p.t, err, "%s: %s", name, out)
}

func (p *Postgres) prepare(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(p.bin, name), args...)
	c.Dir = p.dir
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: p.owner()}
	return c
}

// owner is as whom PostgreSQL runs, which refuses to be root; nil: as we do.
func (p *Postgres) owner() *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	nobody, err := user.Lookup("nobody")
	require.NoError(p.t, err)
	uid, err := strconv.ParseUint(nobody.Uid, 10, 32)
	require.NoError(p.t, err)
	gid, err := strconv.ParseUint(nobody.Gid, 10, 32)
	require.NoError(p.t, err)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// binaries finds the newest PostgreSQL: Debian keeps it out of PATH.
func binaries(t testing.TB) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	require.NoError(t, err)
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	path, err := exec.LookPath("postgres")
	require.NoError(t, err, "PostgreSQL is not installed; run scripts/install-deps.sh --test")
	return filepath.Dir(path)
}

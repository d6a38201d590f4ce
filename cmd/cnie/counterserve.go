package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/http"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"cnie/cardreader"
	desks "cnie/internal/counter"
	"cnie/internal/counter/web"
	"cnie/internal/counter/web/guard"
	"cnie/internal/counter/web/words"
	"cnie/internal/site"
)

// counterScreens is the desk's server.
type counterScreens struct {
	desk  *counterRun
	site  *site.Site
	slip  web.Slip
	pages *web.Server
}

// listenLoopback listens where only this machine reaches.
func listenLoopback(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	if err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, usage("--listen takes an address of this machine alone, such as 127.0.0.1:7312; screens elsewhere are not served")
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, &failure{code: exitUnavailable, sentence: fmt.Sprintf("cannot listen on %s: %v; choose another with --listen", address, err), cause: err}
	}
	return cleanListener{listener}, nil
}

// hosts are the names under which a browser may ask for this server.
func hosts(at net.Addr) []string {
	_, port, _ := net.SplitHostPort(at.String()) // it was made by net
	return []string{net.JoinHostPort("127.0.0.1", port), net.JoinHostPort("::1", port), net.JoinHostPort("localhost", port)}
}

func (c *counterScreens) measure(step string, took time.Duration) { c.pages.Measures.Step(step, took) }

// serve runs until the context ends. Then the pages hide what they show, what is
// on the desk is wiped, and only then does it return.
func (c *counterScreens) serve(ctx context.Context, listener net.Listener, working *desks.Desk) error {
	if !words.Known(c.desk.language) {
		return usage("--lang takes ar, fr, en or zgh")
	}
	audio, err := recordings(c.site)
	if err != nil {
		return err
	}
	address := "http://" + listener.Addr().String()
	c.pages = web.New(web.Options{
		Desk: working, Site: c.site, Hosts: hosts(listener.Addr()), Language: c.desk.language, Slip: c.slip, Audio: audio, Log: c.desk.counterLog(),
		Paired: func(role guard.Role, next string) { c.tell(role, address+next) },
	})
	local := &counterAPI{dir: c.desk.state, site: c.site, working: working, hosts: hosts(listener.Addr()), log: c.desk.counterLog()}
	server := &http.Server{Handler: local.beside(c.pages), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10}
	server.SetKeepAlivesEnabled(false) // a connection that is kept keeps the last form in its buffer
	clerk := address + c.pages.Invite(guard.Clerk)
	c.tell(guard.Clerk, clerk)
	c.tell(guard.Citizen, address+c.pages.Invite(guard.Citizen))
	c.tellEach(ctx, address)
	if !c.desk.noBrowser {
		openBrowser(clerk)
	}
	alive, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ended := make(chan error, 2)
	go func() { ended <- working.Run(alive) }()
	go func() { ended <- server.Serve(listener) }()
	select {
	case <-ctx.Done():
		err = nil
	case err = <-ended:
		if err == nil {
			err = errors.New("the desk ended by itself")
		}
		ended <- nil
	}
	c.pages.Close()
	local.close()
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if server.Shutdown(closing) != nil {
		server.Close() // somebody does not let go: what he holds is nothing by now
	}
	stop()
	<-ended
	<-ended
	return err
}

// tell prints an address that pairs a screen.
func (c *counterScreens) tell(role guard.Role, address string) {
	name := map[guard.Role]string{guard.Clerk: "Clerk's screen:  ", guard.Citizen: "Citizen's screen:"}[role]
	fmt.Fprintln(c.desk.stdout, name, address)
}

// tellEach prints, of several readers, the address of the citizen's screen beside each.
func (c *counterScreens) tellEach(ctx context.Context, address string) {
	readers, err := onlyReaders{c.desk.system, c.desk.readers}.Readers(ctx)
	if err != nil || len(readers) < 2 {
		return // a clerk's page opens a citizen's screen of its reader too
	}
	for _, r := range readers {
		fmt.Fprintf(c.desk.stdout, "Citizen's screen at %q: %s\n", r.Name, address+c.pages.InviteAt(r.Name))
	}
}

// openBrowser asks the system to show an address. If it cannot, the address has
// been printed.
func openBrowser(address string) {
	opener := map[string][]string{"windows": {"rundll32", "url.dll,FileProtocolHandler"}, "darwin": {"open"}}[runtime.GOOS]
	if opener == nil {
		opener = []string{"xdg-open"}
	}
	if command := exec.Command(opener[0], append(opener[1:], address)...); command.Start() == nil {
		go func() { _ = command.Wait() }() // collected; how it went is on the screen
	}
}

// onlyReaders is a system of which only some readers are seen.
type onlyReaders struct {
	cardreader.System
	names []string
}

func (o onlyReaders) seen(name string) bool {
	for _, part := range o.names {
		if strings.Contains(name, part) {
			return true
		}
	}
	return len(o.names) == 0
}

// Readers implements cardreader.System.
func (o onlyReaders) Readers(ctx context.Context) ([]cardreader.Reader, error) {
	all, err := o.System.Readers(ctx)
	var some []cardreader.Reader
	for _, r := range all {
		if o.seen(r.Name) {
			some = append(some, r)
		}
	}
	return some, err
}

// Watch implements cardreader.System.
func (o onlyReaders) Watch(ctx context.Context) iter.Seq2[cardreader.Event, error] {
	return func(yield func(cardreader.Event, error) bool) {
		for event, err := range o.System.Watch(ctx) {
			if (err != nil || o.seen(event.Reader)) && !yield(event, err) {
				return
			}
		}
	}
}

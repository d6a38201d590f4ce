package main

import (
	"context"
	"fmt"
	"net/url"
	"os/exec"
)

// browse shows a page of the service to whoever agrees there: in the program that was
// named, and as an address to be opened anywhere. Nil when nobody would see it.
func (p *program) browse(r remoteOptions, desk person) func(context.Context, string) error {
	if r.browser == "" && desk == nil {
		return nil
	}
	return func(_ context.Context, page string) error {
		fmt.Fprintf(p.aside(), "The service wants somebody to agree in a browser, at\n  %s\n", page)
		if r.browser == "" {
			return nil
		}
		shown := exec.Command(r.browser, page)
		shown.Stdout, shown.Stderr = p.stderr, p.stderr
		if err := shown.Start(); err != nil {
			return &failure{code: exitUnavailable, sentence: fmt.Sprintf("%s cannot be started; name another program with --browser", r.browser), cause: err}
		}
		go func() { _ = shown.Wait() }() // it stays open for as long as its reader likes
		return nil
	}
}

// copier is a person who can copy a line to the terminal.
type copier interface {
	copied(ctx context.Context, question string) (string, error)
}

// copies asks for the address at which a browser on another machine ended, where it
// could not be opened.
func copies(desk person) func(context.Context) (string, error) {
	at, can := desk.(copier)
	if !can {
		return nil
	}
	return func(ctx context.Context) (string, error) {
		return at.copied(ctx, "If that browser is on another machine, copy the address at which it ends to here: ")
	}
}

// copied reads a line that may be seen.
func (d *holderDesk) copied(ctx context.Context, question string) (string, error) {
	if err := d.settle(ctx); err != nil {
		return "", err
	}
	d.ask("%s", question)
	typed, err := d.read(ctx, d.longLine)
	return string(typed), err
}

// hostOf is what people call a service.
func hostOf(service string) string {
	if u, err := url.Parse(service); err == nil && u.Host != "" {
		return u.Host
	}
	return service
}

var _ copier = (*holderDesk)(nil)

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cnie/cardreader"
)

func (p *program) readersCommand() *cobra.Command {
	var watch, asJSON bool
	c := &cobra.Command{
		Use: "readers", Short: "List card readers and the cards in them", Args: noArguments,
		Example: "  cnie readers\n  cnie readers --watch",
		RunE: func(c *cobra.Command, _ []string) error {
			if watch {
				return p.watchReaders(c.Context(), asJSON)
			}
			return p.listReaders(c.Context(), asJSON)
		},
	}
	c.Flags().BoolVar(&watch, "watch", false, "go on telling what happens until interrupted")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON; with --watch one object a line")
	return c
}

func (p *program) listReaders(ctx context.Context, asJSON bool) error {
	readers, err := p.system.Readers(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return p.printJSON(map[string]any{"readers": append([]cardreader.Reader{}, readers...)})
	}
	if len(readers) == 0 {
		return cardreader.ErrNoReader
	}
	for _, r := range readers {
		state := "empty"
		if r.HasCard {
			state = "card, ATR " + r.ATR.String()
		}
		if _, err := fmt.Fprintf(p.lines(), "%s: %s\n", r.Name, state); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) watchReaders(ctx context.Context, asJSON bool) error {
	lines := p.json()
	for event, err := range p.system.Watch(ctx) {
		if err != nil {
			return err
		}
		if asJSON {
			if err := lines.Encode(event); err != nil {
				return err
			}
			continue
		}
		line := fmt.Sprintf("%s  %s: %v %v", time.Now().Format(time.TimeOnly), event.Reader, event.Kind, event.ATR)
		if _, err := fmt.Fprintln(p.lines(), strings.TrimSpace(line)); err != nil {
			return err
		}
	}
	return nil // watching ends by a signal, which is how it is meant to end
}

// choose finds the reader to use: the one whose name contains the given text,
// else the one with a card, else the only one. It waits for a card if told to.
func (p *program) choose(ctx context.Context, name string, wait time.Duration) (string, error) {
	readers, err := p.system.Readers(ctx)
	if err != nil {
		return "", err
	}
	reader, err := pick(readers, name)
	waitable := errors.Is(err, cardreader.ErrNoCard) || errors.Is(err, cardreader.ErrNoReader)
	if !waitable || wait <= 0 {
		return reader, err
	}
	p.say("Lay the card on the reader …")
	ctx, cancel := context.WithTimeoutCause(ctx, wait, err)
	defer cancel()
	for event, watchErr := range p.system.Watch(ctx) {
		if watchErr != nil {
			return "", watchErr
		}
		if event.Kind == cardreader.CardInserted && contains(event.Reader, name) {
			return event.Reader, nil
		}
	}
	return "", context.Cause(ctx)
}

// pick chooses among the readers that are there. A reader without a card is
// never chosen: it would only say so later.
func pick(readers []cardreader.Reader, name string) (string, error) {
	var matching, filled []string
	for _, r := range readers {
		if contains(r.Name, name) {
			matching = append(matching, r.Name)
			if r.HasCard {
				filled = append(filled, r.Name)
			}
		}
	}
	switch {
	case len(matching) == 0 && name != "" && len(readers) > 0:
		return "", &failure{code: exitUnavailable, sentence: "no reader's name contains what --reader says; look with `cnie readers`", cause: cardreader.ErrNoReader}
	case len(matching) == 0:
		return "", cardreader.ErrNoReader
	case len(filled) == 0:
		return "", cardreader.ErrNoCard
	case len(filled) > 1:
		return "", usage("%d readers have a card; say which with --reader, or take the others off", len(filled))
	}
	return filled[0], nil
}

func contains(name, part string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(part))
}

// say tells a waiting person something, on a terminal only.
func (p *program) say(format string, args ...any) {
	if p.interactive {
		fmt.Fprintf(p.aside(), format+"\n", args...)
	}
}

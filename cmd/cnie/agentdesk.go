package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/exec"
	"strings"
	"sync"

	"golang.org/x/term"

	"cnie/cardreader/esign"
	"cnie/internal/remote/agent"
	"cnie/internal/secret"
)

// holderDesk is the terminal at which the holder sits.
type holderDesk struct {
	in   *os.File
	out  io.Writer
	view []string

	mu      sync.Mutex // for out
	lines   chan line
	pending bool // somebody still reads a line for a question that is over
}

var _ agent.Holder = (*holderDesk)(nil)

// line is what was typed.
type line struct {
	text []byte
	err  error
}

// Bounds on a line, in bytes. A terminal gives no longer one.
const (
	maxTyped  = 256
	maxCopied = 4096
)

// Agree shows the question until the holder types the number that agrees, or
// anything else. The number is a new one each time: what was typed ahead, or is
// typed out of habit, is no consent.
func (d *holderDesk) Agree(ctx context.Context, q agent.Question) (bool, error) {
	number, err := rand.Int(rand.Reader, big.NewInt(90))
	if err != nil {
		return false, err
	}
	word := fmt.Sprint(number.Int64() + 10)
	if err := d.settle(ctx); err != nil {
		return false, err
	}
	d.say("%s", describeOrder(q))
	for {
		d.ask("%sTo agree type %s; anything else refuses: ", viewHint(q), word)
		typed, err := d.read(ctx, d.line)
		if err != nil {
			d.say("")
			if errors.Is(err, io.EOF) {
				return false, nil // the terminal is gone, and so is the holder
			}
			return false, err
		}
		answer := strings.TrimSpace(string(typed))
		if n, is := asksToSee(answer, len(q.Files)); is {
			d.show(ctx, q.Files[n])
			continue
		}
		return answer == word, nil
	}
}

func viewHint(q agent.Question) string {
	switch len(q.Files) {
	case 0:
		return ""
	case 1:
		return "To see the document type v. "
	}
	return "To see a document type v and its number. "
}

// asksToSee reads "v" or "v 2".
func asksToSee(answer string, files int) (index int, is bool) {
	if files == 0 || !strings.HasPrefix(answer, "v") {
		return 0, false
	}
	if answer == "v" {
		return 0, true
	}
	var n int
	if _, err := fmt.Sscanf(answer, "v %d", &n); err != nil || n < 1 || n > files {
		return 0, false
	}
	return n - 1, true
}

// show runs the operator's program. It has the terminal until it ends.
func (d *holderDesk) show(ctx context.Context, file string) {
	if len(d.view) == 0 {
		d.say("The document is in %s until you have answered; name a program that shows it under view: in the agent's file.", file)
		return
	}
	viewer := exec.CommandContext(ctx, d.view[0], append(d.view[1:len(d.view):len(d.view)], file)...)
	viewer.Stdin, viewer.Stdout, viewer.Stderr = d.in, d.out, d.out
	if err := viewer.Run(); err != nil {
		d.say("The document could not be shown: %v", err)
	}
}

// PIN asks without echo. It implements esign.Asker.
func (d *holderDesk) PIN(ctx context.Context, ask esign.Ask) (secret.Bytes, error) {
	if !ask.Pad {
		return d.hidden(ctx, ask.Reason, ask.String())
	}
	if err := d.settle(ctx); err != nil {
		return secret.Bytes{}, err
	}
	d.reason(ask.Reason)
	d.say("%s", ask)
	return secret.Bytes{}, nil
}

// secret asks for something that is typed without echo.
func (d *holderDesk) secret(ctx context.Context, question string) (secret.Bytes, error) {
	return d.hidden(ctx, "", question)
}

func (d *holderDesk) hidden(ctx context.Context, reason, question string) (secret.Bytes, error) {
	if err := d.settle(ctx); err != nil {
		return secret.Bytes{}, err
	}
	d.reason(reason)
	d.ask("%s: ", question)
	state, err := term.GetState(int(d.in.Fd()))
	if err != nil {
		return secret.Bytes{}, err
	}
	typed, err := d.read(ctx, func() ([]byte, error) { return term.ReadPassword(int(d.in.Fd())) })
	d.say("")
	if errors.Is(err, io.EOF) {
		return secret.Bytes{}, agent.ErrDeclined
	}
	if err != nil {
		// Whoever reads on in vain must not leave the terminal without echo.
		return secret.Bytes{}, errors.Join(err, term.Restore(int(d.in.Fd()), state))
	}
	if len(typed) == 0 {
		return secret.Bytes{}, agent.ErrDeclined
	}
	return secret.New(typed), nil
}

func (d *holderDesk) reason(what string) {
	if what != "" {
		d.say("To be signed: %s", what)
	}
}

// settle waits until nobody reads for a question that is over: what is typed next
// belongs to the next question.
func (d *holderDesk) settle(ctx context.Context) error {
	if !d.pending {
		return nil
	}
	d.ask("That question is over. Press Enter to see the next one. ")
	_, err := d.read(ctx, nil)
	return err
}

// read starts reading, unless that is under way, and waits for a line or for the
// context. A terminal cannot be told to stop reading.
func (d *holderDesk) read(ctx context.Context, how func() ([]byte, error)) ([]byte, error) {
	if !d.pending {
		d.pending = true
		go func() {
			text, err := how()
			d.lines <- line{text, err}
		}()
	}
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case l := <-d.lines:
		d.pending = false
		return l.text, l.err
	}
}

// line reads one byte at a time: what comes after the line is for another reader.
func (d *holderDesk) line() ([]byte, error) { return d.upTo(maxTyped) }

// longLine is for what is copied.
func (d *holderDesk) longLine() ([]byte, error) { return d.upTo(maxCopied) }

func (d *holderDesk) upTo(most int) ([]byte, error) {
	var text []byte
	for one := make([]byte, 1); ; {
		n, err := d.in.Read(one)
		switch {
		case err != nil:
			return nil, err
		case n == 1 && one[0] == '\n':
			return text, nil
		case n == 1 && len(text) < most:
			text = append(text, one[0])
		}
	}
}

func (d *holderDesk) say(format string, args ...any) { d.ask(format+"\n", args...) }

func (d *holderDesk) ask(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fmt.Fprintf(d.out, format, args...)
}

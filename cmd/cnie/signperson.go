package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"cnie/cardreader/esign"
	"cnie/internal/secret"
)

// patience is how long a card is waited for: a person may have to find it.
func (p *program) patience() time.Duration {
	if p.interactive {
		return 30 * time.Second
	}
	return 0
}

// sitting is who sits at the terminal; nil when nobody does.
func (p *program) sitting() person {
	if p.person != nil {
		return p.person
	}
	file, is := p.stdin.(*os.File)
	if !is || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	return &holderDesk{in: file, out: p.stderr, lines: make(chan line)}
}

// agree asks a question whose answer must be typed out.
func (d *holderDesk) agree(ctx context.Context, question string) (bool, error) {
	d.ask("%s [yes/no] ", question)
	typed, err := d.read(ctx, d.line)
	if err != nil {
		return false, err
	}
	answer := strings.ToLower(strings.TrimSpace(string(typed)))
	return answer == "yes" || answer == "y", nil
}

// nobody is the sentence for a question that nobody is there to answer.
func nobody() error {
	return usage("signing needs somebody at a terminal: what is signed is agreed to, and the PIN typed, there and nowhere else")
}

// asker asks the person at the terminal for the PIN, after saying how many tries
// are left or that the card does not tell.
func (p *program) asker() esign.Asker {
	return func(ctx context.Context, ask esign.Ask) (secret.Bytes, error) {
		who := p.sitting()
		if who == nil {
			return secret.Bytes{}, nobody()
		}
		ask.Reason = "" // every document was listed
		if ask.Left == esign.Unknown {
			fmt.Fprintln(p.aside(), "How many tries are left, the token does not tell.")
		}
		return who.PIN(ctx, ask)
	}
}

// errDeclined says that the person did not agree.
var errDeclined = &failure{code: exitInterrupted, sentence: "nothing was signed: you did not agree"}

// consent lists every document that will be signed, with what, and asks unless the
// PIN will be asked for anyway, which is an answer too.
func (s *signing) consent(ctx context.Context, jobs []*signJob) error {
	fmt.Fprintf(s.aside(), "To be signed with the certificate of %s (%s), %s:\n", s.key.holder(), describeCertificate(s.key.chain[0]), s.key.where)
	n := 0
	for _, job := range jobs {
		for _, d := range job.documents {
			n++
			fmt.Fprintf(s.aside(), "%4d  %s, %d bytes\n      SHA-256 %x\n", n, shown(d.name), d.size, d.digest)
		}
		fmt.Fprintf(s.aside(), "      as %s %v: %s\n", job.format.title, s.level, shown(job.out))
	}
	if s.key.asks {
		return nil
	}
	who := s.sitting()
	if who == nil {
		return nobody()
	}
	agreed, err := who.agree(ctx, fmt.Sprintf("Sign %s?", count(n, "document")))
	if err == nil && !agreed {
		err = errDeclined
	}
	return err
}

// shown is a file's name that cannot steer a terminal.
func shown(name string) string {
	quoted := fmt.Sprintf("%q", name)
	if quoted == `"`+name+`"` {
		return name
	}
	return quoted
}

func count(n int, what string) string {
	if n == 1 {
		return "this " + what
	}
	return fmt.Sprintf("these %d %ss", n, what)
}

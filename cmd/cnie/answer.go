package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	answers "cnie/internal/answer"
)

func (p *program) answerCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "answer",
		Short: "Verify the signed answers of a desk",
		Long: "A desk can answer a question about a person, such as whether somebody is of age,\n" +
			"without letting out the fields of the card: a signed yes, no or unknown leaves.",
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.answerVerifyCommand(), p.answerKeysCommand())
	return c
}

// answering is one run of `cnie answer verify`.
type answering struct {
	*program
	keyFiles        []string
	audience, nonce string
	at              string
	specimen, json  bool
}

func (p *program) answerVerifyCommand() *cobra.Command {
	v := &answering{program: p}
	c := &cobra.Command{
		Use:   "verify FILE",
		Short: "Verify a signed answer and print it",
		Long: "Verify the statement in FILE (- for standard input) as the party that asked, under\n" +
			"the keys of the desks that you trust. Compare the controller, the purpose and the\n" +
			"question with what you asked: they are printed.\n\n" +
			"Exit codes: 0 it holds, 10 it does not (not signed by its key, expired, for somebody\n" +
			"else, about a specimen), 65 it is malformed, 77 no trusted key signed it.",
		Example: "  cnie answer verify answer.jws --key desk-keys.json --audience https://bank.example",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("`%s` takes one file; run `%s --help` to see what can be given", c.CommandPath(), c.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return v.run(args[0]) },
	}
	f := c.Flags()
	f.StringArrayVar(&v.keyFiles, "key", nil, "`JWKS` file with the public keys of desks that you trust; may be repeated")
	f.StringVar(&v.audience, "audience", "", "your own `IDENTIFIER`, for which the answer must be meant")
	f.StringVar(&v.nonce, "nonce", "", "the `NONCE` that you sent with the question, if you did")
	f.StringVar(&v.at, "at", "", "verify for this `TIME` instead of now, such as 2026-01-31T12:00:00Z")
	f.BoolVar(&v.specimen, "specimen", false, "take answers about specimen cards, for a trial")
	f.BoolVar(&v.json, "json", false, "print JSON")
	return c
}

func (v *answering) run(file string) error {
	want := answers.Expected{Audience: v.audience, Nonce: v.nonce, Now: time.Now(), Specimen: v.specimen}
	if len(v.keyFiles) == 0 || v.audience == "" {
		return usage("give --key JWKS with the keys that you trust and --audience with your own identifier")
	}
	if v.at != "" {
		t, err := time.Parse(time.RFC3339, v.at)
		if err != nil {
			return usage("%q is no time; write it like 2026-01-31T12:00:00Z", v.at)
		}
		want.Now = t
	}
	keys := answers.Keys{}
	for _, name := range v.keyFiles {
		set, err := v.small(name)
		if err != nil {
			return err
		}
		found, err := answers.ParseKeys(set)
		if err != nil {
			return &failure{code: exitMalformed, sentence: name + ": " + err.Error(), cause: err}
		}
		for id, k := range found {
			keys[id] = k
		}
	}
	token, err := v.small(file)
	if err != nil {
		return err
	}
	s, err := answers.Verify(strings.TrimSuffix(string(token), "\n"), keys, want)
	if err != nil {
		return refusedAnswer(file, err)
	}
	return v.show(s)
}

// small reads a file that cannot rightly be long.
func (v *answering) small(name string) ([]byte, error) {
	if name == "-" {
		b, err := io.ReadAll(io.LimitReader(v.stdin, 1<<20))
		if err != nil {
			return nil, cannotRead("standard input", err)
		}
		return b, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, cannotRead(name, err)
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, 1<<20))
	if err != nil {
		return nil, cannotRead(name, err)
	}
	return b, nil
}

// refusedAnswer says what is wrong in one sentence.
func refusedAnswer(file string, err error) error {
	code := exitRefused
	switch {
	case errors.Is(err, answers.ErrMalformed):
		code = exitMalformed
	case errors.Is(err, answers.ErrStranger):
		code = exitNotPermitted
	}
	return &failure{code: code, sentence: fmt.Sprintf("%s: %v; do not rely on it", file, err), cause: err}
}

func (v *answering) show(s answers.Statement) error {
	if v.json {
		return v.printJSON(shownAnswer(s))
	}
	for _, line := range []struct{ name, value string }{
		{"answer", string(s.Answer)}, {"question", strings.TrimSpace(s.Question.ID + " " + s.Question.Arg)},
		{"reasons", strings.Join(s.Reasons, ", ")}, {"card", string(s.Verdict)}, {"clerk", s.Match},
		{"controller", s.Controller}, {"desk", s.Desk}, {"purpose", s.Purpose}, {"transaction", s.Transaction},
		{"time", s.Time.Format(time.RFC3339)}, {"good until", s.Expiry.Format(time.RFC3339)}, {"pseudonym", s.Pseudonym},
	} {
		if line.value == "" {
			continue
		}
		if _, err := fmt.Fprintf(v.lines(), "%-12s %s\n", line.name, line.value); err != nil {
			return err
		}
	}
	if s.Specimen {
		_, err := fmt.Fprintln(v.lines(), "SPECIMEN: nobody real is meant")
		return err
	}
	return nil
}

func shownAnswer(s answers.Statement) map[string]any {
	return map[string]any{
		"answer": s.Answer, "question": s.Question, "reasons": s.Reasons, "card": s.Verdict, "match": s.Match,
		"controller": s.Controller, "desk": s.Desk, "audience": s.Audience, "purpose": s.Purpose, "transaction": s.Transaction,
		"nonce": s.Nonce, "time": s.Time, "expiry": s.Expiry, "pseudonym": s.Pseudonym, "specimen": s.Specimen,
	}
}

func (p *program) answerKeysCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "keys FILE…",
		Short: "Print the public keys of a desk for those who verify its answers",
		Long: "Print the JSON Web Key Set that belongs to the private keys in FILE…: PEM, PKCS #8,\n" +
			"P-256 or Ed25519.",
		Example: "  openssl genpkey -algorithm ed25519 -out desk.pem\n  cnie answer keys desk.pem > desk-keys.json",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("`%s` takes key files; run `%s --help` to see what can be given", c.CommandPath(), c.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return p.printAnswerKeys(args) },
	}
}

func (p *program) printAnswerKeys(files []string) error {
	var keys []*answers.Key
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			return cannotRead(name, err)
		}
		key, err := answers.ParseKey(file)
		clear(file)
		if err != nil {
			return &failure{code: exitMalformed, sentence: name + ": " + err.Error(), cause: err}
		}
		keys = append(keys, key)
	}
	set, err := answers.JWKS(keys...)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.lines(), string(set))
	return err
}

package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"cnie/apdu/trace"
	"cnie/cardreader/recording"
	"cnie/internal/traces"
	"cnie/lds"
	"cnie/pki"
)

func (p *program) traceCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "trace", Short: "Record what a card and this program say to each other, and show it", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.traceRecordCommand(), p.traceShowCommand())
	return c
}

func (p *program) traceRecordCommand() *cobra.Command {
	var recipients []string
	c := &cobra.Command{
		Use:   "record FILE -- verify …",
		Short: "Verify a card and keep a trace of it",
		Long: "Run `cnie verify` and write what was exchanged with the card to FILE.\n\n" +
			"Of a specimen card everything is written, for `cnie-sim trace replay`. Of any\n" +
			"other card that would be personal data: it is redacted to headers, lengths,\n" +
			"status words and times, or, with --age-recipient, written in full for those\n" +
			"recipients only. PINs are in no trace.\n\n" +
			"Exit codes: those of `cnie verify`; 74 the trace could not be written.",
		Example: "  cnie trace record card.trace -- verify --can 123456 --trust anchors/\n" +
			"  cnie trace record --age-recipient age1… card.trace.age -- verify --can 123456",
		Args: func(c *cobra.Command, args []string) error {
			if c.ArgsLenAtDash() != 1 || len(args) < 2 || args[1] != "verify" {
				return usage("`%s` takes a file, then -- and a verify command, such as `cnie trace record card.trace -- verify --can 123456`", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return p.record(c.Context(), args[0], args[1:], recipients)
		},
	}
	c.Flags().StringArrayVar(&recipients, "age-recipient", nil, "keep the content, encrypted to this age1… key or `FILE` of such keys")
	return c
}

// observed is what a recording learns of the verification in it.
type observed struct {
	session  trace.Session
	specimen bool
}

// asked notes what is read and how, but not the secret that opens the card. It
// does nothing when nobody records.
func (o *observed) asked(files []lds.File, allowBAC bool, password string, challenge []byte) {
	if o == nil {
		return
	}
	o.session = trace.Session{AllowBAC: allowBAC, Password: password, Challenge: challenge}
	for _, f := range files {
		if name := f.Short(); !slices.Contains(o.session.Files, name) {
			o.session.Files = append(o.session.Files, name)
		}
	}
}

// judged notes whose card it turned out to be.
func (o *observed) judged(report pki.Report) {
	if o != nil {
		o.specimen = report.Specimen
	}
}

// record runs a command line with readers that are listened to. The recording
// stays in memory until it is known whether it may be written in full.
func (p *program) record(ctx context.Context, file string, command, recipientTexts []string) error {
	var recipients []age.Recipient
	for _, text := range recipientTexts {
		found, err := parseRecipients(text)
		if err != nil {
			return usage("--age-recipient takes age public keys (age1…), or a file of such keys; make one with `age-keygen`")
		}
		recipients = append(recipients, found...)
	}
	if dir, err := os.Stat(filepath.Dir(file)); err != nil || !dir.IsDir() {
		return &failure{code: exitIO, sentence: fmt.Sprintf("cannot write %s: there is no such folder; choose another place", file)}
	}
	recorder := recording.Record(p.system, rand.Reader, "cnie "+version)
	inner := *p
	inner.system, inner.random, inner.recorded = recorder.System(), recorder.Rand(), &observed{}
	code := inner.run(ctx, command)
	recorded, err := recorder.Trace()
	if err != nil {
		return &failure{code: exitIO, sentence: "more was exchanged than a trace can hold; nothing was written", cause: err}
	}
	if code != exitInterrupted && len(recorded.Entries) > 0 {
		recorded.Header.Session, recorded.Header.Specimen = inner.recorded.session, inner.recorded.specimen
		if err := p.writeTrace(file, recorded, recipients); err != nil {
			return err
		}
	}
	return ended(code)
}

// ended repeats an exit code whose sentence was said.
func ended(code int) error {
	if code == exitOK {
		return nil
	}
	return &failure{code: code}
}

func (p *program) writeTrace(file string, recorded *trace.Trace, recipients []age.Recipient) error {
	how := "with content, in clear, since the card is a specimen"
	switch {
	case len(recipients) > 0:
		how = "with content, encrypted"
	case !recorded.Header.Specimen:
		recorded = recorded.Redact()
		how = "redacted to headers, lengths and status words, since the card is not known to be a specimen; --age-recipient keeps the content"
	}
	err := writeFile(file, func(w io.Writer) error { return traces.Write(w, recorded, recipients...) })
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.aside(), "Trace: %s, %s\n", file, how)
	return err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"cnie/cardreader/esign"
	"cnie/internal/secret"
	"cnie/pki/adsig/cades"
)

// signing is one run of `cnie sign`: what was asked for, and what comes of it.
type signing struct {
	*program
	levelOptions
	format, out, visible string
	attached, force, pss bool
	asJSON               bool
	keyOptions

	key  *openKey
	jobs []*signJob
	hand cades.Signer // its key is the batch
	done []signedFile
}

// signedFile is what --json tells of one output.
type signedFile struct {
	File    string      `json:"file"`
	Format  string      `json:"format"`
	Level   cades.Level `json:"level"`
	Of      []string    `json:"of"`
	Skipped bool        `json:"was_signed_before,omitempty"`
}

// person is who agrees and types the PIN.
type person interface {
	PIN(ctx context.Context, ask esign.Ask) (secret.Bytes, error)
	secret(ctx context.Context, question string) (secret.Bytes, error)
	agree(ctx context.Context, question string) (bool, error)
}

func (p *program) signCommand() *cobra.Command {
	s := &signing{program: p}
	c := &cobra.Command{
		Use:   "sign FILE...",
		Short: "Sign documents with a key on a card",
		Long: "Sign documents. Before the PIN is asked for, every one is listed with its size and\n" +
			"hash; what is signed is what was listed, or nothing. The PIN is typed on the\n" +
			"terminal or the reader, is asked for once, and is given to the card before each\n" +
			"signature that wants it; the tries that are left are always shown.\n\n" +
			"PDF files are signed inside (pades, FILE.signed.pdf), others beside (cades,\n" +
			"FILE.p7s); asice puts all files into one container, jades is JSON. A file comes\n" +
			"to be whole or not at all and never takes another's place without --force. When\n" +
			"the card was pulled, run the same command again: what is signed stays.\n\n" +
			"A level that was not reached is exit code 12: the signature is written under a\n" +
			"name that tells the level that it has, and `cnie augment` raises it later.\n\n" +
			"The key may be at a service that speaks the API of the Cloud Signature Consortium\n" +
			"(--key remote:URL/CREDENTIAL): documents are prepared here and only hashes travel,\n" +
			"unless the holder signs nothing unseen. Its holder agrees there, not here.\n\n" +
			"Exit codes: 0 signed, 10 the holder of a remote key refused, 12 lower level than\n" +
			"asked, 13 wrong PIN, 64 usage, 65 the file cannot be signed, 69 no card or key, 74\n" +
			"cannot read or write, 75 card removed, 77 the last try is kept.",
		Example: "  cnie sign report.pdf\n" +
			"  cnie sign *.pdf --level B-LT --tsa http://tsa.example --trust roots/\n" +
			"  cnie sign a.txt b.png --format asice -o both.asice\n" +
			"  cnie sign letter.txt --key 'pkcs11:token=Office?module-path=/usr/lib/softhsm/libsofthsm2.so'\n" +
			"  cnie sign lease.pdf --key remote:https://sign.example/csc/v2/amina --client office --client-secret secret.txt",
		Args: someFiles,
		RunE: func(c *cobra.Command, args []string) error { return signFailure(s.run(c.Context(), args)) },
	}
	f := c.Flags()
	f.StringVar(&s.format, "format", "", "pades, cades, asice or jades (default: pades for PDF, asice for such a container, else cades)")
	s.levelOptions.flags(f)
	s.keyOptions.flags(f)
	f.StringVarP(&s.out, "output", "o", "", "write to this `FILE`, or into this folder")
	f.BoolVar(&s.attached, "attached", false, "put the document into the signature (cades and jades)")
	f.BoolVar(&s.pss, "pss", false, "RSA keys sign by RSASSA-PSS")
	f.StringVar(&s.visible, "visible", "", "show the signature on a page of the PDF: `page=1,x=50,y=50,w=220,h=60`, in points, and image=FILE")
	f.BoolVar(&s.force, "force", false, "replace files that exist")
	f.BoolVar(&s.asJSON, "json", false, "print JSON")
	return c
}

func someFiles(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return nil
	}
	return usage("`%s` takes files; run `%s --help` to see what can be given", c.CommandPath(), c.CommandPath())
}

// run checks everything that can be checked before a person is asked.
func (s *signing) run(ctx context.Context, files []string) (err error) {
	if err := s.levelOptions.prepare(); err != nil {
		return err
	}
	if err := s.plan(files); err != nil {
		return err
	}
	if s.key, err = s.openKey(ctx, s.keyOptions, s.asker()); err != nil {
		return err
	}
	defer s.key.close()
	s.hand = cades.Signer{Chain: s.key.chain, PSS: s.pss}
	s.augmenter.Pool, s.signer = s.key.chain, s.key.chain[0].Raw
	if err := s.measure(); err != nil {
		return err
	}
	left, err := s.skipSigned()
	if err != nil {
		return err
	}
	if len(left) > 0 {
		if err := s.consent(ctx, left); err != nil {
			return err
		}
	}
	err = s.signAll(ctx, left)
	return errors.Join(err, s.tell())
}

// signAll makes the signatures, one after the other, in one session.
func (s *signing) signAll(ctx context.Context, jobs []*signJob) error {
	if s.key.remote != nil {
		return s.signAfar(ctx, jobs)
	}
	batch := s.key.session(ctx, len(jobs), fmt.Sprintf("%d documents", len(jobs)))
	defer batch.Close()
	s.hand.Key = batch
	show := s.bar("Signing")
	for i, job := range jobs {
		if err := s.signOne(ctx, job); err != nil {
			show(int64(len(jobs)), int64(len(jobs)))
			return unfinished(err, i, len(jobs))
		}
		show(int64(i+1), int64(len(jobs)))
	}
	return nil
}

// signOne writes one output. Where a level was not reached it gets another name.
func (s *signing) signOne(ctx context.Context, job *signJob) error {
	s.hand.At = time.Now()
	return s.deliver(job, func(out *draft) error { return job.format.sign(ctx, s, job, out) })
}

// deliver writes what make makes, and notes it.
func (s *signing) deliver(job *signJob, make func(*draft) error) error {
	written, err := s.write(job.out, job.beside(), s.force, job.mode(), make)
	if written != "" {
		level := s.level
		if written != job.out {
			level = s.levelOf(written, job.beside())
		}
		s.done = append(s.done, signedFile{File: written, Format: job.format.name, Level: level, Of: job.names()})
	}
	return err
}

// tell says what was done, also when something went wrong later.
func (s *signing) tell() error {
	if s.asJSON {
		return s.printJSON(map[string]any{"signed": append([]signedFile{}, s.done...)})
	}
	for _, d := range s.done {
		what := "Signed"
		if d.Skipped {
			what = "Was signed before:"
		}
		if _, err := fmt.Fprintf(s.lines(), "%s %s, %v, with the certificate of %s\n", what, d.File, d.Level, s.key.holder()); err != nil {
			return err
		}
	}
	return nil
}

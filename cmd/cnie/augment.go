package main

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"cnie/pki/adsig/asic"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pades"
)

// augmenting is one run of `cnie augment`.
type augmenting struct {
	*program
	levelOptions
	content, out string
	force        bool
}

func (p *program) augmentCommand() *cobra.Command {
	a := &augmenting{program: p}
	c := &cobra.Command{
		Use:   "augment FILE",
		Short: "Raise signatures to a higher level",
		Long: "Add to the signatures in a file what they lack for a level: a timestamp (B-T), what\n" +
			"validating them will take (B-LT), a timestamp over all of that (B-LTA; each run adds\n" +
			"one more, which keeps the signature for as long as that one is good). Nothing that\n" +
			"is there is changed, and no key is needed.\n\n" +
			"The result gets the level into its name, unless -o says otherwise; FILE stays.\n" +
			"Exit codes: 12 a lower level was reached, and the file's name tells which; those\n" +
			"of `cnie sign`.",
		Example: "  cnie augment report.signed.pdf --level B-LTA --tsa http://tsa.example --trust roots/",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("`%s` takes one file; run `%s --help` to see what can be given", c.CommandPath(), c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return signFailure(a.run(c.Context(), args[0])) },
	}
	f := c.Flags()
	a.levelOptions.flags(f)
	f.StringVar(&a.content, "content", "", "`FILE` that the signature is over, where it lies beside; B-LTA covers it too")
	f.StringVarP(&a.out, "output", "o", "", "write to this `FILE`")
	f.BoolVar(&a.force, "force", false, "replace a file that exists")
	return c
}

func (a *augmenting) run(ctx context.Context, name string) error {
	if err := a.levelOptions.prepare(); err != nil {
		return err
	}
	if a.level == cades.BB {
		return usage("say how far with --level B-T, B-LT or B-LTA, and name a time-stamp authority with --tsa URL")
	}
	kind, err := kindOf(name)
	if err != nil {
		return err
	}
	raise := map[fileKind]func(context.Context, *os.File, *draft) error{
		kindPDF: a.document, kindContainer: a.container, kindCMS: a.message, kindPEM: a.message,
	}[kind]
	if raise == nil {
		return &failure{code: exitMalformed, sentence: name + " is no signature that can be raised; give a signed PDF, .p7s, .p7m or .asice file"}
	}
	if a.content == "" {
		a.content = besides(name)
	}
	file, err := os.Open(name)
	if err != nil {
		return cannotRead(name, err)
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return cannotRead(name, err)
	}
	if a.out == "" {
		a.out = withLevel(name, a.level)
	}
	written, err := a.write(a.out, a.content, a.force, about.Mode().Perm(), func(out *draft) error { return raise(ctx, file, out) })
	if err != nil {
		return inspectFailure(name, signFailure(err))
	}
	_, err = fmt.Fprintf(a.lines(), "Raised to %v: %s\n", a.level, written)
	return err
}

func (a *augmenting) document(ctx context.Context, file *os.File, out *draft) error {
	about, err := file.Stat()
	if err != nil {
		return err
	}
	return pades.Augment(ctx, out, file, about.Size(), a.level, a.augmenter)
}

func (a *augmenting) container(ctx context.Context, file *os.File, out *draft) error {
	about, err := file.Stat()
	if err != nil {
		return err
	}
	c, err := asic.Open(file, about.Size())
	if err != nil {
		return err
	}
	return c.Augment(ctx, out, a.level, a.augmenter)
}

// message raises a CMS message: one with content as it streams by, one without in
// memory.
func (a *augmenting) message(ctx context.Context, file *os.File, out *draft) error {
	in, attached, err := openMessage(file, nil)
	if err != nil {
		return err
	}
	if attached {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		return a.augmenter.AugmentStream(ctx, out, file, a.level)
	}
	message := in.Message
	if message == nil {
		if message, err = fromPEM(file); err != nil {
			return err
		}
	}
	raised, lower := a.augmenter.Augment(ctx, message, a.level, a.digests())
	if raised == nil {
		return lower
	}
	if _, err := out.Write(raised); err != nil {
		return err
	}
	return lower
}

func fromPEM(file *os.File) ([]byte, error) {
	text, err := readSome(file.Name(), maxRootFile)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, &failure{code: exitMalformed, sentence: file.Name() + " is no signed message that can be read"}
	}
	return block.Bytes, nil
}

// digests hashes the content that lies beside, for B-LTA.
func (a *augmenting) digests() cades.Digests {
	if a.content == "" {
		return nil
	}
	return fileDigests(a.content)
}

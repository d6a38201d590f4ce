package main

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"cnie/pki/trust"
	"cnie/pki/trust/sshsig"
)

// maxSSHFile is the largest key or signature file that is read, in bytes.
const maxSSHFile = 64 << 10

func (t *trustStore) exportCommand() *cobra.Command {
	var out, key string
	c := &cobra.Command{
		Use:   "export [DIR] -o FILE --key KEY",
		Short: "Write the store as one signed file, for counters without a network",
		Long: "Write the store (DIR, or the one that --trust names) as one file, and its\n" +
			"signature beside it as FILE.sig. The signature is ssh-keygen's: without --key,\n" +
			"sign with a key in an agent or on a token by\n" +
			"  ssh-keygen -Y sign -n " + bundleNamespace + " -f KEY FILE",
		Example: "  cnie trust export -o trust.tar --key ~/.ssh/id_ed25519",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 || out == "" {
				return usage("`%s` takes at most one folder, and -o FILE", c.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				t.dir = args[0]
			}
			return t.export(out, key)
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "`FILE` to write; the signature goes to FILE.sig")
	c.Flags().StringVar(&key, "key", "", "Ed25519 private key `FILE` as ssh-keygen writes it, without passphrase")
	return c
}

func (t *trustStore) export(out, key string) error {
	dir, err := t.open()
	if err != nil {
		return err
	}
	var bundle bytes.Buffer
	if err := dir.Export(&bundle); err != nil {
		return trustFailure(err)
	}
	var signature []byte
	if key != "" {
		private, err := readFile(key, maxSSHFile)
		if err != nil {
			return trustFailure(err)
		}
		if signature, err = sshsig.Sign(private, bundleNamespace, bundle.Bytes()); err != nil {
			return trustFailure(err)
		}
	}
	if err := writeFile(out, func(w io.Writer) error { _, err := w.Write(bundle.Bytes()); return err }); err != nil {
		return err
	}
	fmt.Fprintf(t.lines(), "Wrote version %d of %s to %s (%d bytes).\n", dir.Version(), dir.Path(), out, bundle.Len())
	if key == "" {
		_, err = fmt.Fprintf(t.lines(), "It is not signed; sign it with `ssh-keygen -Y sign -n %s -f KEY %s`.\n", bundleNamespace, out)
		return err
	}
	return writeFile(out+".sig", func(w io.Writer) error { _, err := w.Write(signature); return err })
}

// bundleCheck is one run of `cnie trust verify`.
type bundleCheck struct {
	*trustStore
	signer, signature, into string
	allowOlder              bool
}

func (t *trustStore) verifyBundleCommand() *cobra.Command {
	b := &bundleCheck{trustStore: t}
	c := &cobra.Command{
		Use:   "verify FILE --signer PUB [--into DIR]",
		Short: "Check a signed store, and take it in",
		Long: "Check the signature of a file that `cnie trust export` wrote, and with --into make\n" +
			"it the newest version of the store in DIR. DIR becomes a copy of what was\n" +
			"exported; a bundle that is older than what DIR holds is refused.",
		Example: "  cnie trust verify trust.tar --signer office.pub --into /var/lib/cnie/trust",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 || b.signer == "" {
				return usage("`%s` takes one file, and --signer with the public key that signed it", c.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return b.run(args[0]) },
	}
	f := c.Flags()
	f.StringVar(&b.signer, "signer", "", "public key `FILE` (ssh-ed25519 …) that must have signed it")
	f.StringVar(&b.signature, "signature", "", "signature `FILE` (default: FILE.sig)")
	f.StringVar(&b.into, "into", "", "`DIR` to make a copy of the store")
	f.BoolVar(&b.allowOlder, "allow-older", false, "take it in the place of a newer one")
	f.BoolVar(&t.asJSON, "json", false, "print JSON")
	return c
}

func (b *bundleCheck) run(file string) error {
	if b.signature == "" {
		b.signature = file + ".sig"
	}
	bundle, err := b.read(file)
	if err != nil {
		return trustFailure(err)
	}
	store, err := bundle.Store()
	if err != nil {
		return trustFailure(err)
	}
	certificates, lists := store.Count()
	answer := map[string]any{
		"store": bundle.ID, "version": bundle.Version, "made": bundle.Made,
		"certificates": certificates, "revocation_lists": lists, "held": bundle.Held(),
	}
	words := fmt.Sprintf("Good signature: version %d of %s, %d certificates, %d revocation lists.\n", bundle.Version, day(bundle.Made), certificates, lists)
	if b.into != "" {
		dir, err := bundle.Into(b.into, b.allowOlder, time.Now())
		if err != nil {
			return trustFailure(err)
		}
		answer["trust"], answer["trust_version"] = dir.Path(), dir.Version()
		words += fmt.Sprintf("It is version %d of %s.\n", dir.Version(), dir.Path())
	}
	if b.asJSON {
		return b.printJSON(answer)
	}
	_, err = fmt.Fprint(b.lines(), words)
	return err
}

// read verifies the signature before it looks into the file.
func (b *bundleCheck) read(file string) (*trust.Bundle, error) {
	public, err := readFile(b.signer, maxSSHFile)
	if err != nil {
		return nil, err
	}
	signature, err := readFile(b.signature, maxSSHFile)
	if err != nil {
		return nil, err
	}
	content, err := readFile(file, trust.MaxBundle)
	if err != nil {
		return nil, err
	}
	if err := sshsig.Verify(public, bundleNamespace, content, signature); err != nil {
		return nil, fmt.Errorf("verify %s: %w", file, err)
	}
	return trust.ReadBundle(content)
}

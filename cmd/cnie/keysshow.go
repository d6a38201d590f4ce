package main

import (
	"cmp"
	"errors"
	"fmt"
	"text/tabwriter"

	"cnie/cardreader"
	"cnie/cardreader/esign/piv"
	"cnie/cardreader/esign/pkcs11"
)

// print shows what was found; of several problems each, of one alone the program's
// last line tells.
func (k *keyring) print() error {
	if k.asJSON {
		return k.printJSON(k.list)
	}
	if len(k.list.Keys) == 0 && len(k.list.Problems) < 2 {
		return nil
	}
	for _, p := range k.list.Problems {
		fmt.Fprintf(k.aside(), "%s: %s\n", p.Where, p.Problem)
	}
	if len(k.list.Keys) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(k.lines(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "KEY\tALGORITHM\tPIN\tUNTIL\tON\tHOLDER")
	for _, key := range k.list.Keys {
		until, pin := "no certificate", "as the card asks"
		if key.NotAfter != nil {
			until = day(*key.NotAfter)
		}
		switch {
		case key.Remote:
			pin = "there"
		case key.PINEachTime:
			pin = "each time"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", key.Slot, key.Algorithm, pin, until, cmp.Or(key.Reader, key.Token), key.Holder)
	}
	return table.Flush()
}

// keyFailures are what a person can do about tokens and modules.
var keyFailures = []struct {
	err      error
	code     int
	sentence string
}{
	{piv.ErrNoApplication, exitUnavailable, "the card has no keys that this program knows how to use (no PIV application); its maker's PKCS #11 module may, with --pkcs11 FILE"},
	{pkcs11.ErrUnavailable, exitUnavailable, "this build of cnie cannot load PKCS #11 modules; use one built with CGO_ENABLED=1 or with -tags dlopen"},
	{pkcs11.ErrModule, exitUnavailable, "the file given with --pkcs11 cannot be loaded as a PKCS #11 module; check its path and that it is for this kind of machine"},
	{cardreader.ErrNoPINPad, exitUnavailable, "the reader has no keys to type a PIN on; leave --pin-pad out to type it here"},
	{cardreader.ErrPINTimeout, exitTryAgain, "no PIN was typed on the reader in time, and no try is lost; sign again"},
	{cardreader.ErrPINCancelled, exitInterrupted, "nothing was signed: the PIN was cancelled on the reader"},
	{cardreader.ErrPINLength, exitWrongPassword, "the PIN typed on the reader is too short or too long; it was not tried, and no try is lost"},
	{pkcs11.ErrNoToken, exitUnavailable, "the PKCS #11 module has no such token; put the card into its reader, and check the URI if you gave one"},
}

// keyFailure finds the sentence for an error of this kind, and leaves others as
// they are.
func keyFailure(err error) error {
	if errors.Is(err, pkcs11.ErrURI) {
		return &failure{code: exitUsage, sentence: fmt.Sprintf("--pkcs11: %v", err), cause: err}
	}
	for _, f := range keyFailures {
		if errors.Is(err, f.err) {
			return &failure{code: f.code, sentence: f.sentence, cause: err}
		}
	}
	return err
}

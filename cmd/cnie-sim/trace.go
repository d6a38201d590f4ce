package main

import (
	"bytes"
	"errors"
	"io"
	"os"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"cnie/apdu/trace"
	"cnie/cardreader/emrtd/access"
	"cnie/cardreader/recording"
	"cnie/internal/remake"
	"cnie/internal/shell"
	"cnie/internal/traces"
	"cnie/lds"
)

func newTrace() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "trace",
		Short: "Play a recorded session again, or rebuild it about a specimen",
		Long: "trace works with recordings that `cnie trace record` made. `cnie trace show` says\n" +
			"what is in them.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newTraceReplay(), newTraceRedact())
	return cmd
}

// tape is a recording as the command line names it, and what opened its card.
type tape struct {
	identities []string
	can        string
	document   lds.MRZKey
}

func (t *tape) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&t.identities, "identity", nil, "`FILE` with the age private key that opens the recording")
	f.StringVar(&t.can, "can", "", "the CAN that was used when it was recorded (default "+remake.CAN+", which simulated cards have)")
	f.StringVar(&t.document.DocumentNumber, "doc", "", "the document `NUMBER` that was used, with --birth and --expiry, instead of a CAN")
	f.StringVar(&t.document.BirthDate, "birth", "", "date of birth, `YYMMDD`")
	f.StringVar(&t.document.ExpiryDate, "expiry", "", "date of expiry, `YYMMDD`")
	cmd.MarkFlagsMutuallyExclusive("can", "doc")
	cmd.MarkFlagsRequiredTogether("doc", "birth", "expiry")
}

// password is what opened the recorded card.
func (t *tape) password() (access.Password, error) {
	secret := remake.Secret{CAN: t.can, MRZ: t.document}
	if t.can == "" && t.document == (lds.MRZKey{}) {
		secret.CAN = remake.CAN
	}
	password, err := secret.Password()
	if err != nil {
		return password, shell.Failed(shell.ExitUsage, "a CAN has six digits, and an MRZ key needs the document number, birth and expiry dates; give those that were used")
	}
	return password, nil
}

// open reads the recording; one without content is of no use here.
func (t *tape) open(name string) (*trace.Trace, error) {
	var identities []age.Identity
	for _, file := range t.identities {
		content, err := readKey(file)
		if err != nil {
			return nil, err
		}
		found, err := age.ParseIdentities(bytes.NewReader(content))
		clear(content)
		if err != nil { // what age says of a line could quote the key
			return nil, shell.Failed(shell.ExitMalformed, "%s holds no age private key (AGE-SECRET-KEY-…); make one with `age-keygen`", file)
		}
		identities = append(identities, found...)
	}
	file, err := os.Open(name)
	if of, is := pathError(err); is {
		return nil, fileFailure("read", of.Path, of)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	recorded, _, err := traces.Open(file, identities...)
	switch {
	case errors.Is(err, traces.ErrNeedsKey):
		return nil, shell.Failed(shell.ExitNotPermitted, "%s is encrypted; give --identity FILE with an age private key that it was encrypted to", name)
	case errors.Is(err, traces.ErrOtherKey):
		return nil, shell.Failed(shell.ExitNotPermitted, "%s does not open with these identities; it was encrypted to others", name)
	case err != nil:
		return nil, shell.Failed(shell.ExitMalformed, "%s: %w; give a file that `cnie trace record` wrote", name, err)
	case recorded.Header.Content != trace.Full:
		return nil, shell.Failed(shell.ExitMalformed, "%s is redacted to headers, lengths and status words, and there is nothing in it to play; record it in full, of a specimen card or with --age-recipient", name)
	}
	return recorded, nil
}

func readKey(name string) ([]byte, error) {
	const most = 64 << 10
	file, err := os.Open(name)
	if of, is := pathError(err); is {
		return nil, fileFailure("read", of.Path, of)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, most))
}

// deviated says where a session left its recording, if it did.
func deviated(err error) error {
	var d *recording.DeviationError
	if !errors.As(err, &d) {
		return nil
	}
	return shell.Failed(shell.ExitMalformed, "the session left its recording at %w; give the CAN or MRZ that was used then, and play it with the version that recorded it", d)
}

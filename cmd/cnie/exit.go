package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/emrtd"
	"cnie/cardreader/emrtd/access"
	"cnie/internal/remote/agent"
	"cnie/pki"
)

// Exit codes. 1 and 2 are never used: Go and Cobra have their own meaning for
// them. 64 to 78 follow sysexits.h.
const (
	exitOK            = 0
	exitRefused       = 10
	exitInconclusive  = 11
	exitWrongPassword = 13
	exitUsage         = 64
	exitMalformed     = 65
	exitUnavailable   = 69
	exitInternal      = 70
	exitIO            = 74
	exitTryAgain      = 75
	exitNotPermitted  = 77
	exitInterrupted   = 130
)

// failure ends the program: a code, and a sentence for the person who sees it.
type failure struct {
	code     int
	sentence string
	cause    error
}

// Error implements error.
func (f *failure) Error() string { return f.sentence }

// Unwrap gives the cause.
func (f *failure) Unwrap() error { return f.cause }

func usage(format string, args ...any) error {
	return &failure{code: exitUsage, sentence: fmt.Sprintf(format, args...)}
}

// verdictExit turns a verdict into an exit code without a sentence: the report
// has said it all.
func verdictExit(v pki.Verdict) error {
	switch v {
	case pki.Accepted:
		return nil
	case pki.Refused:
		return &failure{code: exitRefused}
	}
	return &failure{code: exitInconclusive}
}

// known are the errors that a person can do something about, most telling
// first. Sentences never repeat what a card or a person entered.
var known = []struct {
	err      error
	code     int
	sentence string
}{
	{context.Canceled, exitInterrupted, "interrupted; nothing was kept"},
	{agent.ErrDeclined, exitInterrupted, "nothing was typed; nothing was done"},
	{access.ErrWrongPassword, exitWrongPassword, "the card does not open with this CAN or MRZ; compare it with the card and try again"},
	{access.ErrNeedsMRZ, exitUsage, "this card has no PACE, and a CAN does not open it; give --mrz LINES, or --doc, --birth and --expiry"},
	{access.ErrPassword, exitUsage, "a CAN has six digits, and an MRZ key needs the document number, birth and expiry dates; type them as they are printed"},
	{cardreader.ErrCardRemoved, exitTryAgain, "the card was removed; lay it back on the reader and start again"},
	{cardreader.ErrCardReset, exitTryAgain, "another program reset the card; close it and start again"},
	{cardreader.ErrReaderGone, exitUnavailable, "the card reader was unplugged; plug it in and start again"},
	{cardreader.ErrReaderBusy, exitUnavailable, "another program holds the card; close it and start again"},
	{cardreader.ErrNoCard, exitUnavailable, "there is no card in the reader; lay one on it, or give --wait 30s to wait for one"},
	{cardreader.ErrNoReader, exitUnavailable, "no card reader was found; plug one in and look with `cnie readers`"},
	{emrtd.ErrForbidden, exitUsage, "fingerprints and irises (dg3, dg4) are never read; leave them out of --read"},
	{access.ErrUnsupported, exitUnavailable, "the card asks for a protocol that this version does not speak; please report its type"},
	{access.ErrProtocol, exitTryAgain, "the card answered against the protocol; lay it flat on the reader and try again, and distrust it if that goes on"},
	{apdu.ErrLimit, exitTryAgain, "the card answered endlessly and was stopped (--max-apdus and --max-bytes say when); try again, and distrust it if that goes on"},
	{apdu.ErrMalformed, exitTryAgain, "the card's answer is malformed; lay it flat on the reader and try again"},
	{context.DeadlineExceeded, exitUnavailable, "the card did not answer in time; lay it flat on the reader and try again"},
}

// serviceSentence tells a service that does not run from a program that cannot
// ask it.
func serviceSentence(err error) string {
	if strings.Contains(err.Error(), "without cgo") {
		return "this build of cnie has no PC/SC support (built without cgo); use one built with CGO_ENABLED=1 and libpcsclite-dev"
	}
	return "the smart-card service does not answer; start pcscd (on Windows: the service \"Smart Card\"), see that this user may use it, and try again"
}

// classify finds the sentence and the exit code for an error.
func classify(ctx context.Context, err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if errors.Is(err, cardreader.ErrNoService) {
		return &failure{code: exitUnavailable, sentence: serviceSentence(err), cause: err}
	}
	if sentence := troubled(err); sentence != "" {
		return &failure{code: exitWrongPassword, sentence: sentence, cause: err}
	}
	for _, k := range known {
		if errors.Is(err, k.err) {
			return &failure{code: k.code, sentence: k.sentence, cause: err}
		}
	}
	var refusal *apdu.StatusError
	if errors.As(err, &refusal) {
		return &failure{code: exitTryAgain, sentence: fmt.Sprintf("the card refused to be read (status %v); check that it is an identity card and try again", refusal.SW), cause: err}
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return &failure{code: exitIO, sentence: fmt.Sprintf("cannot %s %s: %v; mend that and try again", path.Op, path.Path, path.Err), cause: err}
	}
	return &failure{code: exitInternal, sentence: err.Error() + "; please report this", cause: err}
}

// troubled says what to do about a password that the card counts the tries of.
func troubled(err error) string {
	var refusal *access.PasswordError
	if !errors.As(err, &refusal) {
		return ""
	}
	switch refusal.State {
	case access.PasswordLastTry:
		return "one try of the " + refusal.Kind + " is left, and it is not spent; be sure of it, then give --use-last-try"
	case access.PasswordSuspended:
		return "the PIN is suspended with one try left, and it is not spent; open the card with its CAN, or be sure of the PIN and give --use-last-try and the CAN"
	case access.PasswordBlocked:
		if refusal.Kind == access.KindPIN {
			return "the PIN is blocked; `cnie card unblock` gives it its tries back with the PUK, and the CAN opens the card without it"
		}
		return "the " + refusal.Kind + " is blocked; only the holder's authority can help"
	case access.PasswordDeactivated:
		return "the " + refusal.Kind + " is switched off on this card; open it with its CAN"
	}
	if refusal.Kind == access.KindCAN || refusal.Kind == access.KindMRZ {
		return ""
	}
	return fmt.Sprintf("the %s is wrong; tries left: %s", refusal.Kind, left(refusal.Tries))
}

func left(tries int) string {
	if tries < 0 {
		return "the card does not say"
	}
	return fmt.Sprint(tries)
}

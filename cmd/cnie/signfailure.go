package main

import (
	"errors"
	"fmt"

	"cnie/cardreader/esign"
	"cnie/internal/remote/agent"
	"cnie/pki/adsig/asic"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/jades"
	"cnie/pki/adsig/pades"
	"cnie/pki/adsig/pades/visible"
	"cnie/pki/adsig/pdf"
)

// exitLowerLevel: a signature was made, at a lower level than was asked for.
const exitLowerLevel = 12

// signFailures are what a person can do when signing fails, most telling first.
var signFailures = []struct {
	err      error
	code     int
	sentence string
}{
	{esign.ErrPINBlocked, exitWrongPassword, "the PIN is blocked; only whoever issued the card can help, or its PUK"},
	{esign.ErrLastTry, exitNotPermitted, "one try is left before the PIN is blocked, and it was not used; be sure of the PIN, then give --use-last-try"},
	{esign.ErrPINFormat, exitWrongPassword, "a PIN of this card does not look like that; it was not tried, and no try is lost"},
	{agent.ErrDeclined, exitInterrupted, "nothing was signed: no PIN was typed"},
	{esign.ErrSignature, exitTryAgain, "the card's signature does not verify with its own certificate and was thrown away; try again, and distrust the card if that goes on"},
	{cades.ErrKey, exitUnavailable, "the key and its certificate do not fit, or cannot make such signatures; look with `cnie keys`"},
	{jades.ErrKey, exitUnavailable, "the key cannot make JSON signatures; choose another format"},
	{esign.ErrUnsupported, exitUnavailable, "the key cannot make such signatures; look with `cnie keys`"},
	{errChanged, exitTryAgain, "a document changed after it was listed, so it was not signed; sign it again"},
	{asic.ErrChanged, exitTryAgain, "a document changed while it was being signed; sign it again"},
}

// unsignable are what is wrong with a document; what the error says is for people.
var unsignable = []error{pdf.ErrMalformed, pdf.ErrEncrypted, pdf.ErrLimit, pades.ErrPermission, pades.ErrProfile, asic.ErrMalformed, asic.ErrUnsupported, visible.ErrLook}

// signFailure finds the sentence for an error of signing, and leaves others as
// they are.
func signFailure(err error) error {
	var f *failure
	if err == nil || errors.As(err, &f) {
		return err
	}
	for _, k := range signFailures {
		if errors.Is(err, k.err) {
			return &failure{code: k.code, sentence: k.sentence, cause: err}
		}
	}
	var pin *esign.PINError
	if errors.As(err, &pin) {
		return &failure{code: exitWrongPassword, sentence: fmt.Sprintf("%v; type it again with care", pin), cause: err}
	}
	for _, k := range unsignable {
		if errors.Is(err, k) {
			return &failure{code: exitMalformed, sentence: oneLine(err), cause: err}
		}
	}
	if f := remoteFailureOf(err); f != nil {
		return f
	}
	return keyFailure(err)
}

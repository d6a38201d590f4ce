// Package traces is the files that recorded sessions are kept in, and how they
// are shown: what `cnie trace` and `cnie-sim trace` have in common.
//
// A recording with content has the holder's data in it, and the random numbers
// that open them. [Write] therefore writes it in clear only of people who do not
// exist, and otherwise to age recipients (age-encryption.org/v1); a redacted trace
// may stand anywhere. [Open] takes all three.
package traces

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"cnie/apdu/trace"
	"cnie/lds"
)

const (
	ageIntro  = "age-encryption.org/v1\n"
	maxAgeTop = 64 << 10 // header of an age file: some hundred recipients
	overhead  = 1 << 20  // of an age file, at most
)

// Errors of Open and Write, besides those of package trace. None repeats content.
var (
	ErrPersonal = errors.New("a recording with content is written in clear of specimen cards only")
	ErrNeedsKey = errors.New("the file is encrypted and no identity was given")
	ErrOtherKey = errors.New("the file is encrypted to others")
	ErrDamaged  = errors.New("the file was changed, or is not whole")
)

// Write writes a trace, to recipients if there are any. A full trace of a card
// that is no specimen needs some: ErrPersonal.
func Write(w io.Writer, t *trace.Trace, recipients ...age.Recipient) error {
	if len(recipients) == 0 {
		if t.Header.Content != trace.Redacted && !t.Header.Specimen {
			return ErrPersonal
		}
		return t.Encode(w)
	}
	sealed, err := age.Encrypt(w, recipients...)
	if err != nil {
		return fmt.Errorf("encrypt trace: %w", err)
	}
	if err := t.Encode(sealed); err != nil {
		return err
	}
	return sealed.Close()
}

// Open reads a trace, and decrypts it with one of the identities if it must.
func Open(r io.Reader, identities ...age.Identity) (t *trace.Trace, encrypted bool, err error) {
	file, err := io.ReadAll(io.LimitReader(r, trace.MaxSize+overhead+1))
	switch {
	case err != nil:
		return nil, false, fmt.Errorf("read trace: %w", err)
	case len(file) > trace.MaxSize+overhead:
		return nil, false, trace.ErrTooLong
	}
	if encrypted = bytes.HasPrefix(file, []byte(ageIntro)); encrypted {
		if file, err = decrypt(file, identities); err != nil {
			return nil, true, err
		}
	}
	t, err = trace.Parse(bytes.NewReader(file))
	return t, encrypted, err
}

// decrypt opens an age file, whose header is bounded: every recipient in it
// costs a key agreement for every identity.
func decrypt(file []byte, identities []age.Identity) ([]byte, error) {
	if len(identities) == 0 {
		return nil, ErrNeedsKey
	}
	if !bytes.Contains(file[:min(len(file), maxAgeTop)], []byte("\n--- ")) {
		return nil, fmt.Errorf("%w: the list of recipients does not end", ErrDamaged)
	}
	plain, err := age.Decrypt(bytes.NewReader(file), identities...)
	var others *age.NoIdentityMatchError
	switch {
	case errors.As(err, &others):
		return nil, ErrOtherKey
	case err != nil:
		return nil, ErrDamaged
	}
	content, err := io.ReadAll(plain)
	if err != nil {
		return nil, ErrDamaged
	}
	return content, nil
}

// Names are those of travel documents and of PIV.
var Names = trace.Names{Application: application, File: file, Short: short}

func application(aid []byte) string {
	switch {
	case bytes.Equal(aid, lds.AID):
		return "the eMRTD application"
	case bytes.HasPrefix(aid, []byte{0xA0, 0x00, 0x00, 0x03, 0x08}): // SP 800-73-5 part 1 §3.2
		return "the PIV application"
	}
	return ""
}

func file(fid uint16) string {
	for f := lds.DG1; f <= lds.DIR; f++ {
		if f.FID() == fid && f != lds.CardSecurity { // which shares EF.SOD's, elsewhere
			return f.String()
		}
	}
	return ""
}

func short(application bool, sfi byte) string {
	for f := lds.DG1; f <= lds.DIR; f++ {
		if f.SFI() == sfi && f.InMasterFile() != application {
			return f.String()
		}
	}
	return ""
}

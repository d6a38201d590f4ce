package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

// MaxSize is the longest file that is opened. Sixteen files of a card at 64 KiB
// each, in base64, stay below half of it.
const MaxSize = 4 << 20

const (
	heading   = "cnie evidence 1\n"
	ageIntro  = "age-encryption.org/v1\n"
	maxAgeTop = 64 << 10 // header of an age file: some hundred recipients
)

// Sign writes a statement down and signs what it wrote.
func Sign(s Statement, key *Key) ([]byte, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	line, err := s.encode()
	if err != nil {
		return nil, fmt.Errorf("encode evidence: %w", err)
	}
	message := append([]byte(heading), line...)
	signature, err := key.sign(message)
	if err != nil {
		return nil, err
	}
	return append(message, signature...), nil
}

// Encrypt writes a signed statement so that only the recipients can read it.
func Encrypt(w io.Writer, signed []byte, recipients ...age.Recipient) error {
	sealed, err := age.Encrypt(w, recipients...)
	if err != nil {
		return fmt.Errorf("encrypt evidence: %w", err)
	}
	if _, err := sealed.Write(signed); err != nil {
		return fmt.Errorf("encrypt evidence: %w", err)
	}
	return sealed.Close()
}

// Sealed is an opened file: a statement, and who made it. Whether that terminal
// is to be believed is for the caller to decide.
type Sealed struct {
	Statement
	Terminal  PublicKey
	Encrypted bool
}

// Open reads a file, decrypts it with one of the identities if it is encrypted,
// and verifies the terminal's signature before it looks at what was signed.
func Open(r io.Reader, identities ...age.Identity) (*Sealed, error) {
	file, err := readAll(r)
	if err != nil {
		return nil, err
	}
	encrypted := bytes.HasPrefix(file, []byte(ageIntro))
	if encrypted {
		if file, err = decrypt(file, identities); err != nil {
			return nil, err
		}
	}
	at := bytes.LastIndex(file, []byte(armorBegin))
	switch {
	case !bytes.HasPrefix(file, []byte(heading)):
		return nil, ErrMalformed
	case at < 0:
		return nil, fmt.Errorf("%w: it does not end with a signature", ErrDamaged)
	}
	terminal, err := verify(file[:at], file[at:])
	if err != nil {
		return nil, err
	}
	statement, err := parseStatement(file[len(heading):at])
	if err != nil {
		return nil, err
	}
	return &Sealed{Statement: *statement, Terminal: terminal, Encrypted: encrypted}, nil
}

func readAll(r io.Reader) ([]byte, error) {
	file, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read evidence: %w", err)
	case len(file) > MaxSize:
		return nil, ErrTooLong
	}
	return file, nil
}

// decrypt opens an age file. Nothing in it is compressed, so what comes out is
// shorter than what went in. The header is bounded, since every recipient in it
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

package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"time"

	"cnie/pki"
)

// Statement is what a terminal signs: everything that its judge used, and what
// it came to.
type Statement struct {
	ID      string    `json:"id"`       // of the report, see NewID
	SavedAt time.Time `json:"saved_at"` // by the terminal's clock
	Tool    string    `json:"tool"`     // name and version
	// Challenge is the question that the evidence answers, chosen by whoever
	// will rely on it; 16 to 64 bytes, or none.
	Challenge []byte       `json:"challenge,omitempty"`
	Judged    Judgement    `json:"judged"`
	Evidence  pki.Evidence `json:"evidence"`
}

// Judgement is what the terminal itself made of the evidence. Whoever opens the
// file does not rely on it, but may want to know where it differs.
type Judgement struct {
	At      time.Time   `json:"at"`
	Verdict pki.Verdict `json:"verdict"`
	Policy  []string    `json:"policy"` // in sentences
	Trust   string      `json:"trust"`  // where trust came from, and how old it was
}

// Lengths of a challenge in bytes. Shorter ones could come up twice.
const (
	MinChallenge = 16
	MaxChallenge = 64
)

// NewID makes the name of a report: 80 random bits in four groups of letters and
// digits that can be read out over a telephone. It says nothing of the card.
func NewID() string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails, says crypto/rand
	s := base32.StdEncoding.EncodeToString(b[:])
	return s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:]
}

var idPattern = regexp.MustCompile(`^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$`)

// Check reports what a well-made statement would not have.
func (s *Statement) Check() error {
	n := len(s.Challenge)
	switch {
	case !idPattern.MatchString(s.ID):
		return fmt.Errorf("%w: its id is none", ErrMalformed)
	case n != 0 && (n < MinChallenge || n > MaxChallenge):
		return fmt.Errorf("%w: a challenge has %d to %d bytes", ErrMalformed, MinChallenge, MaxChallenge)
	case s.SavedAt.IsZero() || s.Evidence.ReadAt.IsZero() || s.Judged.At.IsZero():
		return fmt.Errorf("%w: it does not say when the card was read", ErrMalformed)
	case !slices.Contains([]pki.Verdict{pki.Accepted, pki.Refused, pki.Inconclusive}, s.Judged.Verdict):
		return fmt.Errorf("%w: its verdict is none", ErrMalformed)
	}
	return nil
}

// encode gives the one line that stands for a statement.
func (s *Statement) encode() ([]byte, error) {
	line, err := json.Marshal(s)
	return append(line, '\n'), err
}

// parseStatement reads the signed line. Members that this version does not know
// are refused: what is not understood must not look as if it had been judged. So
// is every spelling but the one of encode: of a member that stands twice, or of a
// file under two names, another program might read the other.
func parseStatement(line []byte) (*Statement, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	var s Statement
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrMalformed, reason(err))
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: something follows the statement", ErrMalformed)
	}
	if again, err := s.encode(); err != nil || !bytes.Equal(again, line) {
		return nil, fmt.Errorf("%w: the statement is not written as it should be", ErrMalformed)
	}
	return &s, s.Check()
}

// reason is a decoding error without the value that caused it, which may be of
// the holder.
func reason(err error) string {
	switch e := err.(type) {
	case *json.SyntaxError:
		return fmt.Sprintf("no JSON at byte %d", e.Offset)
	case *json.UnmarshalTypeError:
		return fmt.Sprintf("a %s was expected at byte %d", e.Type, e.Offset)
	}
	return "the statement has a member that is unknown or has a wrong value"
}

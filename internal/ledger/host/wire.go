package host

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"cnie/internal/ledger"
)

// Where desks ask, below the host's URL.
const (
	EntriesPath = "/ledger/v1/entries"
	StatusPath  = "/ledger/v1/status"
)

// MaxRecord and MaxAnswer bound what is sent, in bytes.
const (
	MaxRecord = 64 << 10
	MaxAnswer = 512 << 10
)

// Answer is what a desk hears when its entry is durable.
type Answer struct {
	Place ledger.Place `json:"place"`
	Proof []byte       `json:"proof,omitempty"` // C2SP tlog-proof, if it was asked for
}

// Problem is the body of every response that is not a success.
type Problem struct {
	Error       Code   `json:"error"`
	Description string `json:"error_description"`
}

// Code is what the host says is wrong.
type Code string

// The codes. After the last two the same record may be sent again.
const (
	Malformed Code = "malformed"   // 400: not a record in canonical form, or of a kind that desks do not write
	NotNamed  Code = "not_named"   // 403: the certificate is no counter's, or of another desk than the record
	Conflict  Code = "conflict"    // 409: another event has been recorded under this id
	Busy      Code = "busy"        // 429: this desk has too many entries on their way
	Trouble   Code = "unavailable" // 503: the ledger cannot write now
)

var statuses = map[Code]int{
	Malformed: http.StatusBadRequest, NotNamed: http.StatusForbidden, Conflict: http.StatusConflict,
	Busy: http.StatusTooManyRequests, Trouble: http.StatusServiceUnavailable,
}

// ErrNotNamed reports a certificate that does not speak for the desk.
var ErrNotNamed = errors.New("the ledger host does not take entries of this desk under this certificate")

// ErrTrouble reports a host that cannot write now; the same record may be sent again.
var ErrTrouble = errors.New("the ledger host cannot write now")

// Err is the error that a problem stands for; ErrTrouble when the code is unknown,
// as a proxy's own page would be.
func (p Problem) Err() error {
	err := map[Code]error{Malformed: ledger.ErrRecord, NotNamed: ErrNotNamed, Conflict: ledger.ErrConflict}[p.Error]
	if err == nil {
		err = ErrTrouble
	}
	if p.Description == "" || len(p.Description) > 500 || strings.ContainsFunc(p.Description, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return err
	}
	return fmt.Errorf("%w: %s", err, p.Description)
}

// DeskOf is the desk that a certificate of cnie-ca's profile "counter" speaks for;
// "" when it is of another profile.
func DeskOf(c *x509.Certificate) string {
	if !slices.Contains(c.Subject.OrganizationalUnit, "counter") {
		return ""
	}
	return c.Subject.CommonName
}

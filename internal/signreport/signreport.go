// Package signreport shows what validating signatures came to: as lines for a
// terminal, as one HTML page that needs nothing but itself and prints on A4, and
// as JSON.
//
// All say the same in the same order: the file, then for each signature the
// indication of EN 319 102-1 and what it means, whose certificate it was made
// with and when, then every check with its clause. Colour never carries meaning
// alone. The words are neutral: a signature was made with the certificate of
// somebody; what the law makes of that is not for a program to say.
//
// A [View] is everything that is shown. Text from certificates and documents is
// made harmless on its way into it.
package signreport

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"cnie/internal/report"
	"cnie/pki"
	"cnie/pki/adsig"
	"cnie/pki/adsig/asic"
	"cnie/pki/adsig/pades"
	"cnie/pki/cert"
)

// View is a report on files, made ready for showing.
type View struct {
	Files []File    `json:"files"`
	At    time.Time `json:"at"`
	Rules []string  `json:"policy"`
	Trust string    `json:"trust"` // where trust came from
	Tool  string    `json:"tool"`
}

// File is one file with its signatures.
type File struct {
	Name       string      `json:"file"`
	Format     string      `json:"format,omitempty"`
	Content    string      `json:"content,omitempty"` // what it is over, when that lies beside it
	Problem    string      `json:"problem,omitempty"` // why nothing could be judged
	Signatures []Signature `json:"signatures,omitempty"`
	Stamps     []Stamp     `json:"document_timestamps,omitempty"`
}

// Signature is one signature.
type Signature struct {
	Indication adsig.Indication    `json:"indication"`
	Sub        adsig.SubIndication `json:"sub_indication,omitempty"`
	Sentence   string              `json:"sentence"`
	Level      string              `json:"level,omitempty"`
	Signer     *Certificate        `json:"signer,omitempty"`
	Claimed    *time.Time          `json:"claimed_signing_time,omitempty"`
	Proven     time.Time           `json:"existed_at"`
	Facts      []Fact              `json:"facts,omitempty"` // what the format adds
	Path       []Certificate       `json:"path,omitempty"`
	Checks     []adsig.Check       `json:"checks"`
	Stamps     []Stamp             `json:"timestamps,omitempty"`

	at time.Time
}

// Stamp is one timestamp.
type Stamp struct {
	Kind       adsig.Kind          `json:"kind"`
	Indication adsig.Indication    `json:"indication"`
	Sub        adsig.SubIndication `json:"sub_indication,omitempty"`
	Time       time.Time           `json:"time"`
	Authority  *Certificate        `json:"authority,omitempty"`
	Facts      []Fact              `json:"facts,omitempty"`
	Checks     []adsig.Check       `json:"checks"`
}

// Certificate is what is shown of one.
type Certificate struct {
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	Serial    string    `json:"serial"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`

	name string // the common name, which in Subject other parts can look like
}

// Fact is a label and what it says.
type Fact struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// NewFact makes a fact of text that a stranger may have written.
func NewFact(label, format string, args ...any) Fact {
	return Fact{label, report.Printable(fmt.Sprintf(format, args...))}
}

// NewSignature prepares a signature's report for showing.
func NewSignature(r adsig.Report, facts ...Fact) Signature {
	s := Signature{Signer: newCertificate(r.Signer), Claimed: r.Claimed, Proven: r.Proven.UTC(), Facts: facts, Checks: harmless(r.Checks), at: r.At}
	s.Indication, s.Sub = r.Indication()
	if r.Level != 0 {
		s.Level = r.Level.String()
	}
	for _, c := range r.Path {
		s.Path = append(s.Path, *newCertificate(c))
	}
	for _, stamp := range r.Stamps {
		s.Stamps = append(s.Stamps, NewStamp(stamp))
	}
	s.Sentence = s.sentence()
	return s
}

// NewStamp prepares a timestamp's report for showing.
func NewStamp(r adsig.StampReport, facts ...Fact) Stamp {
	s := Stamp{Kind: r.Kind, Time: r.Time.UTC(), Authority: newCertificate(r.Authority), Checks: harmless(r.Checks), Facts: facts}
	s.Indication, s.Sub = r.Indication()
	return s
}

func harmless(checks []adsig.Check) []adsig.Check {
	out := make([]adsig.Check, 0, len(checks))
	for _, c := range checks {
		c.Reason = report.Printable(c.Reason)
		out = append(out, c)
	}
	return out
}

func newCertificate(c *cert.Certificate) *Certificate {
	if c == nil {
		return nil
	}
	return &Certificate{
		Subject: report.Printable(c.Subject.String()), Issuer: report.Printable(c.Issuer.String()), Serial: fmt.Sprintf("%X", c.Serial),
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), name: report.Printable(c.Subject.CommonName),
	}
}

// sentence says what the indication means.
func (s Signature) sentence() string {
	switch s.Indication {
	case adsig.TotalPassed:
		return "Signed with the certificate of " + holder(s.Signer) + "; what was signed has not changed" + s.beyond() + "."
	case adsig.TotalFailed:
		return "Do not rely on this signature: " + s.reason() + "."
	}
	if c, found := adsig.Checks(s.Checks).Find(adsig.CheckValue); found && c.Outcome != pki.Failed {
		return "The signature is intact, but it is open whether it can be relied on: " + s.reason() + "."
	}
	return "It cannot be told whether the signature is right: " + s.reason() + "."
}

// beyond says that there is more than the signature is over.
func (s Signature) beyond() string {
	for _, more := range []struct {
		check adsig.CheckID
		what  string
	}{
		{pades.CheckChanges, ", but more than that is in the document now: see what changed since"},
		{asic.CheckUnsigned, ", but other files in the container are not signed by it"},
	} {
		if c, found := adsig.Checks(s.Checks).Find(more.check); found && c.Outcome == pki.Warned {
			return more.what
		}
	}
	return ""
}

// reason is that of the check that decided.
func (s Signature) reason() string {
	for _, c := range s.Checks {
		if c.Outcome == pki.Failed && c.Sub == s.Sub {
			return strings.TrimSuffix(c.Reason, ".")
		}
	}
	return "not every check was made"
}

// holder is the common name, or the whole one.
func holder(c *Certificate) string {
	if c == nil {
		return "somebody unknown"
	}
	return cmp.Or(c.name, c.Subject)
}

// Worst is what all signatures together come to: the least of them, and "" when
// there is none. A file beside them that could not be judged is open.
func (v View) Worst() (worst adsig.Indication) {
	for _, f := range v.Files {
		for _, s := range f.Signatures {
			if worst == "" || rank(s.Indication) > rank(worst) {
				worst = s.Indication
			}
		}
	}
	if worst == adsig.TotalPassed && v.problems() > 0 {
		return adsig.Indeterminate
	}
	return worst
}

// problems counts the files that could not be judged.
func (v View) problems() (n int) {
	for _, f := range v.Files {
		if f.Problem != "" {
			n++
		}
	}
	return n
}

func rank(i adsig.Indication) int {
	switch i {
	case adsig.TotalPassed:
		return 0
	case adsig.TotalFailed:
		return 2
	}
	return 1
}

// Outcome is an indication as the outcome of a check, for its sign and colour.
func Outcome(i adsig.Indication) pki.Outcome {
	switch i {
	case adsig.TotalPassed:
		return pki.Passed
	case adsig.TotalFailed:
		return pki.Failed
	}
	return pki.NotChecked
}

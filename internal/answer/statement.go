package answer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"cnie/pki"
)

// StatementType is the `typ` of the JWS: no other kind of token passes for one.
const StatementType = "cnie-answer+jwt"

// MaxLife is how long a statement may be good for.
const MaxLife = 24 * time.Hour

// Statement is an answer as it leaves the desk, signed. Identifiers are ASCII
// letters, digits and . _ ~ : / @ + = -.
type Statement struct {
	Controller  string    // who answers: the controller's identifier
	Desk        string    // which of its desks
	Audience    string    // who asked, and the only one for whom this is meant
	Purpose     string    // of the site file
	Transaction string    // the desk's number of the transaction
	Nonce       string    // the asker's; empty if it gave none
	Time        time.Time // of the answer, to the second
	Expiry      time.Time
	Verdict     pki.Verdict // of the card
	Match       string      // the clerk's: "match", "no-match", "unsure", or "" for none
	Pseudonym   string      // of the person for this purpose; may be empty
	Specimen    bool        // the card is a specimen: nobody real is meant
	Question    Question
	Answer      Value
	Reasons     []string // keys
}

// claims are the members of the JWS, in the order in which they stand.
type claims struct {
	Issuer      string      `json:"iss"`
	Desk        string      `json:"desk"`
	Audience    string      `json:"aud"`
	Transaction string      `json:"jti"`
	IssuedAt    int64       `json:"iat"`
	Expiry      int64       `json:"exp"`
	Nonce       string      `json:"nonce,omitempty"`
	Subject     string      `json:"sub,omitempty"`
	Purpose     string      `json:"purpose"`
	Verdict     pki.Verdict `json:"card"`
	Match       string      `json:"match,omitempty"`
	Specimen    bool        `json:"specimen,omitempty"`
	Question    Question    `json:"question"`
	Answer      Value       `json:"answer"`
	Reasons     []string    `json:"reasons"`
}

func (s Statement) claims() claims {
	return claims{
		Issuer: s.Controller, Desk: s.Desk, Audience: s.Audience, Transaction: s.Transaction,
		IssuedAt: s.Time.Unix(), Expiry: s.Expiry.Unix(), Nonce: s.Nonce, Subject: s.Pseudonym,
		Purpose: s.Purpose, Verdict: s.Verdict, Match: s.Match, Specimen: s.Specimen,
		Question: Question{ID: s.Question.ID, Arg: s.Question.Arg}, Answer: s.Answer, Reasons: s.Reasons,
	}
}

func (c claims) statement() Statement {
	return Statement{
		Controller: c.Issuer, Desk: c.Desk, Audience: c.Audience, Transaction: c.Transaction,
		Time: time.Unix(c.IssuedAt, 0).UTC(), Expiry: time.Unix(c.Expiry, 0).UTC(), Nonce: c.Nonce, Pseudonym: c.Subject,
		Purpose: c.Purpose, Verdict: c.Verdict, Match: c.Match, Specimen: c.Specimen,
		Question: c.Question, Answer: c.Answer, Reasons: c.Reasons,
	}
}

var (
	identifiers = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~:/@+=-]{0,199}$`)
	pseudonyms  = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	reasonKeys  = regexp.MustCompile(`^(answer|names)\.[a-z0-9-]{1,60}$`)
)

func isIdentifier(s string) bool { return identifiers.MatchString(s) }

// check is what holds for every statement, made here or received.
func (c claims) check() error {
	for _, id := range []struct{ name, value string }{
		{"controller", c.Issuer}, {"desk", c.Desk}, {"audience", c.Audience}, {"transaction", c.Transaction}, {"purpose", c.Purpose},
	} {
		if !isIdentifier(id.value) {
			return fmt.Errorf("%w: the %s is no identifier", ErrMalformed, id.name)
		}
	}
	life := time.Duration(c.Expiry-c.IssuedAt) * time.Second
	switch {
	case c.Nonce != "" && !isIdentifier(c.Nonce):
		return fmt.Errorf("%w: the nonce is no identifier", ErrMalformed)
	case c.Subject != "" && !pseudonyms.MatchString(c.Subject):
		return fmt.Errorf("%w: the pseudonym is none", ErrMalformed)
	case c.IssuedAt <= 0 || c.IssuedAt > 1<<36 || c.Expiry > 1<<36 || life <= 0 || life > MaxLife:
		return fmt.Errorf("%w: not good for between one second and %v", ErrMalformed, MaxLife)
	case !Known(c.Question):
		return fmt.Errorf("%w: unknown question", ErrMalformed)
	}
	return c.checkAnswer()
}

// checkAnswer lets nothing be said of a holder whose card does not hold.
func (c claims) checkAnswer() error {
	switch {
	case c.Answer != Yes && c.Answer != No && c.Answer != Unknown:
		return fmt.Errorf("%w: unknown answer", ErrMalformed)
	case c.Verdict != pki.Accepted && c.Verdict != pki.Refused && c.Verdict != pki.Inconclusive:
		return fmt.Errorf("%w: unknown verdict", ErrMalformed)
	case c.Verdict != pki.Accepted && c.Answer != Unknown:
		return fmt.Errorf("%w: an answer by a card that is not accepted", ErrMalformed)
	case c.Match != "" && c.Match != "match" && c.Match != "no-match" && c.Match != "unsure":
		return fmt.Errorf("%w: unknown match", ErrMalformed)
	case c.Match == "no-match" && c.Answer != Unknown:
		return fmt.Errorf("%w: an answer about somebody who is not the holder", ErrMalformed)
	case len(c.Reasons) == 0 || len(c.Reasons) > 40:
		return fmt.Errorf("%w: no reasons, or too many", ErrMalformed)
	}
	for _, r := range c.Reasons {
		if !reasonKeys.MatchString(r) {
			return fmt.Errorf("%w: a reason is no key", ErrMalformed)
		}
	}
	return nil
}

// canonical is the one spelling of a header or of claims.
func canonical(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode a statement: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

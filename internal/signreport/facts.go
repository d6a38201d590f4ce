package signreport

import (
	"fmt"
	"slices"
	"time"

	"cnie/pki/adsig"
)

func moment(t time.Time) string {
	if t.IsZero() {
		return "unknown"
	}
	return t.UTC().Format("2006-01-02 15:04:05") + " UTC"
}

// when says when the signature is known to have existed.
func (s Signature) when() string {
	stamped := slices.ContainsFunc(s.Stamps, func(t Stamp) bool { return t.Kind != adsig.ContentStamp && t.Indication == adsig.TotalPassed })
	if !stamped && !s.Proven.Before(s.at) {
		return "nothing proves that it is older than " + moment(s.Proven)
	}
	return "proven for " + moment(s.Proven)
}

// all lists what is told of a signature, the format's own facts at the end.
func (s Signature) all() []Fact {
	var facts []Fact
	if s.Signer != nil {
		facts = append(facts, Fact{"Certificate of", s.Signer.Subject}, Fact{"Issued by", s.Signer.Issuer},
			Fact{"Valid", s.Signer.NotBefore.Format(time.DateOnly) + " to " + s.Signer.NotAfter.Format(time.DateOnly) + ", serial number " + s.Signer.Serial})
	}
	if s.Claimed != nil {
		facts = append(facts, Fact{"Signer's time", moment(*s.Claimed)})
	}
	facts = append(facts, Fact{"Existence", s.when()})
	if s.Level != "" {
		facts = append(facts, Fact{"Level", s.Level})
	}
	for _, stamp := range s.Stamps {
		facts = append(facts, Fact{"Timestamp", stamp.line()})
	}
	return append(facts, s.Facts...)
}

func (s Stamp) line() string {
	text := fmt.Sprintf("%s over the %s: %s", moment(s.Time), s.Kind, s.Indication)
	if s.Sub != "" {
		text += ", " + string(s.Sub)
	}
	if s.Authority != nil {
		text += ", by " + holder(s.Authority)
	}
	return text
}

// Package revision says in words what changed between two states of a PDF, the
// older of which is what somebody signed.
//
// A file that grows by revisions can be made to show anything while every signed
// byte stays in place: a page, a font, an overlay that was there all along comes
// or goes. So the documents are compared, not the bytes. Every object that is not
// what it was has to be accounted for by one of the few things that may happen
// to a signed document; whatever is left over is an alteration. An object that
// two places share is no more a form's than a page's, and one that was referred
// to without being there was missing for a reason.
package revision

import "cnie/pki/adsig/pdf"

// Kind is how far a change goes, the least first.
type Kind uint8

// The kinds.
const (
	Material  Kind = iota + 1 // certificates, revocation answers, document timestamps
	Metadata                  // what is said about the document
	Signed                    // a signature that shows nothing, or in a field that was there
	Filled                    // a form field has another value
	Shown                     // a signature that shows something where nothing was
	Annotated                 // annotations came, went or changed
	Altered                   // anything else
)

var kindNames = []string{"", "material", "metadata", "signed", "filled", "shown", "annotated", "altered"}

func (k Kind) String() string { return kindNames[k] }

// MarshalText gives the name to JSON.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Change is one thing that changed.
type Change struct {
	Kind  Kind   `json:"kind"`
	Field string `json:"field,omitempty"` // of the form, for Signed, Filled and Shown
	What  string `json:"what"`
	Shows bool   `json:"shows,omitempty"` // Signed, in a field that can be seen
}

// Compare lists what changed from one state of a document to a later one, whose
// file begins with the bytes of the older. Errors are those of package pdf.
func Compare(old, now *pdf.File) ([]Change, error) {
	c := &comparison{old: old, now: now, changed: map[int]bool{}, fresh: map[pdf.Ref]string{}, replaced: map[pdf.Ref]bool{}}
	if err := c.collect(); err != nil {
		return nil, err
	}
	for _, step := range []func() error{c.trailers, c.catalogs, c.pages, c.rest} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return c.found, nil
}

package order

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// Version is the form of the values that this package reads and writes.
const Version = 1

// What is bounded. A document's own size is for the service to limit.
const (
	MaxDocuments = 100     // in one order
	MaxOrder     = 1 << 18 // bytes of an encoded order
	MaxValue     = 1 << 20 // bytes of one signature, or of what is appended to a file
	MaxAnswer    = 4 << 20 // bytes of an encoded answer
	maxPurpose   = 2000
	maxName      = 255
	maxToken     = 1 << 16
)

// Stage is what an order asks for, Kind what it is about.
type (
	Stage string
	Kind  string
)

// The stages and kinds.
const (
	Consent Stage = "consent"
	Sign    Stage = "sign"

	Hash   Kind = "hash"
	Doc    Kind = "document"
	Access Kind = "access"
)

// Order is what the service asks an agent for.
type Order struct {
	Version    int                `json:"version"`
	ID         ID                 `json:"id"`
	Stage      Stage              `json:"stage"`
	Kind       Kind               `json:"kind"`
	Credential Credential         `json:"credential"`
	Requester  Requester          `json:"requester"`
	Purpose    string             `json:"purpose,omitempty"` // the requester's words; up to 500 characters
	Hash       HashAlgorithm      `json:"hash,omitempty"`
	Signature  SignatureAlgorithm `json:"signature,omitempty"`
	Documents  []Document         `json:"documents,omitempty"` // one signature each, in this order
	Created    time.Time          `json:"created"`             // UTC, whole seconds, as the next
	Expires    time.Time          `json:"expires"`
	Consent    ID                 `json:"consent,omitempty"` // with Sign: the order that the holder agreed to
	Token      string             `json:"token,omitempty"`   // with Sign: the activation token
}

// Requester is the program that asks, as the service's operator registered it. The
// name was given by the operator and not by the program.
type Requester struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Format is the form of the signature that an agent makes of a document.
type Format string

// The formats, both of level B-B: PAdES as an appended revision of the file, CAdES
// as a CMS message beside it.
const (
	PAdES Format = "pades"
	CAdES Format = "cades"
)

// Document is one thing to sign. Of a Doc, the digest is that of the whole file and
// the agent fetches it (package gate); of a Hash, it is what gets signed, and the
// name no more than the requester's claim.
type Document struct {
	Name   string `json:"name,omitempty"`
	Size   int64  `json:"size,omitempty"`
	Format Format `json:"format,omitempty"`
	Digest []byte `json:"digest"`
}

// Digests are those of the documents.
func (o *Order) Digests() [][]byte {
	digests := make([][]byte, len(o.Documents))
	for i, d := range o.Documents {
		digests[i] = d.Digest
	}
	return digests
}

// Encode writes the order; Parse reads it. An order that Parse would refuse is an
// error.
func (o *Order) Encode() ([]byte, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return json.Marshal(o)
}

// Parse reads an order. Every error is ErrMalformed.
func Parse(text []byte) (*Order, error) {
	var o Order
	if err := Strict(text, &o, MaxOrder); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	return &o, nil
}

// Strict decodes JSON that reads back byte for byte as Go encodes the value. So
// there is one text for one value: encoding/json on its own takes members in any
// case, twice, or unknown to us, where another reader may see something else.
func Strict(text []byte, value any, most int) error {
	if len(text) > most {
		return malformed("%d bytes are too many", len(text))
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		return malformed("%s", strings.TrimPrefix(err.Error(), "json: "))
	}
	again, err := json.Marshal(value)
	if err != nil || !bytes.Equal(again, bytes.TrimSpace(text)) {
		return malformed("it is not written in the one form that there is")
	}
	return nil
}

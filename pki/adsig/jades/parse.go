package jades

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/json"

	"cnie/pki/cert"
)

// Bounds on a signature.
const (
	MaxSize    = 64 << 20 // bytes, the payload included
	maxObjects = 1024
	maxChain   = 32
)

// Signature is one JSON Web Signature, taken apart and not verified.
type Signature struct {
	Payload  []byte
	Attached bool        // the payload came with it
	Objects  []Reference // files that it names instead

	header   header
	names    map[string]json.RawMessage // what stands in the protected header
	input    []byte                     // what is signed, up to and with the dot
	encoded  bool                       // the payload is signed in base64url
	value    []byte
	unsigned bool // there is an unprotected header, which is not looked at
}

// Reference is a file that a signature is over.
type Reference struct {
	Name, MIME string
	Hash       crypto.Hash
	Digest     []byte
}

// header is what is understood of the protected header.
type header struct {
	Algorithm  string    `json:"alg"`
	Chain      []string  `json:"x5c"`
	Thumbprint string    `json:"x5t#S256"`
	Other      *digest   `json:"x5t#o"`
	IssuedAt   *int64    `json:"iat"`
	SigningAt  string    `json:"sigT"`
	Detached   *detached `json:"sigD"`
	Encoded    *bool     `json:"b64"`
	Critical   []string  `json:"crit"`
}

// digest is a certificate's hash under another algorithm (§5.2.2.2).
type digest struct {
	Algorithm string `json:"digAlg"`
	Value     string `json:"digVal"`
}

// serialized is the JSON serialization, flattened or general (RFC 7515 §7.2).
type serialized struct {
	Payload    *string         `json:"payload"`
	Protected  string          `json:"protected"`
	Signature  string          `json:"signature"`
	Header     json.RawMessage `json:"header"`
	Signatures []struct {
		Protected string          `json:"protected"`
		Signature string          `json:"signature"`
		Header    json.RawMessage `json:"header"`
	} `json:"signatures"`
}

// understood are the parameters that crit may name: all of these are checked, or
// keep a signature from passing.
var understood = map[string]bool{"b64": true, "sigD": true, "sigT": true, "x5t#o": true, "sigPId": true}

// hashNames are those of §5.2.8.1; the long ones are of XML (§5.2.2.2).
var hashNames = map[crypto.Hash]string{crypto.SHA256: "S256", crypto.SHA384: "S384", crypto.SHA512: "S512"}

func hashNamed(name string) crypto.Hash {
	for h, known := range hashNames {
		if known == name {
			return h
		}
	}
	return 0
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// Parse reads one signature in any serialization. Errors wrap ErrMalformed.
func Parse(text []byte) (*Signature, error) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 || len(text) > MaxSize {
		return nil, malformed("empty, or longer than is read")
	}
	protected, payload, value := "", "", ""
	s := &Signature{}
	if text[0] == '{' {
		var err error
		if protected, payload, value, err = s.fromJSON(text); err != nil {
			return nil, err
		}
	} else {
		parts := strings.Split(string(text), ".")
		if len(parts) != 3 {
			return nil, malformed("not three parts")
		}
		protected, payload, value = parts[0], parts[1], parts[2]
	}
	return s, s.assemble(protected, payload, value)
}

func (s *Signature) fromJSON(text []byte) (protected, payload, value string, err error) {
	var j serialized
	if err := json.Unmarshal(text, &j); err != nil {
		return "", "", "", malformed("%v", err)
	}
	if j.Payload != nil {
		payload = *j.Payload
	}
	switch {
	case j.Protected != "" && len(j.Signatures) == 0:
		s.unsigned = len(j.Header) > 0
		return j.Protected, payload, j.Signature, nil
	case j.Protected == "" && len(j.Signatures) == 1:
		s.unsigned = len(j.Signatures[0].Header) > 0
		return j.Signatures[0].Protected, payload, j.Signatures[0].Signature, nil
	}
	return "", "", "", malformed("%d signatures, where one is expected", len(j.Signatures))
}

func (s *Signature) assemble(protected, payload, value string) (err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(protected)
	if err != nil {
		return malformed("protected header")
	}
	if err := json.Unmarshal(raw, &s.names); err != nil {
		return malformed("protected header: %v", err)
	}
	if err := json.Unmarshal(raw, &s.header); err != nil {
		return malformed("protected header: %v", err)
	}
	if s.value, err = base64.RawURLEncoding.Strict().DecodeString(value); err != nil {
		return malformed("signature value")
	}
	s.encoded = s.header.Encoded == nil || *s.header.Encoded
	s.Payload, s.Attached = []byte(payload), payload != ""
	if s.encoded {
		if s.Payload, err = base64.RawURLEncoding.Strict().DecodeString(payload); err != nil {
			return malformed("payload")
		}
	}
	s.input = []byte(protected + ".")
	if err := s.checkCritical(); err != nil {
		return err
	}
	return s.readObjects()
}

// checkCritical is RFC 7515 §4.1.11, and RFC 7797 §6 for b64.
func (s *Signature) checkCritical() error {
	_, listed := s.names["crit"]
	if listed && len(s.header.Critical) == 0 {
		return malformed("crit is empty")
	}
	seen := map[string]bool{}
	for _, name := range s.header.Critical {
		if _, there := s.names[name]; !there || seen[name] {
			return malformed("crit names %.40q, which is not there, or twice", name)
		}
		if !understood[name] {
			return malformed("crit names %.40q, which is not known here", name)
		}
		seen[name] = true
	}
	if s.header.Encoded != nil && !seen["b64"] {
		return malformed("b64 is not in crit")
	}
	if s.header.Detached != nil && !seen[headerDetached] { // TS 119 182-1 §5.2.8.1
		return malformed("sigD is not in crit")
	}
	return nil
}

// readObjects reads sigD (§5.2.8). Its other mechanisms leave Objects empty.
func (s *Signature) readObjects() error {
	d := s.header.Detached
	if d == nil || d.Mechanism != byHash {
		return nil
	}
	hash := hashNamed(d.Hash)
	if s.Attached || hash == 0 || len(d.Names) == 0 || len(d.Names) > maxObjects || len(d.Digests) != len(d.Names) ||
		len(d.Types) > 0 && len(d.Types) != len(d.Names) {
		return malformed("sigD")
	}
	for i, name := range d.Names {
		sum, err := base64.RawURLEncoding.DecodeString(d.Digests[i])
		if err != nil || len(sum) != hash.Size() {
			return malformed("sigD: hash of %.80q", name)
		}
		r := Reference{Name: name, Hash: hash, Digest: sum}
		if len(d.Types) > 0 {
			r.MIME = d.Types[i]
		}
		s.Objects = append(s.Objects, r)
	}
	return nil
}

// chain reads x5c (RFC 7515 §4.1.6).
func (s *Signature) chain() ([]*cert.Certificate, error) {
	var all []*cert.Certificate
	for _, text := range s.header.Chain[:min(len(s.header.Chain), maxChain)] {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, malformed("x5c: %v", err)
		}
		c, err := cert.Parse(der)
		if err != nil {
			return nil, malformed("x5c: %v", err)
		}
		all = append(all, c)
	}
	return all, nil
}

// claimed is when the signer says to have signed: iat, or sigT as it was before
// V1.2.1 (§5.1.11, §5.2.1).
func (s *Signature) claimed() (*time.Time, error) {
	switch {
	case s.header.IssuedAt != nil && s.header.SigningAt != "":
		return nil, malformed("two signing times")
	case s.header.IssuedAt != nil:
		at := time.Unix(*s.header.IssuedAt, 0).UTC()
		return &at, nil
	case s.header.SigningAt != "":
		at, err := time.Parse(time.RFC3339, s.header.SigningAt)
		if err != nil || at.Location() != time.UTC {
			return nil, malformed("sigT is no moment in UTC")
		}
		return &at, nil
	}
	return nil, nil
}

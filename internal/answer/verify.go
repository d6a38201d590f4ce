package answer

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	maxToken = 16 << 10
	leeway   = time.Minute // of the two clocks
)

// Expected is what a relying party knows of the statement that it waits for.
type Expected struct {
	Audience string    // its own identifier; must be given
	Nonce    string    // that it sent; empty: it sent none, and takes none
	Now      time.Time // must be given
	Specimen bool      // statements about specimen cards are taken, as in a trial
}

// header is the protected header, whole, in the order in which it stands.
type header struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
	Type      string `json:"typ"`
}

// Verify takes a statement only if it is exactly what a desk of these keys signs:
// one header, one spelling, no member twice or unknown, for this audience and now.
// The caller still compares the controller, the purpose and the question with what
// it asked, and remembers transactions if an answer must count once.
func Verify(token string, keys Keys, want Expected) (Statement, error) {
	c, err := open(token, keys)
	if err != nil {
		return Statement{}, err
	}
	if err := c.check(); err != nil {
		return Statement{}, err
	}
	switch now := want.Now.Unix(); {
	case want.Audience == "" || c.Audience != want.Audience:
		return Statement{}, ErrAudience
	case c.Nonce != want.Nonce:
		return Statement{}, ErrNonce
	case now >= c.Expiry:
		return Statement{}, ErrExpired
	case c.IssuedAt > now+int64(leeway/time.Second):
		return Statement{}, ErrEarly
	case c.Specimen && !want.Specimen:
		return Statement{}, ErrSpecimen
	}
	return c.statement(), nil
}

// open verifies the signature and reads the claims.
func open(token string, keys Keys) (claims, error) {
	parts := strings.Split(token, ".")
	if len(token) > maxToken || len(parts) != 3 {
		return claims{}, fmt.Errorf("%w: not a compact JWS", ErrMalformed)
	}
	head, err := part(parts[0])
	for _, p := range parts[1:] {
		if err == nil {
			_, err = part(p)
		}
	}
	if err != nil {
		return claims{}, err
	}
	var h header
	if err := exact(head, &h); err != nil {
		return claims{}, err
	}
	if h.Type != StatementType {
		return claims{}, fmt.Errorf("%w: of another type", ErrMalformed)
	}
	key, known := keys[h.KeyID]
	switch {
	case !known:
		return claims{}, ErrStranger
	case h.Algorithm != key.Algorithm:
		return claims{}, fmt.Errorf("%w: not the algorithm of its key", ErrMalformed)
	}
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(key.Algorithm)})
	if err != nil {
		return claims{}, fmt.Errorf("%w: not a compact JWS", ErrMalformed)
	}
	payload, err := signed.Verify(key.Key)
	if err != nil {
		return claims{}, ErrSignature
	}
	var c claims
	if err := exact(payload, &c); err != nil {
		return claims{}, err
	}
	return c, nil
}

// part decodes one part of a token. Go's decoder passes over new lines and over
// bits after the last byte: of such spellings, too, there is to be one.
func part(text string) ([]byte, error) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || base64.RawURLEncoding.EncodeToString(b) != text {
		return nil, fmt.Errorf("%w: not base64url", ErrMalformed)
	}
	return b, nil
}

// exact reads JSON and makes it again: there is one spelling, and this must be it.
// So no member can be there twice, in other capitals, escaped, or unknown to this
// reader and known to another.
func exact(b []byte, into any) error {
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%w: not JSON as a desk writes it", ErrMalformed)
	}
	again, err := canonical(into)
	if err != nil || !bytes.Equal(again, b) {
		return fmt.Errorf("%w: not spelled as a desk spells it", ErrMalformed)
	}
	return nil
}

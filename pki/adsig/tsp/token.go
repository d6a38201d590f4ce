package tsp

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"

	"cnie/pki/cert"
	"cnie/pki/cms"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// MaxToken bounds a token: certificates and lists that come with it included.
const MaxToken = 1 << 20

// OIDContent is the type of a token's content, TSTInfo.
var OIDContent = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}

// Token is a timestamp as it was made. Nothing in it is to be believed before
// Verify, and then as much as the certificate.
type Token struct {
	Raw      []byte
	Message  *cms.SignedData
	Time     time.Time
	Accuracy time.Duration // how far off Time may be; 0 when not said
	Policy   asn1.ObjectIdentifier
	Serial   *big.Int
	Hash     crypto.Hash
	Imprint  []byte
	Nonce    *big.Int // nil when none was asked for
	Ordering bool
}

// Parse reads a TimeStampToken (RFC 3161 §2.4.2). Errors wrap ErrMalformed.
func Parse(der []byte) (*Token, error) {
	if len(der) > MaxToken {
		return nil, fmt.Errorf("%w: token of %d bytes", ErrMalformed, len(der))
	}
	message, err := cms.Parse(der)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if !message.ContentType.Equal(OIDContent) || message.Detached || len(message.Signers) != 1 {
		return nil, fmt.Errorf("%w: not a timestamp token", ErrMalformed)
	}
	t := &Token{Raw: der, Message: message}
	if err := t.parseInfo(message.Content); err != nil {
		return nil, err
	}
	return t, nil
}

const (
	tagSeconds0 = cbasn1.Tag(0x80) // of Accuracy
	tagTSA      = cbasn1.Tag(0xa0)
	tagExtra    = cbasn1.Tag(0xa1)
)

func (t *Token) parseInfo(in cryptobyte.String) error {
	var body, imprint, algorithm, digest, moment cryptobyte.String
	version := 0
	switch {
	case !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty():
		return fmt.Errorf("%w: content", ErrMalformed)
	case !body.ReadASN1Integer(&version) || version != 1 || !body.ReadASN1ObjectIdentifier(&t.Policy):
		return fmt.Errorf("%w: version or policy", ErrMalformed)
	case !body.ReadASN1(&imprint, cbasn1.SEQUENCE) || !imprint.ReadASN1Element(&algorithm, cbasn1.SEQUENCE) ||
		!imprint.ReadASN1(&digest, cbasn1.OCTET_STRING) || !imprint.Empty():
		return fmt.Errorf("%w: imprint", ErrMalformed)
	}
	hash, err := cert.ParseHash(algorithm)
	if err != nil || len(digest) != hash.Size() {
		return fmt.Errorf("%w: hash of the imprint", ErrMalformed)
	}
	t.Hash, t.Imprint, t.Serial = hash, digest, new(big.Int)
	if !body.ReadASN1Integer(t.Serial) || !body.ReadASN1(&moment, cbasn1.GeneralizedTime) || !readTime(string(moment), &t.Time) {
		return fmt.Errorf("%w: serial number or time", ErrMalformed)
	}
	if !t.parseOptional(body) {
		return fmt.Errorf("%w: what follows the time", ErrMalformed)
	}
	return nil
}

// readTime reads a GeneralizedTime with or without a fraction, which RFC 3161
// §2.4.2 allows and RFC 5280 does not.
func readTime(text string, out *time.Time) bool {
	for _, layout := range []string{"20060102150405Z", "20060102150405.999999999Z"} {
		if parsed, err := time.Parse(layout, text); err == nil {
			*out = parsed
			return true
		}
	}
	return false
}

func (t *Token) parseOptional(body cryptobyte.String) bool {
	if body.PeekASN1Tag(cbasn1.SEQUENCE) && !t.readAccuracy(&body) {
		return false
	}
	if body.PeekASN1Tag(cbasn1.BOOLEAN) && !body.ReadASN1Boolean(&t.Ordering) {
		return false
	}
	if body.PeekASN1Tag(cbasn1.INTEGER) {
		t.Nonce = new(big.Int)
		if !body.ReadASN1Integer(t.Nonce) {
			return false
		}
	}
	return body.SkipOptionalASN1(tagTSA) && body.SkipOptionalASN1(tagExtra) && body.Empty()
}

// readAccuracy reads seconds, milliseconds and microseconds.
func (t *Token) readAccuracy(body *cryptobyte.String) bool {
	var accuracy cryptobyte.String
	if !body.ReadASN1(&accuracy, cbasn1.SEQUENCE) {
		return false
	}
	units := []time.Duration{time.Second, time.Millisecond, time.Microsecond}
	for i, tag := range []cbasn1.Tag{cbasn1.INTEGER, tagSeconds0, tagSeconds0 + 1} {
		var content cryptobyte.String
		var present bool
		if !accuracy.ReadOptionalASN1(&content, &present, tag) || present && (len(content) == 0 || len(content) > 4) {
			return false
		}
		value := int64(0)
		for _, octet := range content {
			value = value<<8 | int64(octet)
		}
		t.Accuracy += time.Duration(value) * units[i]
	}
	return accuracy.Empty()
}

// Covers reports, as ErrImprint, when the token is not over this digest. The
// digest is asked for with the token's hash.
func (t *Token) Covers(digest func(crypto.Hash) ([]byte, error)) error {
	sum, err := digest(t.Hash)
	if err != nil {
		return err
	}
	if !bytes.Equal(sum, t.Imprint) {
		return ErrImprint
	}
	return nil
}

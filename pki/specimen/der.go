package specimen

import (
	"bytes"
	"encoding/asn1"
	"math/big"
	"slices"
	"time"
)

// The DER builder: each function returns one complete TLV. It stands alone so
// that a mistake of the verifier's parser cannot be mirrored here.

const (
	tagInteger     = 0x02
	tagBitString   = 0x03
	tagOctets      = 0x04
	tagUTF8        = 0x0c
	tagPrintable   = 0x13
	tagIA5         = 0x16
	tagUTCTime     = 0x17
	tagGeneralTime = 0x18
	tagSequence    = 0x30
	tagSet         = 0x31
	contextPrim    = 0x80 // [0] IMPLICIT over a primitive type
	contextCons    = 0xa0 // [0] EXPLICIT, or IMPLICIT over a constructed type
)

func der(tag byte, parts ...[]byte) []byte {
	value := bytes.Join(parts, nil)
	head := []byte{tag, byte(len(value))}
	if len(value) >= 0x80 {
		length := big.NewInt(int64(len(value))).Bytes()
		head = append([]byte{tag, 0x80 | byte(len(length))}, length...)
	}
	return append(head, value...)
}

func sequence(parts ...[]byte) []byte { return der(tagSequence, parts...) }

// setOf sorts its members, as DER demands (X.690 §11.6).
func setOf(parts ...[]byte) []byte {
	slices.SortFunc(parts, bytes.Compare)
	return der(tagSet, parts...)
}

func explicit(n byte, parts ...[]byte) []byte { return der(contextCons|n, parts...) }

func octets(value []byte) []byte { return der(tagOctets, value) }

func bitString(value []byte) []byte { return der(tagBitString, []byte{0}, value) }

func null() []byte { return []byte{0x05, 0x00} }

func text(tag byte, s string) []byte { return der(tag, []byte(s)) }

func small(n int) []byte { return integer(big.NewInt(int64(n))) }

// integer encodes a number that is not negative.
func integer(n *big.Int) []byte {
	value := n.Bytes()
	if len(value) == 0 || value[0] >= 0x80 {
		value = append([]byte{0}, value...)
	}
	return der(tagInteger, value)
}

// identifier encodes an OID; the OIDs are this package's own constants or come
// from a curve, so that one which cannot be encoded is an empty value.
func identifier(oid asn1.ObjectIdentifier) []byte {
	encoded, err := asn1.Marshal(oid)
	if err != nil {
		return der(0x06)
	}
	return encoded
}

// moment encodes a Time: UTCTime up to 2049 (RFC 5280 §4.1.2.5).
func moment(t time.Time) []byte {
	t = t.UTC()
	if t.Year() >= 1950 && t.Year() < 2050 {
		return text(tagUTCTime, t.Format("060102150405Z"))
	}
	return text(tagGeneralTime, generalized(t))
}

func generalized(t time.Time) string { return t.UTC().Format("20060102150405Z") }

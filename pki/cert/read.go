package cert

import (
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// readInteger reads the content octets of an INTEGER, two's complement, and
// reports whether they were the fewest possible (X.690 §8.3.2).
func readInteger(content []byte) (value *big.Int, minimal bool) {
	value = new(big.Int).SetBytes(content)
	if content[0]&0x80 != 0 {
		value.Sub(value, new(big.Int).Lsh(big.NewInt(1), uint(8*len(content))))
	}
	minimal = len(content) == 1 || !(content[0] == 0 && content[1] < 0x80 || content[0] == 0xff && content[1] >= 0x80)
	return value, minimal
}

// readTime reads a Time (RFC 5280 §4.1.2.5).
func readTime(in *cryptobyte.String, out *time.Time) bool {
	if in.PeekASN1Tag(cbasn1.UTCTime) {
		return in.ReadASN1UTCTime(out)
	}
	return in.ReadASN1GeneralizedTime(out)
}

// oddTimes reports whether one of the Times is not written as RFC 5280 §4.1.2.5
// asks: to the second, in Greenwich, until 2049 with two digits for the year.
func oddTimes(in cryptobyte.String) bool {
	for !in.Empty() {
		var text cryptobyte.String
		var tag cbasn1.Tag
		if !in.ReadAnyASN1(&text, &tag) || len(text) == 0 || text[len(text)-1] != 'Z' ||
			tag == cbasn1.UTCTime && len(text) != len("060102150405Z") || tag == cbasn1.GeneralizedTime && string(text) < "2050" {
			return true
		}
	}
	return false
}

// readExtension reads one Extension (RFC 5280 §4.1): OID, criticality, content.
func readExtension(in *cryptobyte.String) (oid, value cryptobyte.String, critical, ok bool) {
	var body cryptobyte.String
	ok = in.ReadASN1(&body, cbasn1.SEQUENCE) && ReadOID(&body, &oid) &&
		(!body.PeekASN1Tag(cbasn1.BOOLEAN) || body.ReadASN1Boolean(&critical)) &&
		body.ReadASN1(&value, cbasn1.OCTET_STRING) && body.Empty()
	return oid, value, critical, ok
}

// readBoolean reads a BOOLEAN as BER, where anything but zero is true, and
// reports whether it was DER.
func readBoolean(in *cryptobyte.String, out *bool) (strict, ok bool) {
	var content cryptobyte.String
	if !in.ReadASN1(&content, cbasn1.BOOLEAN) || len(content) != 1 {
		return false, false
	}
	*out = content[0] != 0
	return content[0] == 0 || content[0] == 0xff, true
}

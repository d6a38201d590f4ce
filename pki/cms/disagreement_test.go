package cms_test

import (
	"slices"
	"strings"
)

// A disagreement is a way in which OpenSSL and this package differ, with the
// reason why ours stays as it is. One that is not in the table fails the test.
type disagreement struct {
	name string
	// ours is what this package says: where it accepts, it must list a
	// deviation that contains the text, if there is one; where it refuses, the
	// error or a deviation does.
	accepts bool
	ours    string
	theirs  string // in OpenSSL's error, where it refuses
	alone   bool   // only where the certificate's own signature is not verified
	reason  string
}

var disagreements = []disagreement{
	{name: "explicit parameters", accepts: true, ours: "curve written out", theirs: "explicit ECC parameters",
		reason: "RFC 5480 §2.1.1 forbids them, Doc 9303-12 has issuers write them; equal to a known curve as a whole they are safe"},
	{name: "explicit parameters with another seed", accepts: true, ours: "curve written out", theirs: "no public key", alone: true,
		reason: "RFC 3279 §2.3.5: version and seed say how the curve was found; no computation uses them"},
	{name: "meaningless parameters", accepts: true, ours: "parameters that mean nothing", theirs: "asn1 encoding routines",
		reason: "RFC 4055 §5: they are NULL; OpenSSL takes others too, if it can decode them"},
	{name: "unique identifier", accepts: true, ours: "has a unique identifier", theirs: "asn1 encoding routines", alone: true,
		reason: "RFC 5280 §4.1.2.8: nobody uses them, in a certificate whose own signature nobody asked about"},
	{name: "digest not announced", accepts: true, ours: "is not announced", theirs: "",
		reason: "RFC 5652 §5.1: a verifier may fail here; the set at the front only helps to hash in one pass"},
	{name: "issuer respelled", accepts: true, ours: "spells its issuer otherwise", theirs: "",
		reason: "RFC 5652 §5.3: the name finds the certificate and is not signed; it still means the same issuer"},
	{name: "key identifier computed", accepts: true, ours: "leaves to be computed", theirs: "signer certificate not found",
		reason: "RFC 5652 §5.3 wants the extension's value; RFC 5280 §4.2.1.2 says what it would have been"},
	{name: "name that is not text", accepts: true, ours: "a name holds what is not text", theirs: "asn1 encoding routines", alone: true,
		reason: "RFC 5280 §4.1.2.4, in a certificate whose own signature nobody asked about"},
	{name: "attributes out of order", accepts: true, ours: "not in DER order", theirs: "verification failure",
		reason: "RFC 5652 §5.4 signs them in DER, whatever order they travel in; OpenSSL takes them as they come"},
	{name: "signing time malformed", accepts: true, ours: "signing time is malformed", theirs: "asn1 encoding routines",
		reason: "RFC 5652 §11.3: it counts as not given, which is listed; OpenSSL decodes it and does not use it"},
	{name: "algorithm spelt in two ways", accepts: true, ours: "written differently", theirs: "certificate signature failure",
		reason: "RFC 5280 §4.1.1.2 wants the same identifier twice; both mean the same here"},
	{name: "parameters left out", accepts: true, ours: "RSA-PSS signature algorithm without parameters", theirs: "invalid pss parameters",
		reason: "RFC 4055 §3.1 has a signer write them; left out they are the defaults, and the signature verifies with those"},
	{name: "serial number padded", accepts: true, ours: "in more bytes than it takes", theirs: "illegal padding",
		reason: "RFC 5652 §5.3: it finds the certificate, is not signed, and is the same number"},
	{name: "certificate's serial number padded", accepts: true, ours: "serial number is not encoded in the fewest bytes", theirs: "illegal padding", alone: true,
		reason: "issuers have written such; in a certificate whose own signature nobody asked about"},
	{name: "certificate of another kind", accepts: true, ours: "of the certificates is of another kind", theirs: "no matching choice type",
		reason: "RFC 5652 §10.2.2 lets the set hold other kinds, which are left out; the signer's is found elsewhere"},
	{name: "signing certificate twice", accepts: true, theirs: "ossl_cms_si_check_attributes:attribute error",
		reason: "RFC 5035 §5.4 allows it once; it belongs to CAdES, and pki/adsig/ess refuses it twice"},
	{name: "extension left out", accepts: true, ours: "is malformed and was left out", theirs: "invalid certificate", alone: true,
		reason: "RFC 5280 §4.2, the same; a critical one is reported to the judge as unknown"},
	{name: "another certificate unreadable", accepts: true, ours: "was left out: ", theirs: "asn1 encoding routines",
		reason: "RFC 5652 §5.1: the set may hold more than the signature needs"},

	{name: "content type contradicted", ours: "signed content type is another",
		reason: "RFC 5652 §11.1: the signed attribute must be the content's type; OpenSSL compares for CAdES only"},
	{name: "content type malformed", ours: "malformed signed message: content type attribute",
		reason: "RFC 5652 §11.1, the same"},
	{name: "hash with parameters", ours: "malformed: hash algorithm identifier",
		reason: "RFC 5754 §2, RFC 4055 §2.1: absent or NULL; what others would mean nobody knows, and OpenSSL does not look"},
	{name: "unknown signature algorithm", ours: "signer's algorithms: signature algorithm",
		reason: "RFC 5652 §5.3: it says what was done; OpenSSL does not read it for ECDSA"},
	{name: "unknown digest algorithm", ours: "signer's algorithms: digest algorithm: ",
		reason: "RFC 5652 §5.3, the same; without attributes OpenSSL takes the digest that the front announces"},
	{name: "unknown version", ours: "parse signed data: malformed signed message: version",
		reason: "RFC 5652 §5.1 defines 1 to 5, and what others would mean nobody knows"},
	{name: "signer's version unreadable", ours: "malformed signed message: version",
		reason: "X.690 §8.3.1: an INTEGER has an octet at least; OpenSSL takes none for 0"},
	{name: "string made of something else", ours: "octet string made of something else",
		reason: "X.690 §8.7.3: the pieces of an octet string are octet strings"},
	{name: "malformed certificate", ours: "an embedded certificate is unreadable", alone: true,
		reason: "RFC 5280 §4.1; OpenSSL reads dates, versions and extensions only when it validates a path"},
	{name: "algorithm of another kind of key", ours: "RSA signature algorithm without NULL parameters",
		reason: "RFC 5652 §5.3: it says what was done, RSA with a key on a curve; OpenSSL does not read it for ECDSA"},
	{name: "length inside", ours: "read BER: malformed signed message: length of an element",
		reason: "X.690 §8.1.3.5, as for what is broken inside"},
	{name: "broken inside", ours: "read BER: malformed signed message: element cut short",
		reason: "X.690 §8.1.1: what is constructed holds whole elements; OpenSSL does not look into what it keeps as ANY"},
	{name: "bytes after the message", ours: "bytes after the message",
		reason: "X.690 §8.1: one value was asked for; OpenSSL stops reading at its end"},
}

// explain finds the row that covers the difference between two verdicts.
func explain(ours, theirs verdict, chain bool) (disagreement, bool) {
	i := slices.IndexFunc(disagreements, func(d disagreement) bool {
		listed := func(deviation string) bool { return strings.Contains(deviation, d.ours) }
		switch {
		case d.accepts != (ours.err == nil) || d.alone && chain:
			return false
		case d.accepts:
			return strings.Contains(theirs.err.Error(), d.theirs) && (d.ours == "" || slices.ContainsFunc(ours.deviations, listed))
		default:
			return strings.Contains(ours.err.Error(), d.ours) || slices.ContainsFunc(ours.deviations, listed)
		}
	})
	if i < 0 {
		return disagreement{}, false
	}
	return disagreements[i], true
}

package trust

import (
	"fmt"
	"iter"

	"cnie/pki/cert"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// maxMembers bounds the certificates of one list. The largest public one has
// some 700.
const maxMembers = 8192

// MasterListCertificates goes through the content of a signed master list
// (CscaMasterList, Doc 9303-12 §9), one certificate at a time. A certificate
// that cannot be read is handed over as an error and the walk goes on; an error
// without certificate ends it when the list itself is malformed. Verify the
// message around it first.
func MasterListCertificates(content []byte) iter.Seq2[*cert.Certificate, error] {
	return func(yield func(*cert.Certificate, error) bool) {
		for raw, err := range masterListEntries(content) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(cert.Parse(raw)) {
				return
			}
		}
	}
}

// masterListEntries goes through the certificates without parsing them. An
// error is about the list itself and ends the walk.
func masterListEntries(content []byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		in := cryptobyte.String(content)
		var body, set cryptobyte.String
		var version int
		if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() || !body.ReadASN1Integer(&version) ||
			version != 0 || !body.ReadASN1(&set, cbasn1.SET) || !body.Empty() {
			yield(nil, fmt.Errorf("%w: master list", cert.ErrMalformed))
			return
		}
		for count := 0; !set.Empty(); count++ {
			var raw cryptobyte.String
			if count == maxMembers || !set.ReadASN1Element(&raw, cbasn1.SEQUENCE) {
				yield(nil, fmt.Errorf("%w: master list entry", cert.ErrMalformed))
				return
			}
			if !yield(raw, nil) {
				return
			}
		}
	}
}

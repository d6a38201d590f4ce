package pades_test

import (
	"bytes"
	"testing"

	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pades"
	"cnie/pki/adsig/pades/revision"
)

// FuzzValidate looks for panics, and for signatures that are said to cover what
// they do not. Workers have keys of their own, so that whose they are is not
// asked.
func FuzzValidate(f *testing.F) {
	d := newDesk(f)
	plain := d.sign(page(), cades.BB)
	f.Add(plain)
	f.Add(d.sign(withForm().Bytes(), cades.BLTA))
	f.Add(d.victim(withForm(), nil).append(map[int]string{4: evil}))
	for _, a := range shadows() {
		base := a.base
		f.Add(a.do(d.victim(base, a.sign)))
	}
	policy := d.policy()
	f.Fuzz(func(t *testing.T, document []byte) {
		found, err := pades.Validate(bytes.NewReader(document), int64(len(document)), policy)
		if err != nil {
			return
		}
		for _, r := range found.Signatures {
			if r.Scope == pades.WholeFile && r.Covers != int64(len(document)) {
				t.Fatalf("%s covers %d of %d bytes", r.Field, r.Covers, len(document))
			}
			for _, c := range r.Changes {
				if r.Scope == pades.WholeDocument && c.Kind > revision.Signed {
					t.Fatalf("%s still covers the document after %s", r.Field, c.What)
				}
			}
		}
	})
}

package pki

import (
	"cmp"
	"crypto"
	"fmt"
	"slices"
	"strings"
	"time"

	"cnie/pki/cert"
)

// Floor is the weakest that may be used in a signature made on or after From
// (the zero time: ever). Sizes are in bits; 0 sets no limit.
type Floor struct {
	From             time.Time
	Hash, RSA, Curve int
}

// StrictFloors are the algorithms that the judge takes without being told more:
// what the sixth edition of Doc 9303 had, until SHA-1 had been broken for
// everybody to see and issuers had had the year 2017 to notice; from then on
// what ICAO 9303-12 §4.4 asks of document signers.
var StrictFloors = []Floor{
	{Hash: 160, RSA: 1024, Curve: 160},
	{From: time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC), Hash: 224, RSA: 2048, Curve: 224},
}

// floors is the table that this policy goes by. Of the time before a table of its
// own begins that says nothing, which is no leave: the strict one goes on to hold.
func (p Policy) floors() []Floor {
	if len(p.AllowAlgorithms) == 0 {
		return StrictFloors
	}
	earlier := func(f Floor) bool { return !f.From.Before(p.AllowAlgorithms[0].From) }
	return append(slices.DeleteFunc(slices.Clone(StrictFloors), earlier), p.AllowAlgorithms...)
}

// floorAt finds the last floor that begins at or before the moment.
func floorAt(table []Floor, moment time.Time) Floor {
	var found Floor
	for _, f := range table {
		if !f.From.After(moment) {
			found = f
		}
	}
	return found
}

// below says in words what is weaker than the floor, or nothing.
func (f Floor) below(key cert.PublicKey, hashes ...crypto.Hash) string {
	var weak []string
	weakest := slices.MinFunc(hashes, func(a, b crypto.Hash) int { return cmp.Compare(a.Size(), b.Size()) })
	if 8*weakest.Size() < f.Hash {
		weak = append(weak, weakest.String())
	}
	if bits := keyBits(key); key.RSA != nil && bits < f.RSA || key.EC != nil && bits < f.Curve {
		weak = append(weak, fmt.Sprintf("a key of %d bits", bits))
	}
	return strings.Join(weak, " and ")
}

func keyBits(key cert.PublicKey) int {
	switch {
	case key.RSA != nil:
		return key.RSA.N.BitLen()
	case key.EC != nil:
		return key.EC.Curve().Order().BitLen()
	}
	return 0
}

// noteStrength compares what a signature was made with against the policy at
// the time of signing, and remarks on what would not do today. Whoever judges
// the past knows what is known today, so that the remark does not depend on At.
func (e *examination) noteStrength(id CheckID, signed time.Time, key cert.PublicKey, described string, hashes ...crypto.Hash) {
	today := StrictFloors[len(StrictFloors)-1]
	if weak := floorAt(e.policy.floors(), signed).below(key, hashes...); weak != "" {
		e.note(id, Failed, "signed with %s, which was too weak on %s", weak, day(signed))
	} else if weak := today.below(key, hashes...); weak != "" {
		e.note(id, Warned, "signed with %s, which is no longer safe for new documents", weak)
	} else {
		e.note(id, Passed, "%s", described)
	}
}

// checkAlgorithms looks at the signature of EF.SOD. Second preimages of SHA-1,
// which is what changing a given document would take, are still out of reach;
// collisions, which help a dishonest clerk at the issuer, are not.
func (e *examination) checkAlgorithms() {
	if !e.authentic {
		e.note(CheckIntegrityDigest, NotChecked, "there is no verified signature")
		return
	}
	described := fmt.Sprintf("%v and %v", e.object.Hash, e.result.Algorithm)
	e.noteStrength(CheckIntegrityDigest, e.latestSigning(), e.signer.PublicKey, described,
		e.object.Hash, e.result.DigestAlgorithm, e.result.Algorithm.Hash)
}

// checkIssuerAlgorithms looks at the signature of the document signer's
// certificate, which was made when its validity begins or before.
func (e *examination) checkIssuerAlgorithms() {
	if e.issuer == nil {
		e.note(CheckIssuerAlgorithm, NotChecked, "the issuer is not known")
		return
	}
	algorithm := e.signer.SignatureAlgorithm
	e.noteStrength(CheckIssuerAlgorithm, e.signer.NotBefore, e.issuer.PublicKey, algorithm.String(), algorithm.Hash)
}

// latestSigning is the last moment at which an honest signer can have signed
// EF.SOD: the one it names, else the end of its key's use, but never later than
// the judgement. An unknown date must not be an excuse for old algorithms.
func (e *examination) latestSigning() time.Time {
	if t := e.result.SigningTime; t != nil {
		return *t
	}
	if _, until := usePeriod(e.signer); until.Before(e.policy.At) {
		return until
	}
	return e.policy.At
}

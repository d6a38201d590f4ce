package pki

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cnie/lds"
	"cnie/pki/cert"
)

// ActiveAuthentication is the transcript of Active Authentication, ICAO 9303-11
// §6.1. The judge verifies the signature with the key in the very EF.DG15 whose
// hash is in EF.SOD. Unlike a transcript of Chip Authentication it convinces
// third parties: nobody but the chip can make one.
type ActiveAuthentication struct {
	Outcome ChipOutcome `json:"outcome"`
	Status  uint16      `json:"status,omitempty"` // of a refusal
	// Challenge is the nonce RND.IFD that was sent, Response the signature as
	// the chip gave it.
	Challenge []byte `json:"challenge,omitempty"`
	Response  []byte `json:"response,omitempty"`
}

// nonceSize is that of RND.IFD, ICAO 9303-11 §6.1.2.1.
const nonceSize = 8

// ActiveNonce is the nonce for a card with this EF.SOD that answers the
// challenge of a verifier who is elsewhere. Who did not know the challenge could
// not have had a chip sign the nonce before. It is public: the verifier derives
// it again.
func ActiveNonce(challenge, sod []byte) []byte {
	question, document := sha256.Sum256(challenge), sha256.Sum256(sod)
	sum := sha256.Sum256(bytes.Join([][]byte{[]byte("cnie active authentication 1\x00"), question[:], document[:]}, nil))
	return sum[:nonceSize]
}

// Answers reports whether the chip itself answered the challenge: the State's
// signature vouches for its key, and with that it signed the [ActiveNonce] of
// the challenge. No terminal can make that up, only pass it on. It says nothing
// of who held the card.
func (r Report) Answers(challenge []byte) bool {
	signed, found := r.Check(CheckActive)
	if !found || signed.Outcome != Passed && signed.Outcome != Warned || len(challenge) == 0 || r.evidence == nil {
		return false
	}
	if len(r.unpassed([]Axis{AxisIntegrity, AxisIssuer, AxisChip})) > 0 || slices.ContainsFunc(r.Checks, disowns) {
		return false
	}
	return bytes.Equal(r.evidence.Active.Challenge, ActiveNonce(challenge, r.evidence.Files[lds.SOD]))
}

// disowns reports whether a check found that the signer's word is not the State's:
// it was revoked, or signed when it must not. An expired document is one that the
// State issued, and how it was opened is between the chip and the terminal.
func disowns(c Check) bool {
	vouching := c.Axis == AxisRevocation || c.Axis == AxisValidity && c.ID != CheckValidityDocument
	return vouching && c.Outcome == Failed
}

// judgeActive judges Active Authentication, the proof by signature.
func (e *examination) judgeActive() finding {
	proof := e.evidence.Active
	switch {
	case e.signed == nil:
		return finding{NotChecked, "EF.SOD is not usable"}
	case proof == nil && !e.lists(lds.DG15):
		return finding{NotApplicable, "the chip offers no Active Authentication"}
	case proof == nil:
		return finding{NotChecked, "Active Authentication was not carried out"}
	case !e.intact[lds.DG15]:
		return finding{Failed, "the key for Active Authentication is not in an intact EF.DG15"}
	case proof.Outcome == ChipRefused:
		return findingf(Failed, "EF.DG15 announces Active Authentication but the chip refused it (status %04X), as a copy would", proof.Status)
	case proof.Outcome != ChipPerformed:
		return finding{Failed, "secure messaging broke when the chip had to sign"}
	case len(proof.Challenge) != nonceSize:
		return finding{Failed, "what the chip signed is not a nonce of eight bytes"}
	}
	return e.verifyActive(*proof)
}

// signature is one that verified: how it was made and what is odd about it.
type signature struct {
	described  string
	hash       crypto.Hash
	deviations []string
}

func (s *signature) deviate(format string, args ...any) {
	s.deviations = append(s.deviations, fmt.Sprintf(format, args...))
}

func (e *examination) verifyActive(proof ActiveAuthentication) finding {
	key, err := activeKey(e.evidence.Files[lds.DG15])
	if err != nil {
		return finding{NotChecked, "the key in EF.DG15 is of a kind that is not known here"}
	}
	var made signature
	if key.RSA != nil {
		made, err = verifyRecovery(key.RSA, proof.Challenge, proof.Response)
	} else {
		made, err = e.verifyPlain(key, proof.Challenge, proof.Response)
	}
	switch {
	case errors.Is(err, cert.ErrUnsupported):
		return findingf(NotChecked, "the chip's signature cannot be verified here: %v", err)
	case err != nil:
		return findingf(Failed, "the chip's signature does not verify: %v", err)
	}
	return e.weighActive(key, made)
}

// activeKey reads the key of EF.DG15.
func activeKey(dg15 []byte) (cert.PublicKey, error) {
	spki, err := lds.ParseDG15(dg15)
	if err != nil {
		return cert.PublicKey{}, err
	}
	return cert.ParseSPKI(spki)
}

// weighActive asks whether a signature that verified is worth anything. Doc 9303
// sets a floor for the keys of document signers and none for those of chips, of
// which many have 1024 bits; so a key is refused only below the weakest that the
// policy takes of anybody, and short ones earn a remark. So does SHA-1, which
// §6.1.2.2 allows: a collision helps nobody who does not choose the nonce.
func (e *examination) weighActive(key cert.PublicKey, made signature) finding {
	asked := StrictFloors[0]
	if own := e.policy.AllowAlgorithms; len(own) > 0 {
		asked = own[0]
	}
	if weak := (Floor{RSA: asked.RSA, Curve: asked.Curve}).below(key, made.hash); weak != "" {
		return findingf(Failed, "the chip signed with %s, which is weaker than anything that the policy takes", weak)
	}
	if weak := StrictFloors[len(StrictFloors)-1].below(key, made.hash); weak != "" {
		made.deviate("%s, which is no longer safe for new documents", weak)
	}
	said := "the chip signed a fresh nonce with the private key to its signed public key (" + made.described + ")"
	if len(made.deviations) > 0 {
		return finding{Warned, said + ", but: " + strings.Join(made.deviations, "; ")}
	}
	return finding{Passed, said}
}

package pki

import (
	"crypto"
	"crypto/subtle"
	"errors"
	"slices"
	"strings"

	"cnie/lds"
	"cnie/pki/cms"
)

// openSOD takes EF.SOD apart. Everything else leans on it.
func (e *examination) openSOD() {
	e.intact = map[lds.File]bool{}
	raw, ok := e.evidence.Files[lds.SOD]
	if !ok {
		if status, denied := e.evidence.Denied[lds.SOD]; denied {
			e.note(CheckIntegritySOD, Failed, "the card denies having EF.SOD (status %04X)", status)
		} else {
			e.note(CheckIntegritySOD, NotChecked, "EF.SOD was not read")
		}
		return
	}
	message, err := lds.ParseSOD(raw)
	if err != nil {
		e.note(CheckIntegritySOD, Failed, "EF.SOD is malformed")
		return
	}
	signed, err := cms.Parse(message)
	switch {
	case err != nil:
		e.note(CheckIntegritySOD, Failed, "EF.SOD is not a well-formed signed message")
	case !signed.ContentType.Equal(lds.OIDSecurityObject):
		e.note(CheckIntegritySOD, Failed, "EF.SOD signs something that is not a list of hashes")
	case len(signed.Signers) != 1:
		e.note(CheckIntegritySOD, Failed, "EF.SOD has %d signers instead of one", len(signed.Signers))
	case !versionsFit(signed) || signed.Unannounced:
		e.note(CheckIntegritySOD, Failed, "the unsigned frame of EF.SOD contradicts its content")
	default:
		e.openSecurityObject(signed)
	}
}

// versionsFit compares the version numbers, which no signature covers, with what
// the message holds: 3 for content that is not plain data, RFC 5652 §5.1, and 1
// or 3 by how the signer is named, §5.3. The issuer of a card gets them right;
// whoever fumbled with its file may not.
func versionsFit(signed *cms.SignedData) bool {
	signer := signed.Signers[0]
	byKey := signer.SubjectKeyID != nil
	return signed.Version == 3 && (byKey && signer.Version == 3 || !byKey && signer.Version == 1)
}

func (e *examination) openSecurityObject(signed *cms.SignedData) {
	object, err := lds.ParseSecurityObject(signed.Content)
	if err != nil {
		e.note(CheckIntegritySOD, Failed, "the list of hashes in EF.SOD is malformed")
		return
	}
	e.signed, e.object = signed, object
	e.signer, _ = signed.SignerCertificate(0)
	if len(signed.Deviations) > 0 {
		e.note(CheckIntegritySOD, Warned, "EF.SOD lists %d files but departs from its format: %s", len(object.Hashes), strings.Join(signed.Deviations, "; "))
		return
	}
	e.note(CheckIntegritySOD, Passed, "EF.SOD lists %d files", len(object.Hashes))
}

// checkPresence refuses a card that withholds a file its issuer signed. DG3 and
// DG4 are behind further access control and are never asked for.
func (e *examination) checkPresence() {
	if e.signed == nil {
		e.note(CheckIntegrityPresence, NotChecked, "EF.SOD is not usable")
		return
	}
	var hidden, unread []lds.File
	for i, file := range e.evidence.Asked {
		if slices.Contains(e.evidence.Asked[:i], file) {
			continue
		}
		_, listed := e.object.Hashes[file]
		_, read := e.evidence.Files[file]
		_, denied := e.evidence.Denied[file]
		switch {
		case !listed || read:
		case denied:
			hidden = append(hidden, file)
		default:
			unread = append(unread, file)
		}
	}
	for _, file := range []lds.File{lds.DG14, lds.DG15} { // the chip's proof rests on them
		if _, listed := e.object.Hashes[file]; listed && !slices.Contains(e.evidence.Asked, file) {
			unread = append(unread, file)
		}
	}
	switch {
	case len(hidden) > 0:
		e.note(CheckIntegrityPresence, Failed, "EF.SOD lists %s, which the card denies having", fileList(hidden))
	case len(unread) > 0:
		e.note(CheckIntegrityPresence, NotChecked, "%s could not be read", fileList(unread))
	default:
		e.note(CheckIntegrityPresence, Passed, "the card handed over every file that was asked for")
	}
}

// checkHashes hashes each data group as it was read.
func (e *examination) checkHashes() {
	for n := lds.DG1; n <= lds.DG16; n++ {
		content, read := e.evidence.Files[n]
		if !read {
			continue
		}
		want, listed := e.object.Hashes[n]
		switch {
		case e.signed == nil:
			e.note(CheckIntegrityOf(n), NotChecked, "EF.SOD is not usable")
		case !listed:
			e.note(CheckIntegrityOf(n), Failed, "EF.SOD does not know %v", n)
		case subtle.ConstantTimeCompare(digest(e.object.Hash, content), want) != 1:
			e.note(CheckIntegrityOf(n), Failed, "%v is not what its issuer signed", n)
		default:
			e.intact[n] = true
			e.note(CheckIntegrityOf(n), Passed, "%v is what EF.SOD lists (%v)", n, e.object.Hash)
		}
	}
}

func digest(h crypto.Hash, content []byte) []byte {
	hash := h.New()
	hash.Write(content)
	return hash.Sum(nil)
}

func (e *examination) checkSignature() {
	switch {
	case e.signed == nil:
		e.note(CheckIntegritySigned, NotChecked, "EF.SOD is not usable")
		return
	case e.signer == nil:
		// ICAO 9303-10 §4.6.2.2 makes it mandatory; without it nothing was signed by anyone.
		e.note(CheckIntegritySigned, Failed, "EF.SOD does not carry its signer's certificate in readable form")
		return
	}
	result, err := e.signed.Verify(0, e.signer)
	switch {
	case errors.Is(err, cms.ErrMessageDigest):
		e.note(CheckIntegritySigned, Failed, "the list of hashes is not the one that was signed")
	case err != nil:
		e.note(CheckIntegritySigned, Failed, "the document signer's signature does not verify")
	default:
		e.result, e.authentic = result, true
		e.note(CheckIntegritySigned, Passed, "the document signer's signature verifies (%v)", result.Algorithm)
	}
}

// openSignedFiles parses the files that later checks need, and only the very
// bytes whose hash was right. A malformed file that is intact was issued so.
func (e *examination) openSignedFiles() {
	if e.intact[lds.DG1] {
		if mrz, err := lds.ParseDG1(e.evidence.Files[lds.DG1]); err == nil {
			e.mrz = &mrz
		}
	}
	if e.intact[lds.DG14] {
		if infos, err := lds.ParseDG14(e.evidence.Files[lds.DG14]); err == nil {
			e.security = &infos
		}
	}
}

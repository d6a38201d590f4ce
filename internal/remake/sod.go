package remake

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cnie/lds"
	"cnie/pki"
	"cnie/pki/cert"
	"cnie/pki/specimen"
	"cnie/simulator/persona"
)

// When remade documents are signed: their signer's certificate is the same
// every time.
var signedOn = time.Date(2025, 2, 1, 9, 0, 0, 0, time.UTC)

// addSOD signs the files, as the original was signed as far as that can be seen:
// the same hashes, a key of the same kind, the same form.
func (o *original) addSOD(card *persona.Card) (string, error) {
	was := o.files[lds.SOD]
	key, options := o.signing()
	size := max(len(was), o.sizes[lds.SOD])
	sign := func(signer *specimen.Signer) ([]byte, error) { return signer.SignSOD(card.Files, options) }
	best, err := o.signedTo(size, key, sign)
	if err != nil {
		return "", fmt.Errorf("sign EF.SOD: %w", err)
	}
	remark := ""
	for _, economy := range economies {
		if size == 0 || len(best) <= size {
			break
		}
		economy(&key, &options)
		remark = "EF.SOD is signed in a shorter form than the original"
		if best, err = o.signedTo(size, key, sign); err != nil {
			return "", fmt.Errorf("sign EF.SOD: %w", err)
		}
	}
	card.Files[lds.SOD] = best
	if size > 0 && len(best) != size {
		remark = fmt.Sprintf("EF.SOD has %d bytes instead of %d", len(best), size)
	}
	return remark, nil
}

// economies make a specimen's EF.SOD shorter, where the original had shorter
// names in it, one after the other.
var economies = []func(*specimen.Algorithm, *specimen.SODOptions){
	func(k *specimen.Algorithm, _ *specimen.SODOptions) { k.Explicit = false },
	func(_ *specimen.Algorithm, o *specimen.SODOptions) { o.ByKeyID = true },
	func(_ *specimen.Algorithm, o *specimen.SODOptions) { o.SigningTime = time.Time{} },
}

// signing is the kind of key and the form of signature.
func (o *original) signing() (specimen.Algorithm, specimen.SODOptions) {
	options := specimen.SODOptions{SigningTime: signedOn}
	if o.signed == nil {
		return specimen.Algorithm{}, options
	}
	options.Hash, options.Version = usable(o.object.Hash), o.object.Version
	options.ByKeyID, options.OmitCertificate = len(o.signed.Signers[0].SubjectKeyID) > 0, len(o.signed.Certificates) == 0
	if o.signature.Algorithm.Hash != 0 && o.signature.SigningTime == nil {
		options.SigningTime = time.Time{}
	}
	digest, _ := o.signed.DigestAlgorithm(0)
	key := specimen.Algorithm{Hash: usable(digest), PSS: o.signature.Algorithm.Kind == cert.RSAPSS}
	signer, there := o.signed.SignerCertificate(0)
	switch {
	case !there:
		return specimen.Algorithm{}, options
	case signer.PublicKey.RSA != nil:
		key.RSA = (signer.PublicKey.RSA.N.BitLen() + 7) / 8 * 8
	case signer.PublicKey.EC != nil:
		key.PSS, key.Curve, key.Explicit = false, signer.PublicKey.EC.Curve(), signer.PublicKey.Explicit
	}
	return key, options
}

// signedTo looks for a signer whose file has the right length. Its certificate
// is padded; ECDSA signatures, of which the CSCA's is one, vary by a few bytes
// from one try to the next.
func (o *original) signedTo(size int, key specimen.Algorithm, sign func(*specimen.Signer) ([]byte, error)) (best []byte, err error) {
	const tries = 60
	pad := 0
	for try := range tries {
		signer, err := specimen.Default().IssueDSC(specimen.DSCOptions{
			Label: label(pad, try, key), Key: key, DocumentTypes: append(o.documentTypes(), padding(pad%coarse, try)...),
		})
		if err != nil {
			return nil, err
		}
		made, err := sign(signer)
		if err != nil {
			return nil, err
		}
		if best == nil || distance(made, size) < distance(best, size) {
			best = made
		}
		if size == 0 || len(best) == size || pad == 0 && len(made) > size+8 {
			break // nothing makes it shorter
		}
		pad = max(0, pad+size-len(made))
	}
	return best, nil
}

// coarse is how many bytes the signer's name is padded by at a time.
const coarse = 128

// label names the signer. Its key follows from that, which for RSA takes time:
// there, not every try has another.
func label(pad, try int, key specimen.Algorithm) string {
	name := "R"
	if key.RSA == 0 {
		name += fmt.Sprint(try % 10)
	}
	return name + strings.Repeat("EMADE SPECIMEN, ", pad/coarse*coarse/16)
}

// padding is types of documents, which there are not, that take so many bytes in
// a certificate: four for a type of two letters, three for one of one. They differ from try to try.
func padding(n, try int) (types []string) {
	letter := string(rune('X' + try%3))
	for ; n%4 != 0 && n >= 3; n -= 3 {
		types = append(types, letter)
	}
	for i := 0; n >= 4; n -= 4 {
		types = append(types, letter+string(rune('A'+(i+try/3)%26)))
		i++
	}
	return types
}

func distance(made []byte, size int) int {
	return max(len(made)-size, size-len(made))
}

func (o *original) documentTypes() []string {
	code := o.zone().DocumentCode
	return slices.Compact([]string{code, code[:1]})
}

// spoil repeats what was wrong with the data: hashes that did not fit, a
// signature that did not, files that the card denied.
func (o *original) spoil(card *persona.Card) {
	flip := func(f lds.File) {
		if content := card.Files[f]; len(content) > 0 {
			content[len(content)-1] ^= 1
		}
	}
	for f := lds.DG1; f <= lds.DG16; f++ {
		if o.failed[pki.CheckIntegrityOf(f)] && o.files[f] != nil {
			flip(f)
		}
	}
	if o.failed[pki.CheckIntegritySigned] {
		flip(lds.SOD)
	}
	for f := range o.denied {
		delete(card.Files, f)
	}
}

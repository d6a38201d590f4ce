package jades

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"

	"cnie/pki/cert"
)

// Header parameters of TS 119 182-1 §5.
const (
	headerChain      = "x5c"
	headerThumbprint = "x5t#S256"
	headerTime       = "iat"
	headerDetached   = "sigD"

	byHash = "http://uri.etsi.org/19182/ObjectIdByURIHash"
)

// Signer makes signatures.
type Signer struct {
	Key   crypto.Signer
	Chain []*cert.Certificate // the key's certificate, then its issuers
	PSS   bool                // RSA signs by RSASSA-PSS rather than PKCS#1 v1.5
	At    time.Time           // the signing time that the signer claims
}

// Object is a file that is signed and lies elsewhere.
type Object struct {
	Name   string // a URI reference, such as the file's name
	MIME   string // empty: not said
	Digest []byte // of the file, with the signer's DigestAlgorithm
}

// detached is the sigD header (§5.2.8).
type detached struct {
	Mechanism string   `json:"mId"`
	Names     []string `json:"pars"`
	Hash      string   `json:"hashM,omitempty"`
	Digests   []string `json:"hashV,omitempty"`
	Types     []string `json:"ctys,omitempty"`
}

// DigestAlgorithm is the hash with which files are to be hashed.
func (s *Signer) DigestAlgorithm() (crypto.Hash, error) {
	name, err := s.algorithm()
	return algorithms[string(name)].Hash, err
}

func (s *Signer) algorithm() (jose.SignatureAlgorithm, error) {
	if len(s.Chain) == 0 {
		return "", fmt.Errorf("%w: no certificate", ErrKey)
	}
	return fitting(s.Chain[0].PublicKey, s.PSS)
}

// Sign signs a payload, which goes into the signature.
func (s *Signer) Sign(payload []byte, mime string) ([]byte, error) {
	var o jose.SignerOptions
	if mime != "" {
		o.WithContentType(jose.ContentType(mime))
	}
	return s.make(payload, &o)
}

// SignObjects signs files by their digests. The signature's payload is empty; the
// digests are those of the files themselves, since b64 is false (§5.2.8.3.3).
func (s *Signer) SignObjects(objects []Object) ([]byte, error) {
	hash, err := s.DigestAlgorithm()
	if err != nil {
		return nil, err
	}
	d := detached{Mechanism: byHash, Hash: hashNames[hash]}
	for _, o := range objects {
		if len(o.Digest) != hash.Size() {
			return nil, fmt.Errorf("%w: digest of %d bytes for %v", ErrMalformed, len(o.Digest), hash)
		}
		d.Names = append(d.Names, o.Name)
		d.Digests = append(d.Digests, base64.RawURLEncoding.EncodeToString(o.Digest))
		d.Types = append(d.Types, o.MIME)
	}
	if len(objects) == 0 || len(objects) > maxObjects {
		return nil, fmt.Errorf("%w: %d files", ErrMalformed, len(objects))
	}
	var o jose.SignerOptions
	o.WithBase64(false).WithHeader(headerDetached, d).WithCritical(headerDetached)
	return s.make([]byte{}, &o)
}

// make signs under the header that the level asks for (§6.3).
func (s *Signer) make(payload []byte, o *jose.SignerOptions) ([]byte, error) {
	algorithm, err := s.algorithm()
	if err != nil {
		return nil, err
	}
	var chain []string
	for _, c := range s.Chain {
		chain = append(chain, base64.StdEncoding.EncodeToString(c.Raw))
	}
	thumbprint := sha256.Sum256(s.Chain[0].Raw)
	o.WithHeader(headerChain, chain).
		WithHeader(headerThumbprint, base64.RawURLEncoding.EncodeToString(thumbprint[:])).
		WithHeader(headerTime, s.At.Unix())
	maker, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: opaque{s, algorithm}}, o)
	if err != nil {
		return nil, fmt.Errorf("prepare to sign: %w", err)
	}
	signed, err := maker.Sign(payload)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	text, err := signed.CompactSerialize()
	return []byte(text), err
}

// opaque is the key as go-jose takes it.
type opaque struct {
	signer    *Signer
	algorithm jose.SignatureAlgorithm
}

// Public implements jose.OpaqueSigner; the certificates tell.
func (opaque) Public() *jose.JSONWebKey { return nil }

// Algs implements jose.OpaqueSigner.
func (o opaque) Algs() []jose.SignatureAlgorithm { return []jose.SignatureAlgorithm{o.algorithm} }

// SignPayload signs, and verifies the signature under the certificate: a token
// with the wrong key must not leave its work in a file.
func (o opaque) SignPayload(input []byte, name jose.SignatureAlgorithm) ([]byte, error) {
	a := algorithms[string(name)]
	var options crypto.SignerOpts = a.Hash
	if a.Kind == cert.RSAPSS {
		options = &rsa.PSSOptions{SaltLength: a.SaltLen, Hash: a.Hash}
	}
	digest := a.Digest(input)
	signature, err := o.signer.Key.Sign(rand.Reader, digest, options)
	if err != nil {
		return nil, err
	}
	if signature, err = plain(string(name), signature); err != nil {
		return nil, err
	}
	if err := o.signer.Chain[0].PublicKey.Verify(a, digest, signature); err != nil {
		return nil, fmt.Errorf("%w: what the key signed does not verify: %w", ErrKey, err)
	}
	return signature, nil
}

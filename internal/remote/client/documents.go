package client

import (
	"bytes"
	"context"
	"crypto"
	_ "crypto/sha256" // for Hash.New
	_ "crypto/sha512"
	"encoding/base64"
	"fmt"
	"slices"
)

// Format is the form of a signature that a service makes of a document (§11.11).
type Format string

// The formats: into a PDF as a new revision, or as a CMS message beside the file.
const (
	PAdES Format = "P"
	CAdES Format = "C"
)

// Document is a document that the holder is to see.
type Document struct {
	Name    string
	Content []byte
	Format  Format
}

// shownDocument is how `cnie remote serve` takes documents with the request for
// permission: the API has no place for them, and a holder cannot see one in a hash.
type shownDocument struct {
	Name    string `json:"name"`
	Content []byte `json:"document"`
	Format  Format `json:"signature_format"`
}

type signedDocument struct {
	Content    []byte `json:"document"`
	Format     Format `json:"signature_format"`
	Level      string `json:"conformance_level"`
	Envelope   string `json:"signed_envelope_property"`
	Algorithm  string `json:"hashAlgorithmOID,omitempty"`
	Method     string `json:"signAlgo"`
	Parameters []byte `json:"signAlgoParams,omitempty"`
}

var envelopes = map[Format]string{PAdES: "Revision", CAdES: "Detached"}

// SignDocument is SignDocuments for one.
func (k *Key) SignDocument(ctx context.Context, d Document, opts crypto.SignerOpts) ([]byte, error) {
	made, err := k.SignDocuments(ctx, []Document{d}, opts)
	if err != nil {
		return nil, err
	}
	return made[0], nil
}

// SignDocuments sends whole documents, for services whose holder wants to see what is
// signed, and gets a signature of level B-B of each, in the same order: the signed PDF,
// or the CMS message. Of what comes back it is only checked that a PDF begins with
// the document that was sent; the signature is for the caller to validate.
func (k *Key) SignDocuments(ctx context.Context, documents []Document, opts crypto.SignerOpts) ([][]byte, error) {
	m, err := k.method(opts)
	if err != nil {
		return nil, err
	}
	if !k.client.offers("signatures/signDoc") || k.told.mode() == oauthMode {
		return nil, ErrUnsupported
	}
	var all [][]byte
	for some := range slices.Chunk(documents, k.Together()) {
		made, err := k.signShown(ctx, some, m)
		if err != nil {
			return nil, err
		}
		all = append(all, made...)
	}
	return all, nil
}

// signShown is one permission for documents that are shown, and its use.
func (k *Key) signShown(ctx context.Context, documents []Document, m method) ([][]byte, error) {
	var digests [][]byte
	var shown []shownDocument
	for _, d := range documents {
		if envelopes[d.Format] == "" {
			return nil, ErrUnsupported
		}
		h := m.hash.New()
		h.Write(d.Content)
		digests, shown = append(digests, h.Sum(nil)), append(shown, shownDocument(d))
	}
	request := k.authorization(digests, m)
	request.Method, request.Parameters, request.Documents = m.name, m.parameters, shown
	permission, err := k.authorized(ctx, request)
	if err != nil {
		return nil, err
	}
	return k.signedDocuments(ctx, permission, documents, m)
}

// signedAnswer is the answer of signDoc: documents with their signatures in them, and
// signatures by themselves.
type signedAnswer struct {
	later
	Documents  []string `json:"DocumentWithSignature"`
	Signatures []string `json:"SignatureObject"`
	room       int64
}

// maxSignature is how much a signature adds, in bytes.
const maxSignature = 256 << 10

// most bounds the answer by what was sent.
func (a *signedAnswer) most() int64 { return a.room }

func (k *Key) signedDocuments(ctx context.Context, permission string, documents []Document, m method) ([][]byte, error) {
	got := signedAnswer{room: maxAnswer}
	var wanted []signedDocument
	for _, d := range documents {
		wanted = append(wanted, signedDocument{d.Content, d.Format, "AdES-B-B", envelopes[d.Format], m.hashName, m.name, m.parameters})
		got.room += (int64(len(d.Content)) + maxSignature) / 3 * 4
	}
	request := map[string]any{"credentialID": k.name, "SAD": permission, "operationMode": "A", "documents": wanted}
	if err := k.spend(ctx, "signatures/signDoc", request, &got, &got.later); err != nil {
		return nil, err
	}
	var all [][]byte
	for _, d := range documents {
		list := &got.Signatures
		if d.Format == PAdES {
			list = &got.Documents
		}
		if len(*list) == 0 {
			return nil, fmt.Errorf("signatures/signDoc made fewer signatures than there are documents: %w", ErrProtocol)
		}
		content, err := base64.StdEncoding.DecodeString((*list)[0])
		if err != nil || d.Format == PAdES && !bytes.HasPrefix(content, d.Content) {
			return nil, fmt.Errorf("signatures/signDoc: %w", ErrProtocol)
		}
		all, *list = append(all, content), (*list)[1:]
	}
	if len(got.Signatures)+len(got.Documents) > 0 {
		return nil, fmt.Errorf("signatures/signDoc made more signatures than there are documents: %w", ErrProtocol)
	}
	return all, nil
}

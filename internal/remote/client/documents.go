package client

import (
	"bytes"
	"context"
	"crypto"
	_ "crypto/sha256" // for Hash.New
	_ "crypto/sha512"
	"encoding/base64"
	"fmt"
	"net/http"
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

// SignDocument sends a whole document, for services whose holder wants to see what
// is signed, and gets a signature of level B-B: the signed PDF, or the CMS message.
// Of what comes back it is only checked that a PDF begins with the document that
// was sent; the signature is for the caller to validate.
func (k *Key) SignDocument(ctx context.Context, d Document, opts crypto.SignerOpts) ([]byte, error) {
	m, err := k.method(opts)
	if err != nil {
		return nil, err
	}
	if envelopes[d.Format] == "" || !k.client.offers("signatures/signDoc") || k.told.mode() == oauthMode {
		return nil, ErrUnsupported
	}
	h := m.hash.New()
	h.Write(d.Content)
	request := k.authorization([][]byte{h.Sum(nil)}, m)
	request.Method, request.Parameters = m.name, m.parameters
	request.Documents = []shownDocument{{d.Name, d.Content, d.Format}}
	permission, err := k.authorized(ctx, request)
	if err != nil {
		return nil, err
	}
	return k.signedDocument(ctx, permission, d, m)
}

func (k *Key) signedDocument(ctx context.Context, permission string, d Document, m method) ([]byte, error) {
	var got struct {
		Documents  []string `json:"DocumentWithSignature"`
		Signatures []string `json:"SignatureObject"`
		Response   string   `json:"responseID"`
	}
	status, err := k.client.call(ctx, k.client.tokens, "signatures/signDoc", map[string]any{
		"credentialID": k.name, "SAD": permission, "operationMode": "A", "documents": []signedDocument{{
			d.Content, d.Format, "AdES-B-B", envelopes[d.Format], m.hashName, m.name, m.parameters,
		}},
	}, &got)
	if err == nil && got.Response != "" {
		status = http.StatusAccepted
	}
	for n := 0; err == nil && status == http.StatusAccepted; n++ {
		if err = pause(ctx, n); err == nil {
			status, err = k.client.call(ctx, k.client.tokens, "signatures/signPolling", pollRequest{got.Response}, &got)
		}
	}
	if err != nil {
		return nil, err
	}
	made := append(got.Documents, got.Signatures...)
	if len(made) != 1 {
		return nil, fmt.Errorf("signatures/signDoc made %d signatures of one: %w", len(made), ErrProtocol)
	}
	content, err := base64.StdEncoding.DecodeString(made[0])
	if err != nil || d.Format == PAdES && !bytes.HasPrefix(content, d.Content) {
		return nil, fmt.Errorf("signatures/signDoc: %w", ErrProtocol)
	}
	return content, nil
}

package server

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	"cnie/internal/remote/order"
	"cnie/internal/remote/store"
)

// consent makes the order for it out of a request.
func (s *Server) consent(by *caller, c store.Credential, in *authorizeIn) (*order.Order, [][]byte, error) {
	if by.client == nil || in.Count == nil {
		return nil, nil, missing("integer", "numSignatures")
	}
	chain, err := s.chains.parse(c)
	if err != nil {
		return nil, nil, err
	}
	if status(chain[0], s.now()) != "valid" {
		return nil, nil, invalid("Signing certificate is expired")
	}
	a := algorithms{hashes[in.Hash], usual(chain[0].PublicKey)}
	if in.Signature != "" {
		if a, err = parseAlgorithms(in.Signature, in.Parameters, in.Hash); err != nil {
			return nil, nil, err
		}
	}
	if a.hash == "" {
		return nil, nil, invalid("Invalid parameter hashAlgorithmOID")
	}
	if !a.signature.Fits(chain[0].PublicKey) {
		return nil, nil, invalid("Invalid parameter signAlgo")
	}
	now := s.now().UTC().Truncate(time.Second)
	o := &order.Order{
		Version: order.Version, ID: order.NewID(), Stage: order.Consent, Kind: order.Hash, Credential: c.ID,
		Requester: order.Requester{ID: by.client.ID, Name: by.client.Name}, Purpose: in.Description,
		Hash: a.hash, Signature: a.signature, Created: now, Expires: now.Add(s.config.consentLife()),
	}
	contents, err := s.about(o, by, c, in)
	if err != nil {
		return nil, nil, err
	}
	if _, err := o.Encode(); err != nil {
		return nil, nil, invalid("description or name: %v", errors.Unwrap(err))
	}
	return o, contents, nil
}

// about fills in what is to be signed, and checks its number.
func (s *Server) about(o *order.Order, by *caller, c store.Credential, in *authorizeIn) ([][]byte, error) {
	texts := in.Hashes
	if len(in.Digests) > 0 {
		if len(in.Hashes) > 0 || len(in.Documents) > 0 {
			return nil, invalid("documentDigests is instead of hashes and documents")
		}
		for _, d := range in.Digests {
			texts = append(texts, d.Hash)
		}
	}
	switch {
	case *in.Count < 1:
		return nil, invalid("Invalid value for parameter numSignatures")
	case *in.Count > s.config.Limits.Documents:
		return nil, invalid("Numbers of signatures is too high")
	case len(texts) == 0:
		return nil, missing("array", "hashes")
	case len(texts) != *in.Count:
		return nil, invalid("Invalid value for parameter numSignatures")
	}
	digests, err := decodeHashes(base64.StdEncoding, texts, o.Hash)
	if err != nil {
		return nil, err
	}
	for i, digest := range digests {
		d := order.Document{Digest: digest}
		if len(in.Digests) > 0 {
			d.Name = in.Digests[i].Label
		}
		o.Documents = append(o.Documents, d)
	}
	if len(in.Documents) == 0 {
		return nil, s.mayHash(by, c)
	}
	o.Kind = order.Doc
	return s.documents(o, in.Documents)
}

// mayHash says no to bare hashes unless service, program and agent have said yes.
func (s *Server) mayHash(by *caller, c store.Credential) error {
	if s.config.Hashes && by.client.Hashes && c.Hashes {
		return nil
	}
	return &failure{
		status: http.StatusForbidden, Code: "access_denied", Reason: order.HashForbidden,
		Text: "Bare hashes are not signed for this program and credential: send the documents too",
	}
}

// documents compares each document with its hash.
func (s *Server) documents(o *order.Order, in []documentIn) ([][]byte, error) {
	if len(in) != len(o.Documents) {
		return nil, invalid("Invalid array parameter documents")
	}
	var contents [][]byte
	for i, d := range in {
		format, known := formats[d.Format]
		switch {
		case !known:
			return nil, invalid("Invalid parameter signature_format")
		case len(d.Document) == 0:
			return nil, missing("string", fmt.Sprintf("documents[%d].document", i))
		case d.Name == "":
			return nil, missing("string", fmt.Sprintf("documents[%d].name", i))
		case !bytes.Equal(sum(o.Hash, d.Document), o.Documents[i].Digest):
			return nil, errChanged
		}
		o.Documents[i] = order.Document{Name: d.Name, Size: int64(len(d.Document)), Format: format, Digest: o.Documents[i].Digest}
		contents = append(contents, d.Document)
	}
	return contents, nil
}

// errChanged is the API's own word for a document with another hash (§11.11).
var errChanged = &failure{status: http.StatusForbidden, Code: "invalid_hash", Text: "Document or documentDigest does not match authorized hash"}

func sum(h order.HashAlgorithm, content []byte) []byte {
	hash := h.Hash().New()
	hash.Write(content)
	return hash.Sum(nil)
}

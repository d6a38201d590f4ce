package server

import (
	"bytes"
	"context"
	"encoding/base64"
	"slices"

	"cnie/internal/remote/order"
)

// What signDoc makes (CSC API v2 §11.11).
const (
	detached = "Detached"
	revision = "Revision"
	levelBB  = "AdES-B-B"
)

var formats = map[string]order.Format{"P": order.PAdES, "C": order.CAdES}

// signIn are the members that signHash and signDoc have in common.
type signIn struct {
	Credential string `json:"credentialID"`
	SAD        string `json:"SAD"`
	Mode       string `json:"operationMode"`
	Validity   *int64 `json:"validity_period"`
	Notify     string `json:"response_uri"`
}

type signHashIn struct {
	signIn
	Hashes     []string `json:"hashes"`
	Hash       string   `json:"hashAlgorithmOID"`
	Signature  string   `json:"signAlgo"`
	Parameters string   `json:"signAlgoParams"`
}

// signHash has bare hashes signed (CSC API v2 §11.10).
func (s *Server) signHash(ctx context.Context, by *caller, in *signHashIn) (reply, error) {
	grant, err := s.presented(ctx, by, &in.signIn)
	if err != nil {
		return reply{}, err
	}
	if len(in.Hashes) == 0 {
		return reply{}, invalid("Empty hash array")
	}
	a, err := parseAlgorithms(in.Signature, in.Parameters, in.Hash)
	if err != nil {
		return reply{}, err
	}
	digests, err := decodeHashes(base64.StdEncoding, in.Hashes, a.hash)
	if err != nil {
		return reply{}, err
	}
	switch {
	case a != algorithms{grant.Hash, grant.Signature}:
		return reply{}, invalid("Invalid parameter signAlgo: the SAD is for another algorithm")
	case grant.Kind != order.Hash || !slices.EqualFunc(digests, grant.Digests, bytes.Equal):
		return reply{}, invalid("Hash is not authorized by the SAD")
	}
	return s.sign(ctx, by, &in.signIn, grant)
}

type signDocumentIn struct {
	signIn
	Documents  []signedIn `json:"documents"`
	Digests    []any      `json:"documentDigests"`
	Validation bool       `json:"returnValidationInfo"`
}

// signedIn is one document to be signed, and how.
type signedIn struct {
	Document   []byte `json:"document"`
	Format     string `json:"signature_format"`
	Level      string `json:"conformance_level"`
	Envelope   string `json:"signed_envelope_property"`
	Signature  string `json:"signAlgo"`
	Parameters string `json:"signAlgoParams"`
	Hash       string `json:"hashAlgorithmOID"`
}

// signDocument has documents signed that the holder has seen (CSC API v2 §11.11).
func (s *Server) signDocument(ctx context.Context, by *caller, in *signDocumentIn) (reply, error) {
	grant, err := s.presented(ctx, by, &in.signIn)
	if err != nil {
		return reply{}, err
	}
	switch {
	case len(in.Digests) > 0 && len(in.Documents) > 0:
		return reply{}, invalid("Both documentDigests and documents parameters passed")
	case len(in.Digests) > 0:
		return reply{}, invalid("Invalid object parameter documentDigests: only documents that the holder has seen are signed here")
	case len(in.Documents) == 0:
		return reply{}, invalid("Empty documentDigests and documents objects")
	case grant.Kind != order.Doc || len(in.Documents) != grant.Count:
		return reply{}, invalid("documentDigests or documents are not authorized by the SAD")
	}
	r, err := s.store.Request(ctx, grant.Consent)
	if err != nil {
		return reply{}, err
	}
	for i := range in.Documents {
		if err := in.Documents[i].agreed(r.Order, i); err != nil {
			return reply{}, err
		}
	}
	return s.sign(ctx, by, &in.signIn, grant)
}

// agreed compares a document, and how it is to be signed, with the i-th of those that
// the holder agreed to.
func (d *signedIn) agreed(o *order.Order, i int) error {
	format, known := formats[d.Format]
	wanted := map[order.Format]string{order.PAdES: revision, order.CAdES: detached}[format]
	switch {
	case !known:
		return invalid("Invalid parameter signature_format")
	case d.Level != "" && d.Level != levelBB && d.Level != "Ades-B-B": // the specification writes both
		return invalid("Invalid parameter conformance_level")
	case d.Envelope != wanted:
		return invalid("Invalid parameter signed_envelope_property: it has to be %s", wanted)
	case format != o.Documents[i].Format:
		return invalid("documentDigests or documents are not authorized by the SAD")
	case !bytes.Equal(sum(o.Hash, d.Document), o.Documents[i].Digest):
		return errChanged
	}
	if d.Hash == "" && d.Signature == oidRSA { // signDoc need not name the hash
		d.Hash = oidOf(o.Hash)
	}
	a, err := parseAlgorithms(d.Signature, d.Parameters, d.Hash)
	if err == nil && a != (algorithms{o.Hash, o.Signature}) {
		err = invalid("Invalid parameter signAlgo: the SAD is for another algorithm")
	}
	return err
}

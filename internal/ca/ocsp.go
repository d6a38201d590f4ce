package ca

import (
	"bytes"
	"crypto"
	"crypto/sha1" // names issuers in requests, where nothing depends on its strength
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/ocsp"
)

// maxQuestion bounds requests of protocols whose requests are a few hundred bytes.
const maxQuestion = 1 << 13

// serveOCSP answers by GET and POST, RFC 6960 appendix A. It is a lightweight
// responder of RFC 5019: one certificate per question, and no nonce in the answer.
func (ca *CA) serveOCSP(w http.ResponseWriter, r *http.Request) {
	question, status := ocspQuestion(r)
	if status != 0 {
		http.Error(w, http.StatusText(status), status)
		return
	}
	answer, until, err := ca.answer(question)
	if err != nil {
		answer = ocsp.InternalErrorErrorResponse
	}
	w.Header().Set("Content-Type", "application/ocsp-response")
	if r.Method == http.MethodGet && !until.IsZero() { // RFC 5019 §6.2
		w.Header().Set("Cache-Control", "max-age="+strconv.Itoa(int(time.Until(until).Seconds()))+", public, no-transform, must-revalidate")
		w.Header().Set("Expires", until.UTC().Format(http.TimeFormat))
	}
	_, _ = w.Write(answer) // nobody is left to tell
}

// ocspQuestion takes the request out of the body, or out of the path, where it
// may contain slashes.
func ocspQuestion(r *http.Request) (question []byte, status int) {
	switch r.Method {
	case http.MethodPost:
		if r.Header.Get("Content-Type") != "application/ocsp-request" {
			return nil, http.StatusUnsupportedMediaType
		}
		question, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, http.StatusRequestEntityTooLarge
		}
		return question, 0
	case http.MethodGet:
		text, err := url.PathUnescape(strings.TrimPrefix(strings.TrimPrefix(r.URL.EscapedPath(), ocspPath), "/"))
		if err != nil || len(text) > maxQuestion {
			return nil, http.StatusBadRequest
		}
		question, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, http.StatusBadRequest
		}
		return question, 0
	}
	return nil, http.StatusMethodNotAllowed
}

// answer is the signed answer to a question and how long it may be kept; the
// refusals are unsigned, RFC 6960 §2.3.
func (ca *CA) answer(question []byte) (answer []byte, until time.Time, err error) {
	asked, err := parseQuestion(question)
	if err != nil {
		return ocsp.MalformedRequestErrorResponse, until, nil
	}
	if !ca.named(asked) {
		return ocsp.UnauthorizedErrorResponse, until, nil
	}
	found, err := ca.status(asked.SerialNumber.String())
	if err != nil {
		return nil, until, err
	}
	responder, err := ca.answerer.get()
	if err != nil {
		return nil, until, err
	}
	now := time.Now().UTC().Truncate(time.Minute)
	found.SerialNumber, found.IssuerHash, found.Certificate = asked.SerialNumber, asked.HashAlgorithm, responder.Leaf
	found.ThisUpdate, found.NextUpdate = now, now.Add(time.Duration(ca.config.AnswerMinutes)*time.Minute)
	answer, err = ocsp.CreateResponse(ca.issuing.certificate, responder.Leaf, *found, responder.PrivateKey.(crypto.Signer))
	return answer, found.NextUpdate, err
}

// status is good only for what was issued here: a certificate that nobody knows
// of is unknown, RFC 6960 §2.2.
func (ca *CA) status(serial string) (*ocsp.Response, error) {
	revocation, err := ca.records.revoked(serial)
	if err != nil {
		return nil, err
	}
	if revocation != nil {
		return &ocsp.Response{Status: ocsp.Revoked, RevokedAt: revocation.RevokedAt, RevocationReason: revocation.ReasonCode}, nil
	}
	certificate, err := ca.records.issued(serial)
	if err != nil {
		return nil, err
	}
	if certificate == nil {
		return &ocsp.Response{Status: ocsp.Unknown}, nil
	}
	return &ocsp.Response{Status: ocsp.Good}, nil
}

// named reports whether the question is about certificates of this authority.
func (ca *CA) named(asked *ocsp.Request) bool {
	var spki struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(ca.issuing.certificate.RawSubjectPublicKeyInfo, &spki); err != nil {
		return false
	}
	var h hash.Hash
	switch asked.HashAlgorithm {
	case crypto.SHA1:
		h = sha1.New()
	case crypto.SHA256:
		h = sha256.New()
	case crypto.SHA384:
		h = sha512.New384()
	case crypto.SHA512:
		h = sha512.New()
	default:
		return false
	}
	_, _ = h.Write(ca.issuing.certificate.RawSubject) // hashes do not fail
	name := h.Sum(nil)
	h.Reset()
	_, _ = h.Write(spki.Key.Bytes)
	return bytes.Equal(name, asked.IssuerNameHash) && bytes.Equal(h.Sum(nil), asked.IssuerKeyHash)
}

// parseQuestion refuses questions about several certificates, of which the
// library would answer the first.
func parseQuestion(der []byte) (*ocsp.Request, error) {
	asked, err := ocsp.ParseRequest(der)
	if err != nil {
		return nil, err
	}
	var request, tbs, list, first cryptobyte.String
	input := cryptobyte.String(der)
	if !input.ReadASN1(&request, cbasn1.SEQUENCE) || !input.Empty() || !request.ReadASN1(&tbs, cbasn1.SEQUENCE) ||
		!tbs.SkipOptionalASN1(cbasn1.Tag(0).ContextSpecific().Constructed()) || !tbs.SkipOptionalASN1(cbasn1.Tag(1).ContextSpecific().Constructed()) ||
		!tbs.ReadASN1(&list, cbasn1.SEQUENCE) || !list.ReadASN1(&first, cbasn1.SEQUENCE) || !list.Empty() {
		return nil, errors.New("a question is about one certificate")
	}
	return asked, nil
}

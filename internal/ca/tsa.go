package ca

import (
	"crypto"
	"crypto/x509"
	"io"
	"net/http"
	"time"

	"github.com/digitorus/timestamp"
)

// serveStamp is a time-stamping authority over HTTP, RFC 3161 §3.4. It takes its
// time from this machine, which is why only specimens have one.
func (ca *CA) serveStamp(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodPost:
		http.Error(w, "time stamps are asked for by POST", http.StatusMethodNotAllowed)
		return
	case r.Header.Get("Content-Type") != "application/timestamp-query":
		http.Error(w, "a request is application/timestamp-query", http.StatusUnsupportedMediaType)
		return
	}
	question, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "the request is too long", http.StatusRequestEntityTooLarge)
		return
	}
	answer, err := ca.stamped(question, time.Now())
	if err != nil {
		http.Error(w, "no time stamp could be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	_, _ = w.Write(answer) // nobody is left to tell
}

// stamped is the TimeStampResp to a request: a token, or a refusal.
func (ca *CA) stamped(question []byte, now time.Time) ([]byte, error) {
	read, refused := parseStampRequest(question)
	if refused != nil {
		return refused.encode()
	}
	token := timestamp.Timestamp{
		HashAlgorithm: read.hash, HashedMessage: read.digest, Nonce: read.nonce, Policy: stampPolicy,
		Time: now.UTC().Truncate(time.Second), Accuracy: time.Second, // the fraction was cut off
		AddTSACertificate: read.certificates,
	}
	if read.certificates {
		token.Certificates = []*x509.Certificate{ca.issuing.certificate}
	}
	answer, err := token.CreateResponseWithOpts(ca.stamp.certificate, ca.stamp.key, crypto.SHA256)
	if err != nil {
		return (&refusal{systemFailure, "the token could not be signed"}).encode()
	}
	return answer, nil
}

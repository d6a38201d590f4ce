package ca

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// RequestError is a certificate request that no authority can use, or that does
// not fit its profile.
type RequestError struct{ Reason string }

// Error implements error.
func (e *RequestError) Error() string { return e.Reason }

// ErrRefused says that the authority does not do what was asked of it.
var ErrRefused = errors.New("the authority refuses")

// ParseRequest reads a PKCS #10 request, in PEM or DER, and checks that whoever
// made it has the key.
func ParseRequest(content []byte) (*x509.CertificateRequest, error) {
	if block, _ := pem.Decode(content); block != nil {
		if block.Type != "CERTIFICATE REQUEST" && block.Type != "NEW CERTIFICATE REQUEST" {
			return nil, &RequestError{"the file is a " + strings.ToLower(block.Type) + " and no certificate request"}
		}
		content = block.Bytes
	}
	request, err := x509.ParseCertificateRequest(content)
	if err != nil {
		return nil, &RequestError{"the file is no certificate request that can be read"}
	}
	if err := request.CheckSignature(); err != nil {
		return nil, &RequestError{"the request's signature is not of the key in it"}
	}
	return request, nil
}

// names checks that a request fits the profile, and says for which hosts.
func (p Profile) names(request *x509.CertificateRequest) ([]string, error) {
	name := request.Subject.CommonName
	if key, is := request.PublicKey.(*rsa.PublicKey); is && key.N.BitLen() < 2048 {
		return nil, &RequestError{"the request's RSA key has less than 2048 bits"}
	}
	switch {
	case name == "":
		return nil, &RequestError{"the request has no common name"}
	case (p == Auth || p == Sign) && !strings.Contains(name, specimen):
		return nil, &RequestError{"the request's common name does not contain SPECIMEN, as that of every card of this authority has to"}
	case p == Counter && !isName(name):
		return nil, &RequestError{"the request's common name is not the counter's host name"}
	case len(request.EmailAddresses)+len(request.URIs) > 0:
		return nil, &RequestError{"the request asks for names that the profile does not have"}
	}
	hosts := slices.Clone(request.DNSNames)
	for _, ip := range request.IPAddresses {
		hosts = append(hosts, ip.String())
	}
	if p != Counter && len(hosts) > 0 {
		return nil, &RequestError{"the request asks for host names, which only counters have"}
	}
	if p == Counter && len(hosts) == 0 {
		hosts = []string{name}
	}
	return hosts, nil
}

// Issue orders a certificate. The answer is the certificate and its issuer's.
func (d *Door) Issue(ctx context.Context, p Profile, request *x509.CertificateRequest) ([]*x509.Certificate, error) {
	if !slices.Contains(d.config.Profiles(), p) {
		return nil, fmt.Errorf("%w: it is no authority of specimens, and issues no cards", ErrRefused)
	}
	names, err := p.names(request)
	if err != nil {
		return nil, err
	}
	key, err := readOrderKey(d.dir, string(p))
	if err != nil {
		return nil, err
	}
	token, err := d.config.sign(key, string(p), "/1.0/sign", request.Subject.CommonName, names)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(map[string]string{"csr": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request.Raw})), "ott": token})
	if err != nil {
		return nil, err
	}
	status, answer, err := d.post(ctx, "/1.0/sign", "application/json", body)
	if err != nil {
		return nil, err
	}
	if status != http.StatusCreated {
		return nil, refusedBecause(answer)
	}
	return parseChain(answer)
}

// refusedBecause repeats the reason that the authority gives.
func refusedBecause(answer []byte) error {
	var told struct {
		Message string `json:"message"`
	}
	if err := json.Unmarshal(answer, &told); err != nil || told.Message == "" {
		return ErrRefused
	}
	return fmt.Errorf("%w: %s", ErrRefused, strings.TrimSuffix(told.Message, "."))
}

func parseChain(answer []byte) ([]*x509.Certificate, error) {
	var told struct {
		Chain []string `json:"certChain"`
	}
	if err := json.Unmarshal(answer, &told); err != nil {
		return nil, fmt.Errorf("read the authority's answer: %w", err)
	}
	var chain []*x509.Certificate
	for _, text := range told.Chain {
		block, _ := pem.Decode([]byte(text))
		if block == nil {
			return nil, errors.New("read the authority's answer: a certificate is not PEM")
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("read the authority's answer: %w", err)
		}
		chain = append(chain, certificate)
	}
	if len(chain) == 0 {
		return nil, errors.New("read the authority's answer: it has no certificate")
	}
	return chain, nil
}

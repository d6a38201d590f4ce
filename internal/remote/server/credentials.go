package server

import (
	"context"
	"errors"
	"net/http"

	"cnie/internal/remote/order"
	"cnie/internal/remote/store"
)

// info says what the service is (CSC API v2 §11.1). Anybody may ask.
func (s *Server) info(w http.ResponseWriter, _ *http.Request) {
	methods := []string{methodInfo, methodList, methodCredential, methodAuthorize, methodCheck, methodDocument, methodPoll}
	if s.config.Hashes {
		methods = append(methods, methodHash)
	}
	s.write(w, ok(map[string]any{
		"specs": "2.0.0.2", "name": s.config.Name, "region": s.config.Region, "lang": s.config.Lang,
		"description": "Documents are signed with cards that their holders have at home; every signature waits for a person. The service holds no key that signs documents.",
		"authType":    []string{"oauth2client", "oauth2code"}, "oauth2": s.config.URL,
		"asynchronousOperationMode": true, "methods": methods, "validationInfo": false,
		"signAlgorithms":    map[string]any{"algos": append(append([]string{}, signsRSA...), signsEC...), "algoParams": []string{}},
		"signature_formats": map[string]any{"formats": []string{"C", "P"}, "envelope_properties": [][]string{{detached}, {revision}}},
		"conformance_levels": []string{
			levelBB,
		},
	}))
}

type listIn struct {
	User           string `json:"userID"`
	CredentialInfo bool   `json:"credentialInfo"`
	Certificates   string `json:"certificates"`
	CertInfo       bool   `json:"certInfo"`
	AuthInfo       bool   `json:"authInfo"`
	OnlyValid      bool   `json:"onlyValid"`
}

// list names the credentials that the caller may use (CSC API v2 §11.4).
func (s *Server) list(ctx context.Context, by *caller, in *listIn) (reply, error) {
	if in.User != "" {
		return reply{}, invalid("userID parameter MUST be null")
	}
	all, err := s.store.Credentials(ctx, s.now())
	if err != nil {
		return reply{}, err
	}
	names, infos := []order.Credential{}, []*credentialOut{}
	for _, c := range all {
		if !by.may(c.ID) {
			continue
		}
		out, err := s.show(c, credentialIn{Certificates: in.Certificates, CertInfo: in.CertInfo})
		if err != nil {
			return reply{}, err
		}
		if in.OnlyValid && (out.Cert.Status != "valid" || !c.Present) {
			continue
		}
		out.ID = c.ID
		names, infos = append(names, c.ID), append(infos, out)
	}
	body := map[string]any{"credentialIDs": names}
	if in.CredentialInfo {
		body["credentialInfos"] = infos
	}
	if in.OnlyValid {
		body["onlyValid"] = true
	}
	return ok(body), nil
}

type credentialIn struct {
	Credential   string `json:"credentialID"`
	Certificates string `json:"certificates"`
	CertInfo     bool   `json:"certInfo"`
	AuthInfo     bool   `json:"authInfo"`
}

type credentialOut struct {
	ID          order.Credential `json:"credentialID,omitempty"`
	Description string           `json:"description,omitempty"`
	Key         keyInfo          `json:"key"`
	Cert        certInfo         `json:"cert"`
	Auth        authInfo         `json:"auth"`
	SCAL        string           `json:"SCAL"`
	Multisign   int              `json:"multisign"`
	Lang        string           `json:"lang"`
}

type certInfo struct {
	Status       string   `json:"status"`
	Certificates []string `json:"certificates,omitempty"`
	Issuer       string   `json:"issuerDN,omitempty"`
	Serial       string   `json:"serialNumber,omitempty"`
	Subject      string   `json:"subjectDN,omitempty"`
	From         string   `json:"validFrom,omitempty"`
	To           string   `json:"validTo,omitempty"`
}

// authInfo says how a holder agrees. The objects that a program would have to send
// are none: the PIN is typed beside the card, and never travels.
type authInfo struct {
	Mode    string   `json:"mode"`
	Objects []string `json:"objects"`
}

// credential describes one (CSC API v2 §11.5).
func (s *Server) credential(ctx context.Context, by *caller, in *credentialIn) (reply, error) {
	c, err := s.allowed(ctx, by, in.Credential)
	if err != nil {
		return reply{}, err
	}
	out, err := s.show(c, *in)
	return ok(out), err
}

// allowed finds a credential that the caller may use. One that he may not use is
// answered like one that is not there.
func (s *Server) allowed(ctx context.Context, by *caller, name string) (store.Credential, error) {
	if name == "" {
		return store.Credential{}, missing("string", "credentialID")
	}
	id, err := order.ParseCredential(name)
	if err != nil || !by.may(id) {
		return store.Credential{}, invalid("Invalid parameter credentialID")
	}
	c, err := s.store.Credential(ctx, id, s.now())
	if errors.Is(err, store.ErrUnknown) {
		return c, invalid("Invalid parameter credentialID")
	}
	return c, err
}

package server

import (
	"crypto/x509"
	"net/http"

	"cnie/internal/remote/gate"
	"cnie/internal/remote/order"
	"cnie/internal/remote/store"
)

// join opens a session for the credentials that an agent has.
func (s *Server) join(w http.ResponseWriter, v *visit) error {
	text, err := body(w, v, gate.MaxHello)
	if err != nil {
		return err
	}
	hello, chains, err := gate.ParseHello(text)
	if err != nil {
		return err
	}
	var credentials []store.Credential
	for i, chain := range chains {
		if err := s.admit(v.certificate, chain); err != nil {
			return err
		}
		c := store.Credential{ID: order.CredentialOf(chain[0]), Hashes: hello.Offers[i].Hashes}
		for _, certificate := range chain {
			c.Certificates = append(c.Certificates, certificate.Raw...)
		}
		credentials = append(credentials, c)
	}
	v.session.ID = order.NewID()
	open, err := s.store.Join(v.Context(), v.session, hello.Resume, credentials, s.now())
	if err != nil {
		return err
	}
	s.log.Info("agent", "session", v.session.ID, "credentials", len(credentials), "open", len(open))
	if open == nil {
		open = []order.ID{}
	}
	s.write(w, reply{http.StatusCreated, gate.Welcome{
		Version: order.Version, Session: v.session.ID, Lease: s.config.Limits.Lease, Issuer: s.config.URL,
		Agent: v.session.Agent, Keys: s.tokens.Keys(), Open: open,
	}})
	return nil
}

// admit says whether an agent may serve a credential: its certificate names it, an
// authority that is trusted for cards issued it, it may sign documents, and it is valid.
func (s *Server) admit(agent *x509.Certificate, chain []*x509.Certificate) error {
	leaf := chain[0]
	if !gate.Names(agent, leaf) {
		return &problem{gate.NotNamed, "the agent's certificate does not name this credential"}
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: s.files.cards, Intermediates: between, CurrentTime: s.now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return &problem{gate.NotTrusted, "the certificate of the credential has expired, or nobody who is trusted issued it"}
	}
	if leaf.KeyUsage&(x509.KeyUsageContentCommitment|x509.KeyUsageDigitalSignature) == 0 || describe(leaf.PublicKey).Status == "disabled" {
		return &problem{gate.NotTrusted, "the key of the credential is not one that signs documents"}
	}
	return nil
}

// answer takes what an agent says of an order.
func (s *Server) answer(w http.ResponseWriter, v *visit) error {
	text, err := body(w, v, order.MaxAnswer)
	if err != nil {
		return err
	}
	a, err := order.ParseAnswer(text)
	if err != nil {
		return err
	}
	r, err := s.store.Request(v.Context(), a.Order)
	if err == nil && r.Agent != v.session.Agent {
		err = store.ErrUnknown
	}
	if err != nil {
		return err
	}
	if err := s.judge(v, r, a); err != nil {
		return err
	}
	if err := s.store.Answer(v.Context(), v.session.Agent, a, s.now()); err != nil {
		return err
	}
	s.log.Info("answered", "order", a.Order, "outcome", a.Outcome, "reason", a.Reason)
	if err := s.courier.Answered(a.Order); err != nil {
		s.log.Warn("answered", "order", a.Order, "error", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// judge holds an answer against the order: signatures have to be ones of the
// credential's key, of what was to be signed.
func (s *Server) judge(v *visit, r store.Request, a *order.Answer) error {
	if !a.Fits(r.Order) {
		return &problem{gate.Malformed, "the answer is not one to this order"}
	}
	if a.Outcome != order.Signed {
		return nil
	}
	c, err := s.store.Credential(v.Context(), r.Order.Credential, s.now())
	if err != nil {
		return err
	}
	chain, err := s.chains.parse(c)
	if err != nil {
		return err
	}
	for i := range a.Values {
		var content []byte
		if r.Order.Kind == order.Doc && r.Order.Documents[i].Format == order.PAdES {
			if content, err = s.store.Original(v.Context(), r.Order.Consent, i); err != nil {
				return err
			}
		}
		if err := s.verify(chain[0], r.Order, i, a.Values[i], content); err != nil {
			s.log.Error("signature", "order", a.Order, "n", i, "error", err)
			return &problem{gate.Malformed, "a signature does not verify with the credential's certificate"}
		}
	}
	return nil
}

package adsig

import (
	"cnie/pki/adsig/checked"
	"cnie/pki/adsig/revocation"
	"cnie/pki/adsig/tsp"
	"cnie/pki/cert"
)

// Memory is what validations have in common: signatures that were verified need
// no second look, however many other signatures stand on them. It is for one
// goroutine at a time.
type Memory struct {
	signatures checked.Signatures
	stamps     map[stampSigner]stampVerified
}

// stampSigner is a token and a certificate, as they are encoded.
type stampSigner struct{ token, signer string }

type stampVerified struct {
	verified tsp.Verified
	err      error
}

// stamp verifies a token under one of the certificates at hand, as Token.Verify
// does.
func (m *Memory) stamp(t *tsp.Token, pool []*cert.Certificate) (tsp.Verified, error) {
	signer, found := t.Signer(pool)
	if !found {
		return t.Verify(nil)
	}
	q := stampSigner{string(t.Raw), string(signer.Raw)}
	if known, asked := m.stamps[q]; asked {
		return known.verified, known.err
	}
	verified, err := t.Verify([]*cert.Certificate{signer})
	if m.stamps == nil {
		m.stamps = map[stampSigner]stampVerified{}
	}
	m.stamps[q] = stampVerified{verified, err}
	return verified, err
}

// remember begins with what a policy brings.
func (v *validation) remember(m *Memory, p Policy) {
	if v.memory = m; m == nil {
		v.memory = &Memory{}
	}
	v.pool = append(v.pool, p.Pool...)
	v.answers = revocation.NewSet(p.Material.Lists, p.Material.Responses)
	v.answers.Checked = &v.memory.signatures
}

package adsig_test

import "crypto"

// memory is content that is at hand.
type memory struct{ content []byte }

func (m *memory) digest(h crypto.Hash) ([]byte, error) {
	d := h.New()
	d.Write(m.content)
	return d.Sum(nil), nil
}

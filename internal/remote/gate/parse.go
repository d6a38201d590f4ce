package gate

import (
	"crypto/x509"
	"fmt"

	"cnie/internal/remote/order"
)

// ParseHello reads and bounds a Hello, and parses the certificates.
func ParseHello(text []byte) (*Hello, [][]*x509.Certificate, error) {
	var h Hello
	if err := order.Strict(text, &h, MaxHello); err != nil {
		return nil, nil, err
	}
	if h.Version != order.Version || len(h.Offers) == 0 || len(h.Offers) > MaxOffers {
		return nil, nil, fmt.Errorf("%w: the version, or the number of credentials", order.ErrMalformed)
	}
	if h.Resume != "" {
		if _, err := order.ParseID(string(h.Resume)); err != nil {
			return nil, nil, err
		}
	}
	chains := make([][]*x509.Certificate, len(h.Offers))
	for i, offer := range h.Offers {
		chain, err := offer.parse()
		if err != nil {
			return nil, nil, err
		}
		chains[i] = chain
	}
	return &h, chains, nil
}

func (o Offer) parse() ([]*x509.Certificate, error) {
	if len(o.Certificates) == 0 || len(o.Certificates) > maxChain {
		return nil, fmt.Errorf("%w: the number of certificates", order.ErrMalformed)
	}
	var chain []*x509.Certificate
	for _, der := range o.Certificates {
		if len(der) > maxDER {
			return nil, fmt.Errorf("%w: a certificate is too long", order.ErrMalformed)
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("%w: a certificate cannot be read", order.ErrMalformed)
		}
		chain = append(chain, certificate)
	}
	return chain, nil
}

// ParseOrders reads what a request for orders brought.
func ParseOrders(text []byte) (orders []*order.Order, batch int, err error) {
	var all Orders
	if err := order.Strict(text, &all, MaxBatch*order.MaxOrder); err != nil {
		return nil, 0, err
	}
	if all.Version != order.Version || all.Batch < 0 || len(all.Orders) > MaxBatch {
		return nil, 0, fmt.Errorf("%w: the version, or the number of orders", order.ErrMalformed)
	}
	orders = make([]*order.Order, len(all.Orders))
	for i, text := range all.Orders {
		o, err := order.Parse(text)
		if err != nil {
			return nil, 0, err
		}
		orders[i] = o
	}
	return orders, all.Batch, nil
}

// ParseWelcome reads the answer to a Hello.
func ParseWelcome(text []byte) (*Welcome, error) {
	var w Welcome
	if err := order.Strict(text, &w, MaxHello); err != nil {
		return nil, err
	}
	_, err := order.ParseID(string(w.Session))
	if err != nil || w.Version != order.Version || w.Lease < 1 || w.Issuer == "" || w.Agent == "" || len(w.Keys.Keys) == 0 {
		return nil, fmt.Errorf("%w: the version, or something is missing", order.ErrMalformed)
	}
	for _, id := range w.Open {
		if _, err := order.ParseID(string(id)); err != nil {
			return nil, err
		}
	}
	return &w, nil
}

package ca

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"slices"

	"github.com/smallstep/certificates/authority/provisioner"
	"github.com/smallstep/certificates/errs"
	"go.step.sm/crypto/jose"
)

// orderer orders certificates of one profile and revokes none. (Whoever may sign
// tokens of a provisioner could otherwise revoke what any other has issued.)
type orderer struct{ *provisioner.JWK }

func (orderer) AuthorizeRevoke(context.Context, string) error { return errNoRevocation }

// revoker revokes, and orders nothing.
type revoker struct{ *provisioner.JWK }

func (revoker) AuthorizeSign(context.Context, string) ([]provisioner.SignOption, error) {
	return nil, errs.Unauthorized("this key revokes certificates and orders none")
}

// cardHolders let a card's authentication certificate order one for its agent. To
// what smallstep checks they add that the certificate is a card's, by its policy,
// and neither expired nor revoked; and that the same is still true whenever the
// agent renews.
type cardHolders struct {
	*provisioner.X5C
	records *records
	roots   *x509.CertPool
}

func (p cardHolders) AuthorizeSign(ctx context.Context, token string) ([]provisioner.SignOption, error) {
	options, err := p.X5C.AuthorizeSign(ctx, token)
	if err != nil {
		return nil, err
	}
	card, err := p.signer(token)
	if err != nil {
		return nil, errs.UnauthorizedErr(err)
	}
	if !slices.ContainsFunc(card.PolicyIdentifiers, authPolicy.Equal) {
		return nil, errs.Unauthorized("the certificate is not the authentication certificate of a card")
	}
	if err := p.records.standing(card.SerialNumber.String()); err != nil {
		return nil, errs.UnauthorizedErr(err)
	}
	return options, nil
}

func (p cardHolders) AuthorizeRenew(ctx context.Context, agent *x509.Certificate) error {
	if err := p.X5C.AuthorizeRenew(ctx, agent); err != nil {
		return err
	}
	if err := p.records.standing(agent.Subject.SerialNumber); err != nil {
		return errs.UnauthorizedErr(err)
	}
	return nil
}

func (cardHolders) AuthorizeRevoke(context.Context, string) error { return errNoRevocation }

var errNoRevocation = errs.New(http.StatusUnauthorized, "this key orders certificates and revokes none")

// signer takes the card's certificate out of a token that was verified.
func (p cardHolders) signer(token string) (*x509.Certificate, error) {
	parsed, err := jose.ParseSigned(token)
	if err != nil {
		return nil, err
	}
	chains, err := parsed.Headers[0].Certificates(x509.VerifyOptions{Roots: p.roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		return nil, err
	}
	return chains[0][0], nil
}

// provisioners are all who may order, as the authority takes them.
func (c *Config) provisioners(dir string, root *x509.Certificate, r *records) (provisioner.List, error) {
	var list provisioner.List
	for _, name := range c.orders() {
		key, err := readOrderKey(dir, name)
		if err != nil {
			return nil, err
		}
		f := c.form(name)
		options, err := c.options(f)
		if err != nil {
			return nil, err
		}
		public := key.Public()
		jwk := &provisioner.JWK{Type: "JWK", Name: name, Key: &public, Claims: f.claims(), Options: options}
		if name == revoking {
			list = append(list, revoker{jwk})
		} else {
			list = append(list, orderer{jwk})
		}
	}
	open, err := c.openProvisioners(root, r)
	return append(list, open...), err
}

// openProvisioners need no key of the authority's.
func (c *Config) openProvisioners(root *x509.Certificate, r *records) (provisioner.List, error) {
	var list provisioner.List
	if c.Specimen {
		f := c.form(cards)
		options, err := c.options(f)
		if err != nil {
			return nil, err
		}
		roots := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw})
		x5c := &provisioner.X5C{Type: "X5C", Name: cards, Roots: roots, Claims: f.claims(), Options: options}
		list = append(list, cardHolders{x5c, r, pool(root)})
	}
	if len(c.ACMEHosts) > 0 {
		f := c.form(acmeName)
		options, err := c.options(f)
		if err != nil {
			return nil, err
		}
		list = append(list, &provisioner.ACME{Type: "ACME", Name: acmeName, ForceCN: true, Claims: f.claims(), Options: onlyNames(options, c.ACMEHosts),
			Challenges: []provisioner.ACMEChallenge{provisioner.HTTP_01, provisioner.TLS_ALPN_01}})
	}
	return list, nil
}

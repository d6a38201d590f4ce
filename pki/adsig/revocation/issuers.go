package revocation

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"cnie/pki/adsig/path"
	"cnie/pki/cert"
	"cnie/pki/cms"
)

const (
	maxIssuers     = 8       // addresses fetched from for one path
	maxIssuerBytes = 1 << 16 // of one answer
)

// ErrNoIssuer reports a path that is not found for want of a certificate that
// nobody could give.
var ErrNoIssuer = errors.New("an issuer's certificate is missing")

// IssuerAddresses lists where the certificate of a certificate's issuer can be
// had (RFC 5280 §4.2.2.1, caIssuers).
func IssuerAddresses(c *cert.Certificate) []string {
	return access(c, "\x2b\x06\x01\x05\x05\x07\x30\x02")
}

// Complete fetches the certificates that are missing between a certificate and
// an anchor, one above the other, and returns those that lead there; none where
// none is missing. They are believed for their signatures only. Errors wrap
// ErrNoIssuer.
func (c Collector) Complete(ctx context.Context, target *cert.Certificate, pool, anchors []*cert.Certificate) ([]*cert.Certificate, error) {
	var fetched []*cert.Certificate
	asked := map[string]bool{}
	for top := target; len(path.Find(target, append(fetched, pool...), anchors, nil)) == 0; {
		if len(fetched) == path.MaxLength {
			return nil, fmt.Errorf("%w: the path is longer than %d", ErrNoIssuer, path.MaxLength)
		}
		issuer := held(top, append(fetched, pool...))
		if issuer == nil {
			var err error
			if issuer, err = c.issuer(ctx, top, asked); err != nil {
				return nil, fmt.Errorf("%w: that of the issuer of %q: %w", ErrNoIssuer, top.Subject, err)
			}
		}
		fetched = append(fetched, issuer)
		top = issuer
	}
	return fetched, nil
}

// held looks for a certificate's issuer among those at hand.
func held(c *cert.Certificate, pool []*cert.Certificate) *cert.Certificate {
	for _, issuer := range pool {
		if issued(c, issuer) {
			return issuer
		}
	}
	return nil
}

func issued(c, issuer *cert.Certificate) bool {
	return string(issuer.Raw) != string(c.Raw) && c.Issuer.Equal(issuer.Subject) && c.CheckSignatureFrom(issuer) == nil
}

// issuer fetches a certificate's issuer from the addresses that the operator
// named, or those in the certificate. It is plain HTTP (RFC 5280 §4.2.2.1 allows
// others), each address asked once.
func (c Collector) issuer(ctx context.Context, below *cert.Certificate, asked map[string]bool) (*cert.Certificate, error) {
	if c.Source == nil {
		return nil, errors.New("nobody is to be asked")
	}
	causes := []error{errors.New("no address gives it")}
	for _, address := range choose(c.Issuers, IssuerAddresses(below)) {
		target, err := url.Parse(address)
		if err != nil || target.Scheme != "http" || asked[address] && len(c.Issuers) == 0 || len(asked) == maxIssuers {
			continue
		}
		asked[address] = true
		answer, err := c.Source.Fetch(ctx, address)
		if err != nil {
			causes = append(causes, err)
			continue
		}
		for _, candidate := range certificatesIn(answer) {
			if issued(below, candidate) {
				return candidate, nil
			}
		}
	}
	return nil, errors.Join(causes...)
}

// certificatesIn reads one certificate, or a message of nothing but certificates
// (RFC 5280 §4.2.2.1: DER, or BER in the second case).
func certificatesIn(answer []byte) []*cert.Certificate {
	if len(answer) > maxIssuerBytes {
		return nil
	}
	if c, err := cert.Parse(answer); err == nil {
		return []*cert.Certificate{c}
	}
	if message, err := cms.Parse(answer); err == nil {
		return message.Certificates
	}
	return nil
}

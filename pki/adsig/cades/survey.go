package cades

import (
	"slices"
	"time"

	"cnie/pki/adsig/revocation"
	"cnie/pki/adsig/tsp"
	"cnie/pki/cert"
	"cnie/pki/cms"
)

// survey is what a message holds when material is to be added to it.
type survey struct {
	targets []target
	pool    []*cert.Certificate
	known   *revocation.Set
}

// target is a certificate that will have to be shown to have been good, and the
// moment for which: when what it signed is proven to have existed.
type target struct {
	signer *cert.Certificate
	moment time.Time // zero: the present
}

// survey lists who signed the message and its timestamps, all certificates, and
// the answers that are there. Timestamps beside the message cover it whole.
func (a *Augmenter) survey(p *cms.Parts, beside ...*tsp.Token) (*survey, error) {
	without := *p
	without.Content = nil
	encoded, err := without.Encode()
	if err != nil {
		return nil, err
	}
	sd, err := cms.Parse(encoded)
	if err != nil {
		return nil, err
	}
	b := &survey{pool: append(slices.Clone(a.Pool), sd.Certificates...), known: a.Collector.Known}
	if b.known == nil {
		b.known = revocation.NewSet(nil, nil)
	}
	b.known.Add(sd.CRLs, sd.OCSPs)
	for _, token := range beside {
		b.pool = append(b.pool, token.Message.Certificates...)
	}
	for i := range sd.Signers {
		if err := b.add(sd, i, beside); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *survey) add(sd *cms.SignedData, i int, beside []*tsp.Token) error {
	signer, found := sd.SignerCertificate(i)
	if !found {
		return cms.ErrNoSigner
	}
	properties, err := Read(sd, i)
	if err != nil {
		return err
	}
	var stamps []*tsp.Token
	for _, raw := range slices.Concat(properties.ContentStamps, properties.SignatureStamps, properties.ArchiveStamps) {
		token, err := tsp.Parse(raw)
		if err != nil {
			return err
		}
		b.pool = append(b.pool, token.Message.Certificates...)
		stamps = append(stamps, token)
	}
	covering := slices.Concat(stamps[len(stamps)-len(properties.ArchiveStamps):], beside)
	b.targets = append(b.targets, target{signer, firstAfter(slices.Concat(stamps[len(properties.ContentStamps):], beside), nil)})
	return b.addStamps(stamps, covering)
}

// addStamps adds the signers of timestamps, each of which is proven by the next
// of those that cover it. What nothing covers yet will be proven by the
// timestamp that comes next.
func (b *survey) addStamps(stamps, covering []*tsp.Token) error {
	for _, token := range stamps {
		verified, err := token.Verify(b.pool)
		if err != nil {
			return err
		}
		b.targets = append(b.targets, target{verified.Signer, firstAfter(covering, token)})
	}
	return nil
}

// firstAfter is the time of the earliest timestamp that is not before another,
// nil for any; zero when there is none.
func firstAfter(stamps []*tsp.Token, other *tsp.Token) (first time.Time) {
	for _, t := range stamps {
		later := other == nil || t != other && !t.Time.Before(other.Time)
		if later && (first.IsZero() || t.Time.Before(first)) {
			first = t.Time
		}
	}
	return first
}

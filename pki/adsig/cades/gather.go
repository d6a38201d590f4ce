package cades

import (
	"context"
	"fmt"

	"cnie/pki/adsig/path"
	"cnie/pki/adsig/revocation"
	"cnie/pki/adsig/tsp"
	"cnie/pki/cms"
)

// Gathered is material for validating a signature later: DER.
type Gathered struct {
	Certificates [][]byte
	revocation.Material
}

// Gather collects what validating a message, its timestamps and further ones
// beside it will take, for formats that keep it beside the message. What
// Collector.Known answers is not asked again and not returned. Errors wrap
// ErrLevel.
func (a *Augmenter) Gather(ctx context.Context, message []byte, beside ...[]byte) (Gathered, error) {
	sd, err := cms.Parse(message)
	if err != nil {
		return Gathered{}, fmt.Errorf("gather: %w", err)
	}
	p, err := sd.Parts()
	if err != nil {
		return Gathered{}, fmt.Errorf("gather: %w", err)
	}
	var stamps []*tsp.Token
	for _, raw := range beside {
		token, err := tsp.Parse(raw)
		if err != nil {
			return Gathered{}, fmt.Errorf("gather: %w", err)
		}
		stamps = append(stamps, token)
	}
	b, err := a.survey(&p, stamps...)
	if err != nil {
		return Gathered{}, fmt.Errorf("gather: %w", err)
	}
	if err := b.addStamps(stamps, stamps); err != nil {
		return Gathered{}, fmt.Errorf("gather: %w", err)
	}
	g, err := a.gather(ctx, b)
	if err != nil {
		return g, fmt.Errorf("%w: %w", ErrLevel, err)
	}
	return g, nil
}

// gather asks about each target on its path.
func (a *Augmenter) gather(ctx context.Context, b *survey) (g Gathered, err error) {
	for _, target := range b.targets {
		paths := path.Find(target.signer, b.pool, a.Anchors, nil)
		if len(paths) == 0 {
			missing, err := a.Collector.Complete(ctx, target.signer, b.pool, a.Anchors)
			if err != nil {
				return g, fmt.Errorf("no path from %q to a trust anchor: %w", target.signer.Subject, err)
			}
			b.pool = append(b.pool, missing...)
			paths = path.Find(target.signer, b.pool, a.Anchors, nil)
		}
		collector := a.Collector
		collector.Needed, collector.Known = target.moment, b.known
		found, err := collector.Collect(ctx, paths[0])
		if err != nil {
			return g, err
		}
		b.known.Add(found.Lists, found.Responses)
		g.Lists = append(g.Lists, found.Lists...)
		g.Responses = append(g.Responses, found.Responses...)
		for i, c := range paths[0] {
			if i == 0 || i < len(paths[0])-1 { // whoever validates has the anchor
				g.Certificates = include(g.Certificates, c.Raw)
			}
		}
	}
	return g, nil
}

package main

import (
	"context"

	"cnie/pki/adsig/path"
	"cnie/pki/cert"
)

// complete fetches the certificates that are missing between signers, or
// time-stamp authorities, and who is trusted. What cannot be had stays missing,
// and the report says so.
func (v *validating) complete(ctx context.Context, in *inspected) (found []*cert.Certificate) {
	collector := v.collector()
	for _, c := range in.withoutPath() {
		missing, err := collector.Complete(ctx, c, found, v.policy.Anchors)
		if err != nil {
			v.log().Debug("missing certificates", "error", err)
		}
		found = append(found, missing...)
	}
	return found
}

// withoutPath lists who signed, documents or timestamps, and is known, while no
// path leads to anybody who is trusted.
func (in *inspected) withoutPath() (all []*cert.Certificate) {
	add := func(c *cert.Certificate, p path.Path) {
		if c != nil && len(p) == 0 {
			all = append(all, c)
		}
	}
	for _, s := range in.signatures {
		add(s.Signer, s.Path)
		for _, stamp := range s.Stamps {
			add(stamp.Authority, stamp.Path)
		}
	}
	for _, stamp := range in.stamps {
		add(stamp.Authority, stamp.Path)
	}
	return all
}

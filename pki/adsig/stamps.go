package adsig

import (
	"errors"
	"slices"
	"time"

	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/tsp"
	"cnie/pki/cms"
)

// maxStamps bounds how many timestamps of one signature are looked at.
const maxStamps = 64

// stamp is a timestamp with what it has to be over and what it covers.
type stamp struct {
	kind   Kind
	raw    []byte
	token  *tsp.Token
	err    error // why it could not be read
	check  func(*tsp.Token) (covered [][]byte, err error)
	report StampReport
}

// timestamps judges every timestamp, the latest first, so that what a later one
// proves helps an earlier one (EN 319 102-1 §5.6.3). It returns the moment since
// when the content is proven to have existed as it was signed, nil when nothing
// does: a signature is not older than what it is over.
func (v *validation) timestamps() (since *time.Time) {
	all := v.collect()
	v.judgeStamps(all)
	for _, s := range all {
		if s.kind == ContentStamp && s.report.passed() {
			earliest := s.report.Time.Add(-s.report.Accuracy)
			if since == nil || earliest.After(*since) {
				since = &earliest
			}
		}
		v.report.Stamps = append(v.report.Stamps, s.report)
	}
	slices.Reverse(v.report.Stamps) // for people, the earliest first
	v.order(since, all)
	return since
}

// judgeStamps puts the timestamps in the order in which they are judged, the
// latest first, and judges them.
func (v *validation) judgeStamps(all []*stamp) {
	slices.Reverse(all) // of two at the same second, what stands later was made later
	slices.SortStableFunc(all, func(a, b *stamp) int { return b.report.Time.Compare(a.report.Time) })
	for _, s := range all {
		if s.token != nil {
			v.addMessage(s.token.Message)
		}
	}
	for _, s := range all {
		v.timestampValidation(s)
	}
}

// collect lists the timestamps in and beside the message.
func (v *validation) collect() (all []*stamp) {
	add := func(kind Kind, raw []byte, check func(*tsp.Token) ([][]byte, error)) {
		if len(all) == maxStamps {
			return
		}
		s := &stamp{kind: kind, raw: raw, check: check, report: StampReport{Kind: kind}}
		if s.token, s.err = tsp.Parse(raw); s.err == nil {
			s.report.Time, s.report.Accuracy = s.token.Time, s.token.Accuracy
		}
		all = append(all, s)
	}
	for _, raw := range v.properties.ContentStamps {
		add(ContentStamp, raw, func(t *tsp.Token) ([][]byte, error) { return nil, t.Covers(v.digests) })
	}
	for _, raw := range v.properties.SignatureStamps {
		add(SignatureStamp, raw, func(t *tsp.Token) ([][]byte, error) {
			return [][]byte{v.reference}, t.Covers(cades.DigestsOf(v.reference))
		})
	}
	for _, raw := range v.properties.ArchiveStamps {
		add(ArchiveStamp, raw, func(t *tsp.Token) ([][]byte, error) {
			covered, err := cades.CheckArchive(v.message, v.index, t, v.digests)
			return append(slices.Concat(covered.Certificates, covered.Revocations, covered.Unsigned), v.reference), err
		})
	}
	for _, beside := range v.in.Stamps {
		add(DocumentStamp, beside.Token, func(t *tsp.Token) ([][]byte, error) {
			tokens := slices.Concat(v.properties.SignatureStamps, v.properties.ArchiveStamps)
			return append(slices.Concat(beside.Covers, tokens, objectsIn(v.message)), v.reference), t.Covers(beside.Digests)
		})
	}
	return all
}

// timestampValidation is EN 319 102-1 §5.4, and, when it passes, the extraction
// of proofs of §5.6.2.3.
func (v *validation) timestampValidation(s *stamp) {
	r := &s.report
	if s.err != nil {
		r.fail(CheckFormat, FormatFailure, "%v", s.err)
		return
	}
	t := s.token
	proven := v.proofs.of(s.raw)
	if t.Time.After(proven.Add(skew)) {
		r.fail(CheckFormat, FormatFailure, "it states %s, which is later than it was there", moment(t.Time))
		return
	}
	r.pass(CheckFormat, "states %s", moment(t.Time))
	covered, err := s.check(t)
	switch {
	case errors.Is(err, tsp.ErrImprint):
		r.fail(CheckDigest, HashFailure, "%v", err)
		return
	case err != nil:
		r.fail(CheckDigest, SignedDataNotFound, "%v", err)
		return
	}
	r.pass(CheckDigest, "%v", t.Hash)
	verified, err := v.memory.stamp(t, v.pool)
	r.Authority = verified.Signer
	switch {
	case errors.Is(err, cms.ErrNoSigner):
		r.fail(CheckValue, NoSigningCertificateFound, "%v", err)
		return
	case err != nil && !errors.Is(err, tsp.ErrSigner):
		r.fail(CheckValue, SigCryptoFailure, "%v", err)
		return
	}
	r.pass(CheckValue, "%v", verified.Result.Algorithm)
	r.Path = v.certificateValidation(subject{
		checks: &r.Checks, signer: verified.Signer, anchors: v.policy.stampAnchors(), proven: proven, usage: tsp.CheckSigner,
	})
	v.algorithms(&r.Checks, verified.Result.Algorithm, verified.Signer.PublicKey, proven, t.Hash, verified.Result.DigestAlgorithm)
	if r.passed() {
		v.prove(t, s.raw, covered)
	}
}

// prove records what a timestamp shows to have been there. Time stamped objects
// bring along what they hold.
func (v *validation) prove(t *tsp.Token, raw []byte, covered [][]byte) {
	at := t.Time.Add(t.Accuracy)
	v.proofs.add(at, covered...)
	for _, object := range covered {
		if inner, err := tsp.Parse(object); err == nil {
			v.proofs.add(at, objectsIn(inner.Message)...)
		}
	}
}

// order is the last part of EN 319 102-1 §5.5.4. A timestamp that does not hold
// proves nothing, and takes nothing away from the signature either.
func (v *validation) order(since *time.Time, all []*stamp) {
	failed := 0
	for _, s := range all {
		switch {
		case !s.report.passed():
			failed++
		case s.kind != ContentStamp && since != nil && s.report.Time.Add(s.report.Accuracy).Before(*since):
			v.report.fail(CheckTime, TimestampOrderFailure, "a timestamp over the signature is older than one over the content alone")
			return
		}
	}
	switch {
	case failed > 0:
		v.report.warn(CheckTime, "%d of %d timestamps do not hold and prove nothing", failed, len(all))
	case len(all) == 0:
		v.report.pass(CheckTime, "there are no timestamps")
	default:
		v.report.pass(CheckTime, "%d timestamps hold", len(all))
	}
}

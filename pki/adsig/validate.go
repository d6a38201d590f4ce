package adsig

import (
	"bytes"
	"slices"

	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/revocation"
	"cnie/pki/cms"
)

// Validate judges every signature of a message. A message that cannot be read
// has one report, which says so. The error is ErrPolicy.
func Validate(in Input, p Policy) ([]Report, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	sd, err := cms.Parse(in.Message)
	if err != nil {
		r := Report{At: p.At, Proven: p.At}
		r.fail(CheckFormat, FormatFailure, "%v", err)
		return []Report{r}, nil
	}
	if len(sd.Signers) == 0 {
		r := Report{At: p.At, Proven: p.At}
		r.fail(CheckFormat, FormatFailure, "the message has no signature")
		return []Report{r}, nil
	}
	var reports []Report
	for i := range sd.Signers {
		v := newValidation(in, sd, i, p)
		v.run()
		reports = append(reports, v.report)
	}
	return reports, nil
}

// validation is one signature being judged.
type validation struct {
	material
	in         Input
	message    *cms.SignedData
	index      int
	digests    cades.Digests
	policy     Policy
	properties cades.Properties
	proofs     *proofs
	report     Report
	result     cms.Result
	reference  []byte // the signature value, for proofs
	memory     *Memory
}

func newValidation(in Input, sd *cms.SignedData, i int, p Policy) *validation {
	v := &validation{in: in, message: sd, index: i, digests: in.Digests, policy: p, proofs: newProofs(p.At)}
	v.reference = sd.Signers[i].Signature
	v.remember(in.Memory, p)
	v.addMessage(sd)
	v.addCertificates(in.Certificates)
	v.carry(in.Lists, in.Responses)
	if !sd.Detached {
		v.digests = cades.DigestsOf(sd.Content)
	}
	v.report = Report{At: p.At, Proven: p.At}
	return v
}

// run goes through the blocks of EN 319 102-1 §5.2 to §5.6. The arithmetic
// comes before the certificate's standing, so that a signature that is wrong is
// called so whatever else is open.
func (v *validation) run() {
	if !v.formatChecking() || !v.identification() {
		return
	}
	v.contextInitialisation()
	if !v.cryptographicVerification() {
		return
	}
	since := v.timestamps()
	v.report.Proven = v.proofs.of(v.reference)
	v.report.Path = v.certificateValidation(subject{
		checks: &v.report.Checks, signer: v.report.Signer, anchors: v.policy.Anchors,
		proven: v.report.Proven, since: since, usage: signingUsage,
	})
	v.acceptance()
	v.report.Level = v.level()
}

// level is the one that the signature has by what was found to hold
// (EN 319 122-1 §6.3): what it only claims does not count.
func (v *validation) level() cades.Level {
	if a, _ := v.report.Find(CheckAttributes); a.Sub != "" {
		return 0
	}
	level, archived := cades.BB, false
	for _, s := range v.report.Stamps {
		if s.Kind == ContentStamp || !s.passed() {
			continue
		}
		level = cades.BT
		archived = archived || s.Kind == ArchiveStamp || s.Kind == DocumentStamp
	}
	carried := func(a revocation.Answer) bool {
		return slices.ContainsFunc(v.carried, func(raw []byte) bool { return bytes.Equal(raw, a.Raw) })
	}
	covered := func(a revocation.Answer) bool { return carried(a) && v.proofs.proven(a.Raw) }
	switch {
	case level == cades.BT && archived && v.answeredBy(covered):
		return cades.BLTA
	case level == cades.BT && v.answeredBy(carried):
		return cades.BLT
	}
	return level
}

// answeredBy reports whether there is such an answer about every certificate on
// the signer's path.
func (v *validation) answeredBy(such func(revocation.Answer) bool) bool {
	p := v.report.Path
	for i := range max(len(p)-1, 0) {
		if !slices.ContainsFunc(v.answers.About(p[i], p.Issuer(i)), such) {
			return false
		}
	}
	return p != nil
}

package adsig

import (
	"slices"

	"cnie/pki/cms"
)

// ValidateStamps judges the timestamps of an Input without its message: those of
// a document are good or not whoever else has signed it. Reports come in the
// order of in.Stamps; beyond a bound there are none. The error is ErrPolicy.
func ValidateStamps(in Input, p Policy) ([]StampReport, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	v := &validation{in: in, message: &cms.SignedData{}, policy: p, proofs: newProofs(p.At)}
	v.remember(in.Memory, p)
	v.addCertificates(in.Certificates)
	v.carry(in.Lists, in.Responses)
	all := v.collect()
	v.judgeStamps(slices.Clone(all))
	var reports []StampReport
	for _, s := range all {
		reports = append(reports, s.report)
	}
	return reports, nil
}

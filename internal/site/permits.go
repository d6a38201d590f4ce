package site

import (
	"errors"

	"cnie/pki"
	"cnie/pki/trust"
)

var (
	// ErrSpecimen reports a card, or a store of trust, of people who do not
	// exist, at a desk where real people are served.
	ErrSpecimen = errors.New("this is a specimen, and the site file is for production; specimens prove nothing here")
	// ErrReal reports any other card at a desk that is for trying out.
	ErrReal = errors.New("the site file is not for production; this desk sees fields of specimen cards only")
)

// floor are the axes that no purpose does without: the fields of a card that
// may be altered, forged or copied are anybody's.
var floor = []pki.Axis{pki.AxisAccess, pki.AxisIntegrity, pki.AxisIssuer, pki.AxisChip}

// Permits reports whether fields of the card that was judged may be seen here
// at all, as ErrSpecimen or ErrReal. What the judge releases is his to say. Whom a
// desk for trying out believes is the choice of whoever starts it; that a card is a
// specimen, its document signer has to say.
func (s *Site) Permits(report pki.Report) error {
	switch {
	case s.Production && report.Specimen:
		return ErrSpecimen
	case !s.Production && (!report.Specimen || report.Disguised):
		return ErrReal
	}
	return nil
}

// PermitsTrust refuses a store that believes specimen authorities at a
// production site, as ErrSpecimen.
func (s *Site) PermitsTrust(anchors *trust.Store) error {
	if !s.Production {
		return nil
	}
	for _, member := range anchors.Members() {
		if anchors.IsSpecimen(member) {
			return ErrSpecimen
		}
	}
	return nil
}

// Unmet lists the axes that the purpose needs and the report lacks, whatever
// the policy left open.
func (p Purpose) Unmet(report pki.Report) []pki.Axis {
	var unmet []pki.Axis
	for _, axis := range append(append([]pki.Axis{}, floor...), p.Axes...) {
		if outcome := report.Axis(axis); outcome != pki.Passed && outcome != pki.Warned {
			unmet = append(unmet, axis)
		}
	}
	return unmet
}

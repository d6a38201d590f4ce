package site

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cnie/pki"
)

// axes are those that a purpose can require.
var axes = []pki.Axis{
	pki.AxisAccess, pki.AxisIntegrity, pki.AxisIssuer, pki.AxisChip, pki.AxisValidity, pki.AxisRevocation, pki.AxisHolder,
}

func (s *Site) checkPurposes() *mistake {
	switch {
	case len(s.Purposes) == 0:
		return wrong("$.purposes", "purposes is missing; without one nobody can be asked for anything")
	case len(s.Purposes) > maxPurposes:
		return wrong("$.purposes", "more purposes than %d", maxPurposes)
	}
	for i := range s.Purposes {
		p, at := &s.Purposes[i], fmt.Sprintf("$.purposes[%d]", i)
		m := first(identifier.check(at+".id", p.ID), s.checkTexts(at, p), s.checkBasis(at, p), p.checkAsked(at), p.checkRelease(at), p.checkRetention(at), p.checkGuardian(s, at))
		if m == nil && s.Production {
			m = p.checkProduction(at)
		}
		if m == nil && slices.ContainsFunc(s.Purposes[:i], func(other Purpose) bool { return other.ID == p.ID }) {
			m = wrong(at+".id", "there are two purposes %s", p.ID)
		}
		if m != nil {
			return m
		}
	}
	return nil
}

func (s *Site) checkTexts(at string, p *Purpose) *mistake {
	m := first(s.text(at+".title", p.Title, maxLine), s.text(at+".notice", p.Notice, maxNotice))
	if m == nil && len(p.Otherwise) > 0 {
		m = s.text(at+".otherwise", p.Otherwise, maxNotice)
	}
	for _, each := range []struct{ key, value string }{
		{"reference", p.Reference}, {"authorisation", p.Authorisation}, {"declaration", p.Declaration}, {"habilitation", p.Habilitation},
	} {
		if m == nil && each.value != "" {
			m = line(at+"."+each.key, each.value)
		}
	}
	return m
}

func (s *Site) checkBasis(at string, p *Purpose) *mistake {
	g, known := p.Basis.ground()
	switch {
	case !known:
		return wrong(at+".basis", "%q is no legal basis%s", p.Basis, meant(string(p.Basis), Bases()))
	case p.Basis == Consent && len(p.Otherwise) == 0:
		return wrong(at+".basis", "consent that cannot be refused is none: purpose %s needs otherwise, what a citizen can do instead, or another basis", p.ID)
	case g.reference != "" && p.Reference == "":
		return wrong(at+".basis", "purpose %s stands on %s and needs as its reference %s", p.ID, p.Basis, g.reference)
	}
	return p.carried(at+".fields", p.Fields)
}

// carried holds fields against what the basis carries.
func (p *Purpose) carried(at string, fields []Field) *mistake {
	g, _ := p.Basis.ground()
	if len(fields) > maxList {
		return wrong(at, "more fields than there are")
	}
	for i, f := range fields {
		here := fmt.Sprintf("%s[%d]", at, i)
		why, never := g.never[f]
		switch {
		case slices.Contains(biometric, strings.ToLower(string(f))):
			return wrong(here, "purpose %s asks for %s, which no counter is given on any basis", p.ID, f)
		case !slices.ContainsFunc(places, func(known place) bool { return known.field == f }):
			return wrong(here, "%q is no field%s", f, meant(string(f), Fields()))
		case slices.Contains(fields[:i], f):
			return wrong(here, "%s stands there twice", f)
		case never:
			return wrong(here, "purpose %s asks for %s, which %s does not carry: %s; it would take %s", p.ID, f, p.Basis, why, carrying(f))
		case slices.Contains(numbered, f) && p.Authorisation == "":
			return wrong(here, "purpose %s asks for %s, which needs the number of an authorisation by the CNDP (law 09-08, article 12) as authorisation", p.ID, f)
		}
	}
	return nil
}

func (p *Purpose) checkAsked(at string) *mistake {
	if len(p.Answers) > maxList || len(p.Places) > maxList {
		return wrong(at, "more answers or places than %d", maxList)
	}
	for i, question := range p.Answers {
		here := fmt.Sprintf("%s.answers[%d]", at, i)
		if _, known := answered[question]; !known {
			return wrong(here, "%q is no question%s", question, meant(string(question), Answers()))
		}
		if slices.Contains(p.Answers[:i], question) {
			return wrong(here, "%s stands there twice", question)
		}
	}
	asks := slices.Contains(p.Answers, LivesIn)
	switch {
	case len(p.Fields)+len(p.Answers) == 0:
		return wrong(at, "purpose %s asks for no field and no answer", p.ID)
	case asks && len(p.Places) == 0:
		return wrong(at+".answers", "purpose %s asks lives-in and needs places, or an address could be guessed place by place", p.ID)
	case !asks && len(p.Places) > 0:
		return wrong(at+".places", "places are for the answer lives-in, which purpose %s does not ask", p.ID)
	}
	for i, name := range p.Places {
		if m := line(fmt.Sprintf("%s.places[%d]", at, i), name); m != nil {
			return m
		}
	}
	for i, axis := range p.Axes {
		if !slices.Contains(axes, axis) || slices.Contains(p.Axes[:i], axis) {
			return wrong(fmt.Sprintf("%s.axes[%d]", at, i), "%q is no axis of a report, or stands there twice%s", axis, meant(string(axis), axes))
		}
	}
	return nil
}

// checkRetention also sets it.
func (p *Purpose) checkRetention(at string) *mistake {
	at += ".retention"
	if m := retention.check(at, p.Keep); m != nil {
		return m
	}
	count, unit, _ := strings.Cut(p.Keep, " ")
	n, _ := strconv.Atoi(count) // up to four digits; of years that is more than a Duration holds
	each := map[byte]time.Duration{'d': day, 'm': 30 * day, 'y': year}[unit[0]]
	p.Retention = time.Duration(n) * each
	if g, _ := p.Basis.ground(); time.Duration(n) > g.most/each {
		return wrong(at, "purpose %s keeps records for %s, longer than %s carries: %d days, for %s", p.ID, p.Keep, p.Basis, g.most/day, g.why)
	}
	return nil
}

func (p *Purpose) checkGuardian(s *Site, at string) *mistake {
	switch {
	case !p.Guardian && len(p.GuardianFields)+len(p.GuardianNotice) > 0:
		return wrong(at, "purpose %s has a notice or fields for a guardian, and not guardian: true", p.ID)
	case !p.Guardian:
		return nil
	case len(p.GuardianFields) == 0:
		return wrong(at, "purpose %s is about minors and needs guardian-fields, what is read of the guardian's card", p.ID)
	}
	return first(s.text(at+".guardian-notice", p.GuardianNotice, maxNotice), p.carried(at+".guardian-fields", p.GuardianFields))
}

// checkProduction wants what a desk cannot lawfully begin without.
func (p *Purpose) checkProduction(at string) *mistake {
	switch {
	case p.Authorisation == "" && p.Declaration == "":
		return wrong(at, "purpose %s needs the number of the CNDP's receipt as declaration, or of its authorisation (law 09-08, article 12), before production", p.ID)
	case p.Habilitation == "":
		return wrong(at, "purpose %s needs the number of the DGSN's habilitation to read chips (law 04-20) before production", p.ID)
	}
	for _, each := range []struct{ key, value string }{
		{"authorisation", p.Authorisation}, {"declaration", p.Declaration}, {"habilitation", p.Habilitation},
	} {
		if strings.Contains(strings.ToUpper(each.value), "SPECIMEN") {
			return wrong(at+"."+each.key, "purpose %s has a specimen for its %s, which production does not take", p.ID, each.key)
		}
	}
	return nil
}

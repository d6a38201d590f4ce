package web

import (
	"slices"
	"strings"
	"time"

	"cnie/internal/answer"
	"cnie/internal/counter"
	"cnie/internal/names"
	"cnie/internal/site"
	"cnie/pki"
)

// marks are the words for what the judge lays over fields.
var marks = map[string]string{
	pki.MarkSpecimen:         "verdict.specimen",
	pki.MarkUnverifiedIssuer: "verdict.mark.unverified",
}

// personOf draws up what a card showed. Only the fields of the purpose get here.
func personOf(who counter.Person, seen *counter.Seen, p site.Purpose, photo string, at time.Time) person {
	h, all := seen.Holder, checks(seen.Report)
	out := person{Who: who, NoPhoto: seen.NoPhoto, Mark: marks[h.Watermark], Match: seen.Match, PhotoCheck: vouching(all, site.Photo)}
	if seen.Photo.Show(func(picture) {}) {
		out.Photo = photo
	}
	out.Latin = strings.TrimSpace(h.Surname + " " + h.GivenNames)
	out.Arab = strings.TrimSpace(h.NationalSurname + " " + h.NationalGivenNames)
	if out.Latin != "" && out.Arab != "" {
		result := names.Compare(names.Name{Surname: h.Surname, Given: h.GivenNames}, names.Name{Surname: h.NationalSurname, Given: h.NationalGivenNames})
		out.Compared = &comparison{Result: "compare." + string(result.Result), Steps: result.Steps}
	}
	for _, f := range p.Fields {
		if r, ok := rowOf(f, h); ok {
			r.Check = vouching(all, f)
			r.Minor = f == site.BirthDate && !p.Guardian && answer.Answer(answer.Question{ID: answer.Over18}, h, at).Value == answer.No
			out.Rows = append(out.Rows, r)
		}
	}
	for _, a := range seen.Answers {
		out.Answers = append(out.Answers, answered{Question: "question." + a.Question.ID, Detail: a.Question.Arg, Value: string(a.Value), Reasons: a.Reasons})
	}
	return out
}

// vouching finds the check that a field stands on.
func vouching(all []check, f site.Field) *check {
	id := string(pki.CheckIntegrityOf(f.File()))
	if i := slices.IndexFunc(all, func(c check) bool { return c.ID == id }); i >= 0 {
		return &all[i]
	}
	return nil
}

// rowOf is a field's line, if the card has the field. The photo stands apart.
func rowOf(f site.Field, h *pki.Holder) (row, bool) {
	r := row{Field: string(f), Values: values(f, h)}
	r.Values = slices.DeleteFunc(slices.Clone(r.Values), func(v string) bool { return v == "" })
	if f == site.Sex && (h.Sex == "M" || h.Sex == "F") {
		r.Key = "sex." + h.Sex
	} else if f == site.Sex && h.Sex != "" {
		r.Key = "sex.X"
	}
	return r, len(r.Values) > 0
}

func values(f site.Field, h *pki.Holder) []string {
	switch f {
	case site.BirthPlace:
		return h.BirthPlace
	case site.Address:
		return h.Address
	}
	one := map[site.Field]string{
		site.Surname: h.Surname, site.GivenNames: h.GivenNames, site.NationalSurname: h.NationalSurname, site.NationalGivenNames: h.NationalGivenNames,
		site.CIN: h.CIN, site.DocumentNumber: h.DocumentNumber, site.BirthDate: h.BirthDate, site.Sex: h.Sex, site.Nationality: h.Nationality,
		site.PersonalNumber: h.PersonalNumber, site.ExpiryDate: h.ExpiryDate, site.IssuingAuthority: h.IssuingAuthority, site.IssueDate: h.IssueDate,
	}
	return []string{one[f]}
}

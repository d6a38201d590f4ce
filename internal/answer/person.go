package answer

import (
	"strings"

	"cnie/internal/names"
	"cnie/pki"
)

// finding is what one comparison says.
type finding int

const (
	silent finding = iota // not compared
	agrees
	perhaps
	differs
)

// samePerson weighs identity number, birth date and names. A number that differs
// is another person. Yes needs the whole birth date, and the names or the number:
// namesakes are many, and names alone are never enough.
func samePerson(record Record, h *pki.Holder) (Value, []string, []names.Comparison) {
	number, why := compareNumber(record.CIN, h.CIN)
	reasons := []string{why}
	birth, why := compareBirth(record.BirthDate, h.BirthDate)
	reasons = append(reasons, why)
	compared := compareNames(record, h)
	name := silent
	for _, c := range compared {
		name = weigh(name, c.Result)
	}
	reasons = append(reasons, []string{"answer.names-not-compared", "answer.names-same", "answer.names-unsure", "answer.names-differ"}[name])
	reasons = append(reasons, ruleKeys(compared...)...)
	return judge(number, birth, name), reasons, compared
}

func judge(number, birth, name finding) Value {
	contradiction := birth == differs || name == differs
	switch {
	case number == differs:
		return No
	case contradiction && number == agrees:
		return Unknown // a misprint or a married name: for a person to look at
	case contradiction:
		return No
	case birth == agrees && (name == agrees || name == perhaps && number == agrees):
		return Yes
	}
	return Unknown
}

// weigh takes the worst of two scripts, except that one script that is sure makes
// up for one that is not.
func weigh(sofar finding, r names.Result) finding {
	now := map[names.Result]finding{names.Same: agrees, names.Unsure: perhaps, names.Different: differs}[r]
	switch {
	case sofar == differs || now == differs:
		return differs
	case sofar == agrees || now == agrees:
		return agrees
	}
	return now
}

func compareNumber(a, b string) (finding, string) {
	a, b = bare(a), bare(b)
	switch {
	case a == "" || b == "":
		return silent, "answer.number-not-compared"
	case a == b:
		return agrees, "answer.number-same"
	}
	return differs, "answer.number-differs"
}

// bare is an identity number in capitals without spaces and fillers.
func bare(number string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "<", "").Replace(number))
}

// compareBirth finds dates of which one is less precise compatible, not the same.
func compareBirth(a, b string) (finding, string) {
	firstA, lastA, okA := span(a)
	firstB, lastB, okB := span(b)
	switch {
	case !okA || !okB:
		return silent, "answer.birth-date-not-compared"
	case lastA.Before(firstB) || lastB.Before(firstA):
		return differs, "answer.birth-date-differs"
	case len(a) == len("2006-01-02") && a == b:
		return agrees, "answer.birth-date-same"
	}
	return perhaps, "answer.birth-date-partial"
}

// compareNames compares within scripts, and across only if it must.
func compareNames(record Record, h *pki.Holder) []names.Comparison {
	latin := names.Name{Surname: h.Surname, Given: h.GivenNames}
	national := names.Name{Surname: h.NationalSurname, Given: h.NationalGivenNames}
	var none names.Name
	var compared []names.Comparison
	for _, pair := range [][2]names.Name{{record.Latin, latin}, {record.National, national}} {
		if pair[0] != none && pair[1] != none {
			compared = append(compared, names.Compare(pair[0], pair[1]))
		}
	}
	if compared != nil {
		return compared
	}
	for _, pair := range [][2]names.Name{{record.Latin, national}, {record.National, latin}} {
		if pair[0] != none && pair[1] != none {
			compared = append(compared, names.Compare(pair[0], pair[1]))
		}
	}
	return compared
}

package policyfile

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds on values.
const (
	maxName    = 80
	maxDays    = 3653 // ten years, the life of a card
	maxBits    = 16384
	maxEntries = 64
)

var (
	state   = regexp.MustCompile(`^[A-Z]{1,3}$`) // as in the MRZ, without fillers
	country = regexp.MustCompile(`^[A-Z]{2}$`)   // as in certificates
	axes    = []string{"chip", "validity", "revocation"}
)

// number is a key and the number under it.
type number struct {
	key string
	n   int
}

// mistake is a value that cannot be, and the path to it.
type mistake struct{ path, reason string }

func wrong(path, format string, args ...any) *mistake {
	return &mistake{path, fmt.Sprintf(format, args...)}
}

func (f *File) check() *mistake {
	if m := f.checkName(); m != nil {
		return m
	}
	for _, age := range []number{
		{"allow-expired-document-days", f.AllowExpiredDocumentDays}, {"allow-crl-age-days", f.AllowCRLAgeDays}, {"allow-trust-age-days", f.AllowTrustAgeDays},
	} {
		if age.n < 0 || age.n > maxDays {
			return wrong("$."+age.key, "%s is a number of days up to %d", age.key, maxDays)
		}
	}
	for i, axis := range f.AllowOpen {
		if !slices.Contains(axes, axis) {
			return wrong(fmt.Sprintf("$.allow-open[%d]", i), "only chip, validity and revocation may be open")
		}
	}
	if m := f.checkCountries(); m != nil {
		return m
	}
	return f.checkAlgorithms()
}

// checkName keeps the name, which is the first thing that a run says of its policy
// and often the only one, from saying what the policy does not.
func (f *File) checkName() *mistake {
	spelling := strings.ToLower(strings.Join(strings.Fields(f.Name), " "))
	bare := *f
	bare.Name = ""
	switch {
	case utf8.RuneCountInString(f.Name) > maxName:
		return wrong("$.name", "the name is longer than %d letters", maxName)
	case strings.ContainsFunc(f.Name, func(r rune) bool { return !unicode.IsGraphic(r) }):
		return wrong("$.name", "the name has a character that has no shape of its own")
	case strings.Contains(spelling, "strict default") && !reflect.DeepEqual(bare, File{}):
		return wrong("$.name", "a policy that allows anything is not the strict default; give it another name")
	}
	return nil
}

func (f *File) checkCountries() *mistake {
	for _, key := range slices.Sorted(maps.Keys(f.AllowCountries)) {
		codes := f.AllowCountries[key]
		switch {
		case !state.MatchString(key):
			return wrong("$.allow-countries", "%q is no State as a machine-readable zone names it", key)
		case len(codes) == 0 || len(codes) > maxEntries:
			return wrong("$.allow-countries."+key, "%s needs a list of countries", key)
		}
		for i, code := range codes {
			if !country.MatchString(code) {
				return wrong(fmt.Sprintf("$.allow-countries.%s[%d]", key, i), "%q is no country of two letters", code)
			}
		}
	}
	return nil
}

func (f *File) checkAlgorithms() *mistake {
	var before time.Time
	for i, line := range f.AllowAlgorithms {
		at := fmt.Sprintf("$.allow-algorithms[%d]", i)
		from, err := line.date()
		switch {
		case err != nil:
			return wrong(at+".from", "a date is written 2020-01-31")
		case i > 0 && !from.After(before):
			return wrong(at, "the lines are ordered by date, the oldest first")
		case i == maxEntries:
			return wrong(at, "more lines than %d", maxEntries)
		}
		for _, bits := range []number{{"hash-bits", line.Hash}, {"rsa-bits", line.RSA}, {"curve-bits", line.Curve}} {
			if bits.n <= 0 || bits.n > maxBits {
				return wrong(at+"."+bits.key, "%s is a size, which each line has to give", bits.key)
			}
		}
		before = from
	}
	return nil
}

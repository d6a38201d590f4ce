package answer

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"cnie/internal/names"
)

// livesIn looks for the commune among the parts of the address. Yes needs a part
// that is the commune, spelled by the rules of names; a commune inside a part may
// be the name of a street. No means that the address, in the script of the
// question, does not name it.
func livesIn(commune string, address []string) (Value, []string, []names.Comparison) {
	asked := names.Name{Surname: commune}
	best, reason := No, "answer.commune-not-named"
	var compared []names.Comparison
	legible := false
	for _, part := range address {
		named := names.Name{Surname: withoutPostcode(part)}
		if named.Surname == "" {
			continue
		}
		c := names.Compare(asked, named)
		compared = append(compared, c)
		switch {
		case c.Result == names.Same:
			return Yes, append([]string{"answer.commune-named"}, ruleKeys(c)...), []names.Comparison{c}
		case sameScript(c):
			legible = true
			if c.Result == names.Unsure {
				best, reason = Unknown, "answer.commune-perhaps"
			}
		}
	}
	switch {
	case len(compared) == 0:
		return Unknown, []string{"answer.no-address"}, nil
	case !legible:
		return Unknown, []string{"answer.commune-other-script"}, compared
	}
	return best, []string{reason}, compared
}

func sameScript(c names.Comparison) bool {
	return !slices.ContainsFunc(c.Rules(), func(r names.Rule) bool {
		return r == names.SkeletonAgrees || r == names.SkeletonDiffers || r == names.OtherScript || r == names.Missing
	})
}

// withoutPostcode leaves out the five digits that Moroccan addresses put before
// the commune, and what has no letter.
func withoutPostcode(part string) string {
	words := slices.DeleteFunc(strings.Fields(part), func(w string) bool {
		return len(w) == 5 && strings.Trim(w, "0123456789") == ""
	})
	if part = strings.Join(words, " "); strings.ContainsFunc(part, unicode.IsLetter) {
		return part
	}
	return ""
}

func ruleKeys(comparisons ...names.Comparison) []string {
	var keys []string
	for _, c := range comparisons {
		for _, r := range c.Rules() {
			if key := "names." + string(r); !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// isPlace allows what the name of a commune is made of, in one script and one
// spelling, so that two names that look alike are alike.
func isPlace(s string) bool {
	if s == "" || len(s) > 120 || !norm.NFC.IsNormalString(s) || strings.TrimSpace(s) != s {
		return false
	}
	var scripts [3]bool
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Latin, r) && norm.NFKC.IsNormalString(string(r)):
			scripts[0] = true
		case unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r) && norm.NFKC.IsNormalString(string(r)):
			scripts[1] = true
		case unicode.Is(unicode.Tifinagh, r):
			scripts[2] = true
		case r != ' ' && r != '-' && r != '\'' && (r < '0' || r > '9'):
			return false
		}
	}
	count := 0
	for _, found := range scripts {
		if found {
			count++
		}
	}
	return count == 1
}

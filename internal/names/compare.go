package names

import (
	"slices"
	"strings"
	"unicode"
)

type script int

const (
	none script = iota
	latinScript
	arabicScript
	otherScript
)

// scriptOf tells in which letters a name is. A mixture is other: a Cyrillic А among
// Latin letters is not theirs.
func scriptOf(n Name) script {
	found := none
	for _, r := range n.Surname + n.Given {
		is := none
		switch {
		case unicode.Is(unicode.Latin, r):
			is = latinScript
		case unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r):
			is = arabicScript
		case unicode.IsLetter(r) && r != 'ʼ' && r != 'ʿ' && r != 'ʾ' && r != 'ـ':
			is = otherScript
		}
		if is == none || is == found {
			continue
		}
		if found != none {
			return otherScript
		}
		found = is
	}
	return found
}

// Compare compares two names. It is symmetric but for the sides of its steps, and
// a name with a letter in it is the same as itself.
func Compare(a, b Name) Comparison {
	sa, sb := scriptOf(a), scriptOf(b)
	switch {
	case sa == none || sb == none:
		return Comparison{Unsure, []Step{{Part: Whole, Rule: Missing}}}
	case a == b:
		return Comparison{Same, []Step{{Part: Whole, Rule: Literal}}}
	case sa == otherScript || sb == otherScript:
		return Comparison{Unsure, []Step{{Whole, OtherScript, whole(a), whole(b)}}}
	case sa != sb:
		return acrossScripts(a, b, sa)
	case sa == latinScript:
		return withinScript(a, b, latin(), latinParticles, latinSkeleton)
	}
	return withinScript(a, b, arabic(), arabicParticles, arabicSkeleton)
}

func whole(n Name) string { return strings.TrimSpace(n.Surname + " " + n.Given) }

// withinScript compares surname with surname and given name with given name, and
// only if that fails looks for a cut name or parts in each other's place.
func withinScript(a, b Name, lists [][]fold, particles map[string]bool, skeleton func([]string) string) Comparison {
	c := Comparison{Result: Same}
	for _, part := range []Part{Surname, Given} {
		x, y := a.Surname, b.Surname
		if part == Given {
			x, y = a.Given, b.Given
		}
		result, steps := comparePart(part, x, y, lists, particles, skeleton)
		c.Steps = append(c.Steps, steps...)
		c.Result = worse(c.Result, result)
	}
	if c.Result == Same {
		if len(c.Steps) == 0 {
			c.Steps = []Step{{Whole, Filler, whole(a), whole(b)}} // white space alone
		}
		return c
	}
	if steps := truncated(a, b, lists); steps != nil {
		return Comparison{Same, steps}
	}
	if c.Result == Different {
		if steps := moved(a, b, lists); steps != nil {
			return Comparison{Unsure, steps}
		}
	}
	return c
}

func worse(a, b Result) Result {
	rank := []Result{Same, Unsure, Different}
	return rank[max(slices.Index(rank, a), slices.Index(rank, b))]
}

func comparePart(part Part, a, b string, lists [][]fold, particles map[string]bool, skeleton func([]string) string) (Result, []Step) {
	x, y := strings.Fields(a), strings.Fields(b)
	if (len(x) == 0) != (len(y) == 0) {
		return Unsure, []Step{{part, Missing, a, b}}
	}
	for _, folds := range lists {
		if steps, ok := bring(part, x, y, folds); ok {
			return Same, steps
		}
	}
	for _, folds := range lists {
		x, y := upTo(x, folds, ParticleSpelling), upTo(y, folds, ParticleSpelling)
		bare := func(words []string) []string { return withoutParticles(words, particles) }
		rest := after(folds, ParticleSpelling)
		loose := []struct {
			rule  Rule
			agree bool
		}{
			{ParticleLeftOut, slices.Equal(apply(bare(x), rest), apply(bare(y), rest))},
			{Transliteration, alike(skeleton(x), skeleton(y))},
			{WordLeftOut, contains(x, y, folds) || contains(y, x, folds)},
		}
		for _, l := range loose {
			if l.agree {
				return Unsure, []Step{{part, l.rule, strings.Join(x, " "), strings.Join(y, " ")}}
			}
		}
	}
	return Different, []Step{{part, Distinct, strings.Join(upTo(x, lists[0], ParticleSpelling), " "), strings.Join(upTo(y, lists[0], ParticleSpelling), " ")}}
}

// alike wants two consonants at least: one says too little.
func alike(a, b string) bool { return a == b && len(a) >= 2 }

// contains reports whether every word of b is one of a, after the folds that leave
// words what they are.
func contains(a, b []string, folds []fold) bool {
	words := before(folds, Order)
	a, b = apply(a, words), apply(b, words)
	return len(b) > 0 && !slices.ContainsFunc(b, func(w string) bool { return !slices.Contains(a, w) })
}

func withoutParticles(words []string, particles map[string]bool) []string {
	var out []string
	for i, w := range words {
		if particles[w] && i < len(words)-1 && w != "ABD" && w != "ABDEL" && w != "عبد" {
			continue
		}
		out = append(out, withoutArticle(w))
	}
	return out
}

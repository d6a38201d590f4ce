package names

import (
	"slices"
	"strings"
)

func apply(words []string, folds []fold) []string {
	for _, f := range folds {
		words = f.apply(words)
	}
	return words
}

func at(folds []fold, rule Rule) int {
	return slices.IndexFunc(folds, func(f fold) bool { return f.rule == rule })
}

func before(folds []fold, rule Rule) []fold { return folds[:at(folds, rule)] }
func after(folds []fold, rule Rule) []fold  { return folds[at(folds, rule)+1:] }

func upTo(words []string, folds []fold, rule Rule) []string {
	return apply(words, folds[:at(folds, rule)+1])
}

// bring looks for the fewest folds that make two names equal and tells them as
// steps: a fold that is not needed is not told. The answer does not depend on
// which name comes first. Words are put into another order or joined, not both:
// sorted and joined, they would be an anagram.
func bring(part Part, a, b []string, folds []fold) ([]Step, bool) {
	for _, left := range []Rule{Order, Spacing} {
		tried := slices.DeleteFunc(slices.Clone(folds), func(f fold) bool { return f.rule == left })
		if slices.Equal(apply(a, tried), apply(b, tried)) {
			return fewest(part, a, b, tried), true
		}
	}
	return nil, false
}

func fewest(part Part, a, b []string, folds []fold) []Step {
	needed := folds
	// The rules that are hardest to believe come last in the list; they go first.
	for i := len(folds) - 1; i >= 0; i-- {
		fewer := slices.DeleteFunc(slices.Clone(needed), func(f fold) bool { return f.rule == folds[i].rule })
		if slices.Equal(apply(a, fewer), apply(b, fewer)) {
			needed = fewer
		}
	}
	var steps []Step
	for _, f := range needed {
		a, b = f.apply(a), f.apply(b)
		steps = append(steps, Step{part, f.rule, strings.Join(a, " "), strings.Join(b, " ")})
	}
	return steps
}

// The name field of a machine-readable zone holds 30 characters on cards (TD1), 31
// (TD2) or 39 in passports (TD3), ICAO 9303-5 §4.2.4, -6 and -4. A cut may leave a
// filler at the end, which is lost when the zone is read.
var nameFields = []int{29, 30, 31, 38, 39}

// truncated looks for a name that fills its field and with which the other one
// begins, surname and given name each.
func truncated(a, b Name, lists [][]fold) []Step {
	for _, folds := range lists {
		if at(folds, DoubledLetter) < 0 {
			return nil // Arabic stands in no such zone
		}
		zone := append(slices.Clone(before(folds, ParticleSpelling)), fold{Spacing, joined})
		as, ag := part(a.Surname, zone), part(a.Given, zone)
		bs, bg := part(b.Surname, zone), part(b.Given, zone)
		if fills(a, folds) && cut(as, bs) && cut(ag, bg) || fills(b, folds) && cut(bs, as) && cut(bg, ag) {
			return []Step{{Whole, Truncated, strings.TrimSpace(as + " " + ag), strings.TrimSpace(bs + " " + bg)}}
		}
	}
	return nil
}

func part(text string, folds []fold) string {
	return strings.Join(apply(strings.Fields(text), folds), "")
}

func cut(short, long string) bool { return strings.HasPrefix(long, short) }

// fills measures a name as a zone has it: SURNAME<<GIVEN<NAMES.
func fills(n Name, folds []fold) bool {
	zone := before(folds, ParticleSpelling)
	length := len(strings.Join(apply(strings.Fields(n.Surname), zone), "<"))
	if given := strings.Join(apply(strings.Fields(n.Given), zone), "<"); given != "" {
		length += 2 + len(given)
	}
	return slices.Contains(nameFields, length)
}

// moved compares all words together, whatever part they stand in.
func moved(a, b Name, lists [][]fold) []Step {
	for _, folds := range lists {
		if steps, ok := bring(Whole, strings.Fields(whole(a)), strings.Fields(whole(b)), folds); ok {
			return append(steps, Step{Whole, PartsMoved, whole(a), whole(b)})
		}
	}
	return nil
}

// acrossScripts shows the consonants of both, part by part. It never decides.
func acrossScripts(a, b Name, first script) Comparison {
	c := Comparison{Result: Unsure}
	skeletonOf := func(text string, s script) string {
		if s == latinScript {
			return latinSkeleton(upTo(strings.Fields(text), latin()[0], ParticleSpelling))
		}
		return arabicSkeleton(upTo(strings.Fields(text), arabic()[0], ParticleSpelling))
	}
	second := latinScript + arabicScript - first
	for _, p := range []struct {
		part Part
		a, b string
	}{{Surname, a.Surname, b.Surname}, {Given, a.Given, b.Given}} {
		step := Step{Part: p.part, Rule: SkeletonDiffers, A: skeletonOf(p.a, first), B: skeletonOf(p.b, second)}
		switch {
		case strings.TrimSpace(p.a) == "" && strings.TrimSpace(p.b) == "":
			continue
		case strings.TrimSpace(p.a) == "" || strings.TrimSpace(p.b) == "":
			step.Rule = Missing
		case step.A == step.B:
			step.Rule = SkeletonAgrees
		}
		c.Steps = append(c.Steps, step)
	}
	return c
}

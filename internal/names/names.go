// Package names compares the names of two records of a person.
//
// Clerks compare names that were written by different hands in different scripts:
// a machine-readable zone without accents and cut off, a register with Bent and
// El apart, a file in Arabic. A program that quietly makes them equal decides over
// people without saying how, so this one does not: every rule that it had to use
// has a name, is a Step of the result, and can be read out. Two Latin or two
// Arabic names can be the same by such rules. A Latin and an Arabic name never are:
// Arabic writes no short vowels and Latin has several letters for one Arabic one,
// so their consonants are laid side by side for a person to judge.
package names

// Name is a name in one script, as a document or a register has it: with accents
// or in the letters of a machine-readable zone ("EL<IDRISSI").
type Name struct {
	Surname, Given string
}

// Result is what a comparison comes to.
type Result string

// Results.
const (
	Same      Result = "same"
	Unsure    Result = "unsure"
	Different Result = "different"
)

// Part says which part of a name a step speaks of.
type Part string

// Parts of a name.
const (
	Surname Part = "surname"
	Given   Part = "given"
	Whole   Part = "whole" // both, when what is surname and what given differs
)

// Step is one rule that was used. A and B are the two names, or the words of them
// that the rule concerns, in the form that was compared: they are for the eyes of
// the clerk and never for a log. Rules are for both.
type Step struct {
	Part Part   `json:"part"`
	Rule Rule   `json:"rule"`
	A    string `json:"a,omitempty"`
	B    string `json:"b,omitempty"`
}

// Key is the message that explains the step, with A and B as arguments.
func (s Step) Key() string { return "names." + string(s.Rule) }

// Comparison is a result and how it was come by.
type Comparison struct {
	Result Result `json:"result"`
	Steps  []Step `json:"steps,omitempty"`
}

// Rules are those of the steps, each once: what may be kept and signed, for
// nothing of the names is in it.
func (c Comparison) Rules() []Rule {
	var rules []Rule
	seen := map[Rule]bool{}
	for _, s := range c.Steps {
		if !seen[s.Rule] {
			seen[s.Rule] = true
			rules = append(rules, s.Rule)
		}
	}
	return rules
}

package names

// Rule names a reason why two spellings are taken for one, may be one, or are not.
type Rule string

// Rules by which two names are the same.
const (
	Literal          Rule = "literal"           // letter by letter
	Case             Rule = "case"              // capitals and small letters
	Filler           Rule = "filler"            // the < of a machine-readable zone, and white space
	Diacritics       Rule = "diacritics"        // É is E; Ö is O, OE …
	Apostrophe       Rule = "apostrophe"        // left out
	Hyphen           Rule = "hyphen"            // a space
	ParticleSpelling Rule = "particle-spelling" // Al and El, Bin and Ben, ابن and بن
	ParticleJoined   Rule = "particle-joined"   // Ben Ali and Benali, عبد الله and عبدالله
	DoubledLetter    Rule = "doubled-letter"    // Mohammed and Mohamed
	Order            Rule = "order"             // the same words in another order
	Spacing          Rule = "spacing"           // the same letters in other words
	Truncated        Rule = "truncated"         // cut where a machine-readable zone ends

	PresentationForm Rule = "presentation-form" // glyphs instead of letters
	Tatweel          Rule = "tatweel"           // the stretching line
	VowelSigns       Rule = "vowel-signs"       // fatha, damma, shadda …
	LetterForm       Rule = "letter-form"       // ک and ك, ی and ي
	Hamza            Rule = "hamza"             // أ إ آ and ا, ؤ and و, ئ and ي
	AlefMaqsura      Rule = "alef-maqsura"      // ى and ي
	TaaMarbuta       Rule = "taa-marbuta"       // ة and ه
)

// Rules by which two names may be the same.
const (
	ParticleLeftOut Rule = "particle-left-out" // El Idrissi and Idrissi, الإدريسي and إدريسي
	Transliteration Rule = "transliteration"   // the same consonants: Rachid and Rashid
	WordLeftOut     Rule = "word-left-out"     // Fatima Zahra and Fatima
	PartsMoved      Rule = "parts-moved"       // a surname here is a given name there
	Missing         Rule = "missing"           // one of the two says nothing
	OtherScript     Rule = "other-script"      // neither Latin nor Arabic, or a mixture
	SkeletonAgrees  Rule = "skeleton-agrees"   // Latin and Arabic have the same consonants
	SkeletonDiffers Rule = "skeleton-differs"
)

// Distinct is the rule of two names that no other one brings together.
const Distinct Rule = "distinct"

// fold is a rule that rewrites a name. Folds are applied in the order of their
// list, each to what the ones before left.
type fold struct {
	rule  Rule
	apply func([]string) []string
}

// perWord makes a fold of what is done to each word.
func perWord(rule Rule, rewrite func(string) string) fold {
	return fold{rule, func(words []string) []string {
		out := make([]string, 0, len(words))
		for _, w := range words {
			if w = rewrite(w); w != "" {
				out = append(out, w)
			}
		}
		return out
	}}
}

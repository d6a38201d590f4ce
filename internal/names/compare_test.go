package names

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The pairs are spellings, not persons: SPECIMEN is the family of all that have a
// surname to themselves.
var pairs = []struct {
	a, b  Name
	want  Result
	rules []Rule
}{
	{Name{"SPECIMEN", "AMINA"}, Name{"SPECIMEN", "AMINA"}, Same, []Rule{Literal}},
	{Name{"SPECIMEN", "AMINA"}, Name{"Specimen", "Amina"}, Same, []Rule{Case}},
	{Name{"SPECIMEN", "AMINA"}, Name{" SPECIMEN ", "AMINA"}, Same, []Rule{Filler}},
	{Name{"EL<SPECIMEN", "FATIMA<ZAHRA"}, Name{"EL SPECIMEN", "FATIMA ZAHRA"}, Same, []Rule{Filler}},
	{Name{"SPÉCIMEN", "AÏCHA"}, Name{"SPECIMEN", "AICHA"}, Same, []Rule{Diacritics}},
	{Name{"SPE\u0301CIMEN", "AMINA"}, Name{"SPÉCIMEN", "AMINA"}, Same, []Rule{Diacritics}},
	{Name{"MÜSTER", "JÖRG"}, Name{"MUESTER", "JOERG"}, Same, []Rule{Diacritics}},
	{Name{"MÜSTER", "JÖRG"}, Name{"MUSTER", "JORG"}, Same, []Rule{Diacritics}},
	{Name{"MÜSTER", "A"}, Name{"MUXXSTER", "A"}, Same, []Rule{Diacritics}},
	{Name{"STRAßE", "A"}, Name{"STRASSE", "A"}, Same, []Rule{Diacritics}},
	{Name{"ŠPECIMEŇ", "ŁUKASZ"}, Name{"SPECIMEN", "LUKASZ"}, Same, []Rule{Diacritics}},
	{Name{"D'SPECIMEN", "AMINA"}, Name{"DSPECIMEN", "AMINA"}, Same, []Rule{Apostrophe}},
	{Name{"D’SPECIMEN", "AMINA"}, Name{"D'SPECIMEN", "AMINA"}, Same, []Rule{Apostrophe}},
	{Name{"SPECIMEN", "NOUR-EDDINE"}, Name{"SPECIMEN", "NOUR EDDINE"}, Same, []Rule{Hyphen}},
	{Name{"SPECIMEN", "NOUR-EDDINE"}, Name{"SPECIMEN", "NOUREDDINE"}, Same, []Rule{Hyphen, Spacing}},
	{Name{"AL SPECIMEN", "AMINA"}, Name{"EL SPECIMEN", "AMINA"}, Same, []Rule{ParticleSpelling}},
	{Name{"BIN SPECIMEN", "ALI"}, Name{"Ben Specimen", "Ali"}, Same, []Rule{Case, ParticleSpelling}},
	{Name{"IBN SPECIMEN", "ALI"}, Name{"BEN SPECIMEN", "ALI"}, Same, []Rule{ParticleSpelling}},
	{Name{"BINT SPECIMEN", "LALLA"}, Name{"BENT SPECIMEN", "LALLA"}, Same, []Rule{ParticleSpelling}},
	{Name{"WELD SPECIMEN", "ALI"}, Name{"OULD SPECIMEN", "ALI"}, Same, []Rule{ParticleSpelling}},
	{Name{"AYT SPECIMEN", "ALI"}, Name{"AIT SPECIMEN", "ALI"}, Same, []Rule{ParticleSpelling}},
	{Name{"BU SPECIMEN", "ALI"}, Name{"BOU SPECIMEN", "ALI"}, Same, []Rule{ParticleSpelling}},
	{Name{"BENSPECIMEN", "ALI"}, Name{"BEN SPECIMEN", "ALI"}, Same, []Rule{ParticleJoined}},
	{Name{"SPECIMEN", "ABD EL KADER ALI"}, Name{"SPECIMEN", "ALI ABDELKADER"}, Same, []Rule{ParticleJoined, Order}},
	{Name{"SPECIMEN", "ABDEL KADER"}, Name{"SPECIMEN", "ABDELKADER"}, Same, []Rule{ParticleJoined}},
	{Name{"SPECIMEN", "MOHAMMED"}, Name{"SPECIMEN", "MOHAMED"}, Same, []Rule{DoubledLetter}},
	{Name{"SPECIMEN", "HASSAN"}, Name{"SPECIMEN", "HASAN"}, Same, []Rule{DoubledLetter}},
	{Name{"SPECIMEN", "YOUSSEF"}, Name{"SPECIMEN", "Yousef"}, Same, []Rule{Case, DoubledLetter}},
	{Name{"SPECIMEN", "FATIMA ZAHRA"}, Name{"SPECIMEN", "ZAHRA FATIMA"}, Same, []Rule{Order}},
	// Cut at 30: 14 + 2 + 14.
	{Name{"SPECIMENSPECIM", "ABDERRAHMANEMO"}, Name{"SPECIMENSPECIM", "ABDERRAHMANE MOHAMED"}, Same, []Rule{Truncated}},
	{Name{"SPECIMENSPECIMENSPECIM", "MOHAMM"}, Name{"SPECIMENSPECIMENSPECIMEN", "MOHAMMED"}, Same, []Rule{Truncated}},
	// Cut at 39, the last character a filler that was lost.
	{Name{"SPECIMENSPECIMENSPECIMENSPEC", "MOHAMMED"}, Name{"SPECIMENSPECIMENSPECIMENSPEC", "MOHAMMED AMINE"}, Same, []Rule{Truncated}},
	// Not cut where a zone ends.
	{Name{"SPECIMEN", "MOHAMM"}, Name{"SPECIMEN", "MOHAMMEDI"}, Different, []Rule{Distinct}},

	{Name{"EL SPECIMEN", "AMINA"}, Name{"SPECIMEN", "AMINA"}, Unsure, []Rule{ParticleLeftOut}},
	{Name{"SPECIMEN", "RACHID"}, Name{"SPECIMEN", "RASHID"}, Unsure, []Rule{Transliteration}},
	{Name{"SPECIMEN", "KHADIJA"}, Name{"SPECIMEN", "KHADIDJA"}, Unsure, []Rule{Transliteration}},
	{Name{"SPECIMEN", "ZINEB"}, Name{"SPECIMEN", "ZAYNAB"}, Unsure, []Rule{Transliteration}},
	{Name{"SPECIMEN", "SAID"}, Name{"SPECIMEN", "SAEED"}, Unsure, []Rule{Transliteration}},
	{Name{"SPECIMEN", "MOHAMED"}, Name{"SPECIMEN", "MUHAMMAD"}, Unsure, []Rule{Transliteration}},
	{Name{"SPECIMEN", "FATIMA ZAHRA"}, Name{"SPECIMEN", "FATIMA"}, Unsure, []Rule{WordLeftOut}},
	{Name{"SPECIMEN", "AMINA"}, Name{"AMINA", "SPECIMEN"}, Unsure, []Rule{Order, PartsMoved}},
	{Name{"SPECIMEN AMINA", ""}, Name{"SPECIMEN", "AMINA"}, Unsure, []Rule{WordLeftOut, Missing}},
	{Name{"SPECIMEN", ""}, Name{"SPECIMEN", "AMINA"}, Unsure, []Rule{Missing}},
	{Name{}, Name{"SPECIMEN", "AMINA"}, Unsure, []Rule{Missing}},
	{Name{"<<", "--"}, Name{"<<", "--"}, Unsure, []Rule{Missing}},
	{Name{"SPEСIMEN", "AMINA"}, Name{"SPECIMEN", "AMINA"}, Unsure, []Rule{OtherScript}}, // a Cyrillic С
	{Name{"ⵙⵒⵉⵙⵉⵎⵏ", "ⴰⵎⵉⵏⴰ"}, Name{"SPECIMEN", "AMINA"}, Unsure, []Rule{OtherScript}},

	{Name{"SPECIMEN", "AMINA"}, Name{"SPECIMEN", "KARIM"}, Different, []Rule{Distinct}},
	{Name{"SPECIMEN", "AMINA"}, Name{"SPECIMEN", "ALI"}, Different, []Rule{Distinct}},
	{Name{"SPECIMEN", "AMINA"}, Name{"MUSTER", "AMINA"}, Different, []Rule{Distinct}},

	{Name{"سبيسيمن", "أمينة"}, Name{"سبيسيمن", "أمينة"}, Same, []Rule{Literal}},
	{Name{"سبيسيمن", "أمينة"}, Name{"سبيسيمن", "امينة"}, Same, []Rule{Hamza}},
	{Name{"سبيسيمن", "أمينة"}, Name{"سبيسيمن", "امينه"}, Same, []Rule{Hamza, TaaMarbuta}},
	{Name{"سبيسيمن", "محـــمد"}, Name{"سبيسيمن", "محمد"}, Same, []Rule{Tatweel}},
	{Name{"سبيسيمن", "مُحَمَّد"}, Name{"سبيسيمن", "محمد"}, Same, []Rule{VowelSigns}},
	{Name{"سبيسيمن", "مصطفى"}, Name{"سبيسيمن", "مصطفي"}, Same, []Rule{AlefMaqsura}},
	{Name{"سبيسيمن", "إبراهيم"}, Name{"سبيسيمن", "ابراهيم"}, Same, []Rule{Hamza}},
	{Name{"سبيسيمن", "ا\u0655براهيم"}, Name{"سبيسيمن", "إبراهيم"}, Same, []Rule{PresentationForm}},
	{Name{"سبيسيمن", "فؤاد"}, Name{"سبيسيمن", "فواد"}, Same, []Rule{Hamza}},
	{Name{"سبيسيمن", "کریم"}, Name{"سبيسيمن", "كريم"}, Same, []Rule{LetterForm}},
	{Name{"سبيسيمن", "ﻋﻠﻲ"}, Name{"سبيسيمن", "علي"}, Same, []Rule{PresentationForm}},
	{Name{"سبيسيمن", "عبد القادر"}, Name{"سبيسيمن", "عبدالقادر"}, Same, []Rule{ParticleJoined}},
	{Name{"سبيسيمن", "نور الدين"}, Name{"سبيسيمن", "نورالدين"}, Same, []Rule{Spacing}},
	{Name{"ابن سبيسيمن", "علي"}, Name{"بن سبيسيمن", "علي"}, Same, []Rule{ParticleSpelling}},
	{Name{"سبيسيمن", "علي كريم"}, Name{"سبيسيمن", "كريم علي"}, Same, []Rule{Order}},
	{Name{"سبيسيمن", "نور-الدين"}, Name{"سبيسيمن", "نور الدين"}, Same, []Rule{Hyphen}},
	{Name{"آيت سبيسيمن", "علي"}, Name{"ايت سبيسيمن", "علي"}, Same, []Rule{Hamza}},
	{Name{"السبيسيمن", "علي"}, Name{"سبيسيمن", "علي"}, Unsure, []Rule{ParticleLeftOut}},
	{Name{"سبيسيمن", "فاطمة الزهراء"}, Name{"سبيسيمن", "فاطمة"}, Unsure, []Rule{WordLeftOut}},
	{Name{"سبيسيمن", "أمينة"}, Name{"سبيسيمن", "كريم"}, Different, []Rule{Distinct}},

	{Name{"SPECIMEN", "AMINA"}, Name{"سبيسيمن", "أمينة"}, Unsure, []Rule{SkeletonAgrees}},
	{Name{"SPECIMEN", "MOHAMMED"}, Name{"سبيسيمن", "محمد"}, Unsure, []Rule{SkeletonAgrees}},
	{Name{"ESSPECIMEN", "RACHID"}, Name{"السبيسيمن", "رشيد"}, Unsure, []Rule{SkeletonAgrees}},
	{Name{"EL SPECIMEN", "KHADIJA"}, Name{"السبيسيمن", "خديجة"}, Unsure, []Rule{SkeletonAgrees}},
	{Name{"SPECIMEN", "ABDELKADER"}, Name{"سبيسيمن", "عبد القادر"}, Unsure, []Rule{SkeletonAgrees, SkeletonDiffers}},
	{Name{"SPECIMEN", "AMINA"}, Name{"سبيسيمن", "كريم"}, Unsure, []Rule{SkeletonAgrees, SkeletonDiffers}},
	{Name{"SPECIMEN", ""}, Name{"سبيسيمن", "كريم"}, Unsure, []Rule{SkeletonAgrees, Missing}},
}

func TestCompare(t *testing.T) {
	for _, v := range pairs {
		got := Compare(v.a, v.b)
		assert.Equal(t, v.want, got.Result, "%v, %v: %v", v.a, v.b, got)
		assert.Equal(t, v.rules, got.Rules(), "%v, %v: %v", v.a, v.b, got)
		check(t, v.a, v.b)
	}
}

// Any two of all the names above, too, have the properties that hold for all.
func TestProperties(t *testing.T) {
	for _, v := range pairs {
		for _, w := range pairs {
			check(t, v.a, w.b)
		}
	}
}

// check has what holds for any two names.
func check(t testing.TB, a, b Name) {
	forth, back := Compare(a, b), Compare(b, a)
	require.Equal(t, forth.Result, back.Result, "%q, %q: %v, %v", a, b, forth, back)
	require.Equal(t, forth.Rules(), back.Rules(), "%q, %q", a, b)
	require.NotEmpty(t, forth.Steps, "%q, %q: %s without a reason", a, b, forth.Result)
	for i, s := range forth.Steps {
		require.Equal(t, Step{s.Part, s.Rule, s.B, s.A}, back.Steps[i], "%q, %q", a, b)
	}
	if scriptOf(a) != none {
		require.Equal(t, Same, Compare(a, a).Result, "%q", a)
	}
	if scriptOf(a) != scriptOf(b) {
		require.Equal(t, Unsure, forth.Result, "%q, %q: scripts alone decide nothing", a, b)
	}
}

// Each rule that can make names the same is needed in some pair: none is there
// for nothing, and none hides behind another.
func TestEveryRuleIsSeen(t *testing.T) {
	seen := map[Rule]bool{}
	for _, v := range pairs {
		for _, r := range v.rules {
			seen[r] = true
		}
	}
	for _, lists := range [][][]fold{latin(), arabic()} {
		for _, f := range lists[0] {
			assert.True(t, seen[f.rule], "%s", f.rule)
		}
	}
	for _, r := range []Rule{Literal, Truncated, ParticleLeftOut, Transliteration, WordLeftOut, PartsMoved, Missing, OtherScript, SkeletonAgrees, SkeletonDiffers, Distinct} {
		assert.True(t, seen[r], "%s", r)
	}
}

// Chains of rules are told whole and in order, with what each made of the names.
func TestStepsTell(t *testing.T) {
	got := Compare(Name{"d'Al-Spécimen", "A"}, Name{"DEL SPECIMEN", "A"})
	assert.Equal(t, Unsure, got.Result, "a particle is one only by itself")
	got = Compare(Name{"Al-Spécimen", "A"}, Name{"EL SPECIMEN", "A"})
	assert.Equal(t, Comparison{Same, []Step{
		{Surname, Case, "AL-SPÉCIMEN", "EL SPECIMEN"},
		{Surname, Diacritics, "AL-SPECIMEN", "EL SPECIMEN"},
		{Surname, Hyphen, "AL SPECIMEN", "EL SPECIMEN"},
		{Surname, ParticleSpelling, "EL SPECIMEN", "EL SPECIMEN"},
	}}, got)
	assert.Equal(t, "names.hyphen", got.Steps[2].Key())
}

func FuzzCompare(f *testing.F) {
	for _, v := range pairs {
		f.Add(v.a.Surname, v.a.Given, v.b.Surname, v.b.Given)
	}
	f.Fuzz(func(t *testing.T, as, ag, bs, bg string) {
		if len(as)+len(ag)+len(bs)+len(bg) > 1000 {
			return
		}
		check(t, Name{as, ag}, Name{bs, bg})
	})
}

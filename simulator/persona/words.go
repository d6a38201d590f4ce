package persona

// The words of generated names. None is a name: they are things of a printing
// shop, Greek letters and colours, so that no list of people can match them.

// word is the same in two scripts.
type word struct{ latin, arabic string }

var surnameWords = []word{
	{"EXEMPLE", "مثال"}, {"ESSAI", "تجربة"}, {"FICTIF", "خيالي"}, {"ECHANTILLON", "عينة"}, {"GABARIT", "قالب"},
	{"MAQUETTE", "مجسم"}, {"EPREUVE", "اختبار"}, {"CALIBRE", "عيار"}, {"ETALON", "معيار"}, {"SIMULACRE", "محاكاة"},
	{"BROUILLON", "مسودة"}, {"ESQUISSE", "رسم"}, {"CANEVAS", "مخطط"}, {"REPLIQUE", "نسخة"}, {"VARIANTE", "متغير"},
	{"FORMULAIRE", "استمارة"}, {"TAMPON", "طابع"}, {"CACHET", "ختم"}, {"FILIGRANE", "علامة مائية"}, {"GUILLOCHE", "زخرفة"},
	{"HOLOGRAMME", "صورة مجسمة"}, {"PIXEL", "بكسل"}, {"OCTET", "بايت"}, {"VECTEUR", "متجه"}, {"MATRICE", "مصفوفة"},
	{"ALGORITHME", "خوارزمية"}, {"PROTOCOLE", "بروتوكول"}, {"REGISTRE", "سجل"}, {"ARCHIVE", "أرشيف"}, {"ENCRE", "حبر"},
	{"PAPIER", "ورق"}, {"GRAVURE", "نقش"},
}

var givenWords = []word{
	{"ALPHA", "ألفا"}, {"BETA", "بيتا"}, {"GAMMA", "غاما"}, {"DELTA", "دلتا"}, {"EPSILON", "إبسيلون"}, {"ZETA", "زيتا"},
	{"ETA", "إيتا"}, {"THETA", "ثيتا"}, {"IOTA", "يوتا"}, {"KAPPA", "كابا"}, {"LAMBDA", "لامبدا"}, {"MU", "مو"},
	{"NU", "ني"}, {"XI", "كسي"}, {"OMICRON", "أوميكرون"}, {"PI", "باي"}, {"RHO", "رو"}, {"SIGMA", "سيغما"},
	{"TAU", "تاو"}, {"UPSILON", "أبسيلون"}, {"PHI", "فاي"}, {"CHI", "خاي"}, {"PSI", "بساي"}, {"OMEGA", "أوميغا"},
	{"INDIGO", "نيلي"}, {"TURQUOISE", "فيروزي"}, {"POURPRE", "أرجواني"}, {"ECARLATE", "قرمزي"}, {"OCRE", "مغرة"},
	{"SEPIA", "بني داكن"}, {"MAGENTA", "أرجواني فاتح"}, {"CYAN", "سماوي"},
}

// combinations are the different names that these words make.
var combinations = uint64(len(surnameWords) * len(givenWords) * len(givenWords))

// Towns exist; they say nothing about anybody.
var towns = []word{
	{"RABAT", "الرباط"}, {"SALE", "سلا"}, {"FES", "فاس"}, {"MEKNES", "مكناس"}, {"MARRAKECH", "مراكش"}, {"AGADIR", "أكادير"},
	{"TANGER", "طنجة"}, {"TETOUAN", "تطوان"}, {"OUJDA", "وجدة"}, {"NADOR", "الناظور"}, {"LAAYOUNE", "العيون"},
	{"DAKHLA", "الداخلة"}, {"ERRACHIDIA", "الراشيدية"}, {"BENI MELLAL", "بني ملال"}, {"SAFI", "آسفي"}, {"IFRANE", "إفران"},
}

var (
	skins   = []string{"#ecc4a0", "#dfb08c", "#d6a77f", "#c99873", "#c08a63", "#b98560", "#a8734f", "#8d5a3a", "#6f4630"}
	hairs   = []string{"#17110e", "#231a16", "#33261f", "#3a2418", "#55382a", "#6b3f24", "#8a5a34"}
	greys   = []string{"#8c867d", "#a39c93", "#cfcac2", "#d8d4cd", "#6b625a"}
	clothes = []string{
		"#2f5d62", "#3d5a73", "#8a3b3b", "#5b4b6b", "#4a5560", "#7a4a5a", "#6b6f3a", "#44525c", "#3f6b52", "#9c6b3f",
		"#b0553f", "#6d8fa3", "#c9a13b", "#e0d4c0",
	}
)

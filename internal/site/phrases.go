package site

import "fmt"

// inPlaces stands in a phrase where the places go.
const inPlaces = "{places}"

// phrasing is what sentences about a site are made of, in one language.
type phrasing struct {
	who, trial, production, contact, rights  string
	reference, fields, release               string
	guardian, retention                      string
	photo, otherwise, ticket, comma          string
	authorisation, declaration, habilitation string
	days                                     func(int) string
	bases                                    map[Basis]string
	answers                                  map[Answer]string
	names                                    map[Field]string
}

var phrases = map[string]*phrasing{"en": english, "fr": french, "ar": arabic}

var english = &phrasing{
	who:        "%s, %s, asks at %s.",
	trial:      "This site is for trying out: it sees fields of specimen cards only.",
	production: "This site is for production: it refuses specimen cards.",
	contact:    "Whoever wants to see or correct data, or to object, turns to %s.",
	rights:     "Law 09-08 gives the rights of access (article 7), of rectification (8) and of objection (9).",
	reference:  "It stands on: %s.",
	fields:     "The desk sees: %s.",
	release:    "The controller’s software is given, to keep as its own law says: %s.",
	guardian:   "A minor is concerned; of the guardian's card, which is read first, the desk sees: %s.",
	retention:  "The ledger keeps the record of a visit for %s. It names fields and has none in it.",
	photo:      "The photo is shown to be compared with a face, and is not kept.",
	otherwise:  "Who does not agree has another way: %s",
	ticket:     "A number of the queue is needed.",
	comma:      ", ",
	days:       func(n int) string { return counted(n, "day", "days") },

	authorisation: "Authorisation of the CNDP: %s.",
	declaration:   "Receipt of the declaration to the CNDP: %s.",
	habilitation:  "Habilitation of the DGSN: %s.",
	bases: map[Basis]string{
		Consent:            "The citizen consents, and can refuse without losing what he came for.",
		Contract:           "A contract with the citizen needs it, or the steps to one that he asked for.",
		LegalObligation:    "A law obliges the controller. This is no consent: refusing the reading does not lift the duty.",
		VitalInterest:      "It saves a life, of somebody who cannot consent.",
		PublicInterest:     "A public task needs it. This is no consent: the citizen is informed, and may object.",
		LegitimateInterest: "The controller has an interest in it, weighed against the citizen's, who may object.",
	},
	answers: map[Answer]string{
		Over16: "The desk answers yes or no: is the citizen 16 or older?", Over18: "The desk answers yes or no: is the citizen 18 or older?",
		LivesIn: "The desk answers yes or no: does the citizen live in {places}?", SamePerson: "The desk answers yes or no: is the citizen the person of a record?",
	},
	names: map[Field]string{
		Photo: "photo", Surname: "surname", GivenNames: "given names", NationalSurname: "surname in Arabic", NationalGivenNames: "given names in Arabic",
		CIN: "national number (CIN)", DocumentNumber: "document number", BirthDate: "date of birth", BirthPlace: "place of birth", Sex: "sex",
		Nationality: "nationality", Address: "address", PersonalNumber: "personal number", ExpiryDate: "date of expiry", IssuingAuthority: "issuing authority", IssueDate: "date of issue",
	},
}

var french = &phrasing{
	who:        "%s, %s, demande la carte à l’endroit : %s.",
	trial:      "Ce site est un essai : seuls les champs de cartes spécimens y sont vus.",
	production: "Ce site est en production : les cartes spécimens y sont refusées.",
	contact:    "Pour voir ou corriger des données, ou s’opposer, on s’adresse à : %s.",
	rights:     "La loi 09-08 donne les droits d’accès (article 7), de rectification (8) et d’opposition (9).",
	reference:  "Fondement : %s.",
	fields:     "Le guichet voit : %s.",
	release:    "Le logiciel du responsable reçoit, pour les garder selon ses propres règles : %s.",
	guardian:   "Un mineur est concerné ; de la carte du tuteur, lue en premier, le guichet voit : %s.",
	retention:  "Le registre garde la trace d’une visite %s. Elle nomme les champs et n’en contient aucun.",
	photo:      "La photo est montrée pour être comparée à un visage, et n’est pas gardée.",
	otherwise:  "Qui n’accepte pas a une autre voie : %s",
	ticket:     "Il faut un numéro de la file d’attente.",
	comma:      ", ",
	days:       func(n int) string { return counted(n, "jour", "jours") },

	authorisation: "Autorisation de la CNDP : %s.",
	declaration:   "Récépissé de déclaration à la CNDP : %s.",
	habilitation:  "Habilitation de la DGSN : %s.",
	bases: map[Basis]string{
		Consent:            "Le citoyen consent, et peut refuser sans perdre ce pour quoi il est venu.",
		Contract:           "Un contrat avec le citoyen le demande, ou les démarches vers un contrat qu’il a lui-même engagées.",
		LegalObligation:    "Une loi y oblige le responsable. Ce n’est pas un consentement : refuser la lecture ne lève pas l’obligation.",
		VitalInterest:      "Il y va de la vie d’une personne qui ne peut pas consentir.",
		PublicInterest:     "Une mission d’intérêt public le demande. Ce n’est pas un consentement : le citoyen est informé et peut s’opposer.",
		LegitimateInterest: "Le responsable y a un intérêt, mis en balance avec celui du citoyen, qui peut s’opposer.",
	},
	answers: map[Answer]string{
		Over16: "Le guichet répond oui ou non : le citoyen a-t-il 16 ans ou plus ?", Over18: "Le guichet répond oui ou non : le citoyen a-t-il 18 ans ou plus ?",
		LivesIn: "Le guichet répond oui ou non : le citoyen habite-t-il à {places} ?", SamePerson: "Le guichet répond oui ou non : le citoyen est-il la personne du dossier ?",
	},
	names: map[Field]string{
		Photo: "photo", Surname: "nom", GivenNames: "prénoms", NationalSurname: "nom en arabe", NationalGivenNames: "prénoms en arabe",
		CIN: "numéro national (CIN)", DocumentNumber: "numéro du document", BirthDate: "date de naissance", BirthPlace: "lieu de naissance", Sex: "sexe",
		Nationality: "nationalité", Address: "adresse", PersonalNumber: "numéro personnel", ExpiryDate: "date d’expiration", IssuingAuthority: "autorité de délivrance", IssueDate: "date de délivrance",
	},
}

var arabic = &phrasing{
	who:        "الجهة التي تطلب البطاقة: %s، %s. المكان: %s.",
	trial:      "هذا الموقع للتجربة: لا تظهر فيه سوى معطيات بطاقات النماذج.",
	production: "هذا الموقع للاستعمال الفعلي: تُرفض فيه بطاقات النماذج.",
	contact:    "للاطلاع على المعطيات أو تصحيحها أو التعرض عليها، يُرجى الاتصال بـ: %s.",
	rights:     "يمنح القانون 09-08 حق الولوج (المادة 7) وحق التصحيح (المادة 8) وحق التعرض (المادة 9).",
	reference:  "السند: %s.",
	fields:     "يطلع الشباك على: %s.",
	release:    "يتسلم برنامج المسؤول عن المعالجة، ليحفظها وفق قواعده: %s.",
	guardian:   "الأمر يخص قاصرا. تُقرأ بطاقة ولي أمره أولا، ويطلع الشباك منها على: %s.",
	retention:  "يحتفظ السجل بأثر الزيارة %s. يذكر السجل أسماء المعطيات ولا يتضمنها.",
	photo:      "تُعرض الصورة لمقارنتها بالوجه، ولا يُحتفظ بها.",
	otherwise:  "لمن لا يوافق طريق آخر: %s",
	ticket:     "يلزم رقم من أرقام الانتظار.",
	comma:      "، ",
	days:       arabicDays,

	authorisation: "إذن اللجنة الوطنية لمراقبة حماية المعطيات ذات الطابع الشخصي: %s.",
	declaration:   "وصل التصريح لدى اللجنة الوطنية لمراقبة حماية المعطيات ذات الطابع الشخصي: %s.",
	habilitation:  "تأهيل المديرية العامة للأمن الوطني: %s.",
	bases: map[Basis]string{
		Consent:            "الأساس رضا المواطن، وله أن يرفض دون أن يضيع ما جاء من أجله.",
		Contract:           "يقتضيه عقد مع المواطن، أو إجراءات سابقة للعقد طلبها بنفسه.",
		LegalObligation:    "يفرضه القانون على المسؤول عن المعالجة. وليس هذا رضا: فرفض القراءة لا يرفع الالتزام.",
		VitalInterest:      "فيه إنقاذ لحياة شخص لا يستطيع التعبير عن رضاه.",
		PublicInterest:     "تقتضيه مهمة ذات مصلحة عامة. وليس هذا رضا: يُخبَر المواطن وله حق التعرض.",
		LegitimateInterest: "للمسؤول عن المعالجة فيه مصلحة مشروعة، وُزنت بمصلحة المواطن، وله حق التعرض.",
	},
	answers: map[Answer]string{
		Over16: "يجيب الشباك بنعم أو لا: هل أتم المواطن 16 سنة؟", Over18: "يجيب الشباك بنعم أو لا: هل أتم المواطن 18 سنة؟",
		LivesIn: "يجيب الشباك بنعم أو لا: هل يسكن المواطن في {places}؟", SamePerson: "يجيب الشباك بنعم أو لا: هل المواطن هو صاحب الملف؟",
	},
	names: map[Field]string{
		Photo: "الصورة", Surname: "الاسم العائلي", GivenNames: "الاسم الشخصي", NationalSurname: "الاسم العائلي بالعربية", NationalGivenNames: "الاسم الشخصي بالعربية",
		CIN: "رقم البطاقة الوطنية", DocumentNumber: "رقم الوثيقة", BirthDate: "تاريخ الازدياد", BirthPlace: "مكان الازدياد", Sex: "الجنس",
		Nationality: "الجنسية", Address: "العنوان", PersonalNumber: "الرقم الشخصي", ExpiryDate: "تاريخ انتهاء الصلاحية", IssuingAuthority: "سلطة الإصدار", IssueDate: "تاريخ الإصدار",
	},
}

func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// arabicDays lets the noun follow its number: the dual, the plural from three to
// ten, the accusative from eleven to 99, the singular after hundreds.
func arabicDays(n int) string {
	switch rest := n % 100; {
	case n == 1:
		return "يوما واحدا"
	case n == 2:
		return "يومين"
	case rest >= 3 && rest <= 10:
		return fmt.Sprintf("%d أيام", n)
	case rest >= 11:
		return fmt.Sprintf("%d يوما", n)
	}
	return fmt.Sprintf("%d يوم", n)
}

package receipt

import "slices"

// The words are in the languages of paper: Arabic, French, English. A text of the
// site file may be in Tifinagh, too, and is printed so where it is asked for.

// languagesOf lists the languages of a text in a fixed order.
func languagesOf(t Text) []string {
	found := []string{}
	for _, language := range []string{"ar", "fr", "zgh", "en"} {
		if t[language] != "" {
			found = append(found, language)
		}
	}
	return found
}

// in gives a text in a language, or in the first that it has.
func in(t Text, language string) string {
	if t[language] != "" {
		return t[language]
	}
	if all := languagesOf(t); len(all) > 0 {
		return t[all[0]]
	}
	return ""
}

// spokenFor is the language in which the fixed words are printed.
func spokenFor(language string) string {
	if slices.Contains([]string{"ar", "fr", "en"}, language) {
		return language
	}
	return "fr"
}

func words(ar, fr, en string) Text { return Text{"ar": ar, "fr": fr, "en": en} }

var fieldWords = map[string]Text{
	"photo":                words("الصورة", "photo", "photo"),
	"surname":              words("الاسم العائلي بالحروف اللاتينية", "nom", "surname"),
	"given_names":          words("الاسم الشخصي بالحروف اللاتينية", "prénoms", "given names"),
	"national_surname":     words("الاسم العائلي", "nom en arabe", "surname in Arabic"),
	"national_given_names": words("الاسم الشخصي", "prénoms en arabe", "given names in Arabic"),
	"cin":                  words("رقم البطاقة الوطنية", "numéro de CNIE", "identity number"),
	"document_number":      words("رقم الوثيقة", "numéro du document", "document number"),
	"birth_date":           words("تاريخ الازدياد", "date de naissance", "date of birth"),
	"birth_place":          words("مكان الازدياد", "lieu de naissance", "place of birth"),
	"sex":                  words("الجنس", "sexe", "sex"),
	"nationality":          words("الجنسية", "nationalité", "nationality"),
	"address":              words("العنوان", "adresse", "address"),
	"personal_number":      words("الرقم الشخصي", "numéro personnel", "personal number"),
	"expiry_date":          words("تاريخ انتهاء الصلاحية", "date d’expiration", "date of expiry"),
	"issuing_authority":    words("السلطة المصدرة", "autorité de délivrance", "issuing authority"),
	"issue_date":           words("تاريخ الإصدار", "date de délivrance", "date of issue"),
}

// pieceTerms are the kinds of data in the vocabulary's list of personal data.
var pieceTerms = map[string]string{
	"photo": "pd:Picture", "surname": "pd:Name", "given_names": "pd:Name", "national_surname": "pd:Name", "national_given_names": "pd:Name",
	"cin": "pd:OfficialID", "document_number": "pd:OfficialID", "personal_number": "pd:OfficialID",
	"birth_date": "pd:BirthDate", "birth_place": "pd:BirthPlace", "sex": "pd:Gender", "nationality": "pd:Nationality", "address": "pd:PhysicalAddress",
	"expiry_date": "pd:OfficialID", "issuing_authority": "pd:OfficialID", "issue_date": "pd:OfficialID",
}

var questionWords = map[string]Text{
	"over-16":     words("بلوغ 16 سنة", "16 ans révolus", "aged 16 or over"),
	"over-18":     words("بلوغ 18 سنة", "18 ans révolus", "aged 18 or over"),
	"lives-in":    words("السكن في الجماعة", "réside dans la commune", "lives in the commune"),
	"same-person": words("نفس الشخص المسجل في الملف", "même personne que le dossier", "same person as the file"),
}

var basisWords = map[string]Text{
	"consent":             words("الموافقة", "consentement", "consent"),
	"contract":            words("تنفيذ عقد", "exécution d’un contrat", "a contract"),
	"legal-obligation":    words("التزام قانوني", "obligation légale", "a legal obligation"),
	"vital-interest":      words("المصلحة الحيوية", "intérêts vitaux", "vital interests"),
	"public-interest":     words("مهمة تدخل في الصالح العام", "mission d’intérêt public", "a task in the public interest"),
	"legitimate-interest": words("مصلحة مشروعة", "intérêt légitime", "a legitimate interest"),
}

var basisTerms = map[string]string{
	"consent": "dpv:Consent", "contract": "dpv:Contract", "legal-obligation": "dpv:LegalObligation",
	"vital-interest": "dpv:VitalInterest", "public-interest": "dpv:PublicInterest", "legitimate-interest": "dpv:LegitimateInterest",
}

var authorityName = words("اللجنة الوطنية لمراقبة حماية المعطيات ذات الطابع الشخصي",
	"Commission nationale de contrôle de la protection des données à caractère personnel (CNDP)",
	"National commission for the control of personal data protection (CNDP)")

// phrases are the fixed words of the page. The number of the law is isolated, lest
// Arabic turn it around.
var phrases = map[string]Text{
	"title":      words("وصل الاطلاع على بطاقة التعريف", "Reçu de lecture de la carte d’identité", "Receipt for the reading of an identity card"),
	"specimen":   words("نموذج: لا يتعلق بأي شخص حقيقي", "SPÉCIMEN : ne concerne personne de réel", "SPECIMEN: nobody real is meant"),
	"controller": words("المسؤول عن المعالجة", "Responsable du traitement", "Controller"),
	"purpose":    words("الغرض", "Finalité", "Purpose"),
	"basis":      words("الأساس القانوني", "Base légale", "Legal basis"),
	"fields":     words("المعطيات التي تم الاطلاع عليها", "Données consultées", "Fields looked at"),
	"answers":    words("الأسئلة التي تمت الإجابة عنها دون إظهار المعطيات", "Questions répondues sans montrer les données", "Questions answered without showing the fields"),
	"nothing":    words("لم يتم الاطلاع على أي معطى", "Aucune donnée n’a été consultée", "No field was looked at"),
	"refused":    words("لم توافقوا على ذلك", "Vous n’avez pas accepté", "You did not agree"),
	"withdrawn":  words("وافقتم ثم سحبتم موافقتكم", "Vous avez accepté, puis êtes revenu sur votre accord", "You agreed, and took that back"),
	"agreed":     words("وافقتم على ذلك", "Vous avez accepté", "You agreed"),
	"when":       words("التاريخ والساعة", "Date et heure", "Date and time"),
	"desk":       words("الشباك", "Guichet", "Desk"),
	"keep":       words("يحتفظ بأثر هذه العملية إلى غاية", "Trace conservée jusqu’au", "A trace is kept until"),
	"object":     words("للتعرض أو لسحب الموافقة", "Pour s’opposer ou retirer son accord", "To object or to withdraw"),
	"rights":     words("لكم حق الولوج والتصحيح والتعرض بموجب القانون \u206609-08\u2069. الجهة المختصة بالشكايات:", "Vous avez droit d’accès, de rectification et d’opposition (loi 09-08). Plaintes :", "You have the rights of access, rectification and objection (law 09-08). Complaints:"),
	"novalues":   words("لا يتضمن هذا الوصل أي قيمة ولا صورة ولا رقم بطاقة", "Ce reçu ne porte ni valeur, ni photo, ni numéro de carte", "This receipt holds no value, photo or card number"),
	"number":     words("رقم العملية", "Numéro d’opération", "Transaction"),
	"ledger":     words("القيد في السجل", "Inscription au registre", "Entry in the ledger"),
	"permit":     words("ترخيص", "Autorisation", "Authorisation"),
}

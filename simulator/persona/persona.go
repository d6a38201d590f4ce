package persona

// Persona is one simulated person with one document. Fields that are left out
// take the values of a Moroccan identity card; the comments say which.
type Persona struct {
	Name     string   `yaml:"-"` // of the file
	Summary  string   `yaml:"summary,omitempty"`
	CardSpec string   `yaml:"cardspec,omitempty"` // the kind of card that it is, of package cardspec; nothing: none in particular
	Expect   Expect   `yaml:"expect,omitempty"`
	Person   Person   `yaml:"person,omitempty"`
	Document Document `yaml:"document,omitempty"`
	Chip     Chip     `yaml:"chip,omitempty"`
	Issuer   Issuer   `yaml:"issuer,omitempty"`
	PIV      *PIV     `yaml:"piv,omitempty"` // nothing: no signature application
	Portrait Portrait `yaml:"portrait,omitempty"`
}

// Expect is what a correct inspection under the specimen anchors answers.
type Expect struct {
	Verdict  string   `yaml:"verdict,omitempty"`  // accepted, refused or inconclusive
	AllowBAC bool     `yaml:"allowBAC,omitempty"` // the policy has to allow it
	At       string   `yaml:"at,omitempty"`       // moment of the inspection, RFC 3339; now by default
	Failed   []string `yaml:"failed,omitempty"`   // ids of the checks that fail, as in docs/checks.md
	Why      string   `yaml:"why,omitempty"`      // one sentence
}

// Person is who the card is about. Latin names are as printed; the MRZ has them
// transliterated and, if they are too long, shortened.
type Person struct {
	Surname            string   `yaml:"surname,omitempty"` // begins with SPECIMEN
	GivenNames         string   `yaml:"givenNames,omitempty"`
	SurnameArabic      string   `yaml:"surnameArabic,omitempty"`
	GivenNamesArabic   string   `yaml:"givenNamesArabic,omitempty"`
	SurnameTifinagh    string   `yaml:"surnameTifinagh,omitempty"` // in place of Arabic, or among the other names
	GivenNamesTifinagh string   `yaml:"givenNamesTifinagh,omitempty"`
	OtherNames         []string `yaml:"otherNames,omitempty"`
	Birth              Date     `yaml:"birth,omitempty"`
	BirthPlace         []string `yaml:"birthPlace,omitempty"`
	Sex                string   `yaml:"sex,omitempty"` // M, F or nothing
	Nationality        string   `yaml:"nationality,omitempty"`
	CIN                string   `yaml:"cin,omitempty"` // national number
	Address            []string `yaml:"address,omitempty"`
	Title              string   `yaml:"title,omitempty"`
	Profession         string   `yaml:"profession,omitempty"`
	Custody            string   `yaml:"custody,omitempty"` // who answers for a minor
}

// Document is what was issued to the person.
type Document struct {
	Format       string `yaml:"format,omitempty"` // TD1 (default), TD2 or TD3
	Code         string `yaml:"code,omitempty"`   // "ID" by default, "P" for TD3
	State        string `yaml:"state,omitempty"`
	Number       string `yaml:"number,omitempty"`
	Issued       Date   `yaml:"issued,omitempty"`
	Expires      Date   `yaml:"expires,omitempty"`
	Authority    string `yaml:"authority,omitempty"`    // nothing: no DG12
	Fingerprints bool   `yaml:"fingerprints,omitempty"` // a DG3, which the chip keeps to itself
	Irises       bool   `yaml:"irises,omitempty"`       // a DG4, likewise
	National     string `yaml:"national,omitempty"`     // text in DG13
}

// Chip is how the card is spoken to.
type Chip struct {
	ATR            string     `yaml:"atr,omitempty"` // hex
	CAN            string     `yaml:"can,omitempty"` // six digits, 123456 by default
	PIN            string     `yaml:"pin,omitempty"` // opens PACE as well; nothing: there is none
	PUK            string     `yaml:"puk,omitempty"` // gives the PIN its tries back
	PACE           []Protocol `yaml:"pace,omitempty"`
	BAC            bool       `yaml:"bac,omitempty"`
	Authentication []Protocol `yaml:"authentication,omitempty"` // Chip Authentication, a key each
	Active         *Active    `yaml:"active,omitempty"`         // Active Authentication, whose key is in DG15
	Inspection     *Inspector `yaml:"inspection,omitempty"`     // Terminal Authentication: who may read DG3 and DG4
	ExtendedLength *bool      `yaml:"extendedLength,omitempty"` // true by default
	Buffer         Buffer     `yaml:"buffer,omitempty"`
	Delay          Delay      `yaml:"delay,omitempty"`
	Retries        Retries    `yaml:"retries,omitempty"`
	Quirks         []Habit    `yaml:"quirks,omitempty"` // what the standard does not give a chip
}

// Protocol is one way to run PACE or Chip Authentication, on a curve or in a
// Diffie-Hellman group.
type Protocol struct {
	Mapping  string `yaml:"mapping,omitempty"` // PACE only: GM (default), IM or CAM
	Curve    string `yaml:"curve,omitempty"`
	Group    string `yaml:"group,omitempty"`
	Cipher   string `yaml:"cipher,omitempty"`   // 3DES, AES-128 (default), AES-192, AES-256
	Explicit bool   `yaml:"explicit,omitempty"` // the domain parameters are written out instead of named
	ID       *int   `yaml:"id,omitempty"`       // of a key; of domain parameters that are written out
	X942     bool   `yaml:"x942,omitempty"`     // Chip Authentication in a group: the key is written as old chips do
}

// Active is the key that signs in Active Authentication: of RSA or on a curve.
type Active struct {
	RSA         int    `yaml:"rsa,omitempty"` // modulus bits
	Curve       string `yaml:"curve,omitempty"`
	Hash        string `yaml:"hash,omitempty"`        // SHA-256 by default
	Unannounced bool   `yaml:"unannounced,omitempty"` // DG14 does not say how a key on a curve signs
}

// Issuer is how the document was signed.
type Issuer struct {
	Unknown       bool     `yaml:"unknown,omitempty"` // a CSCA that is in nobody's trust store
	CSCA          *CSCA    `yaml:"csca,omitempty"`    // another authority
	Revoked       bool     `yaml:"revoked,omitempty"` // the signer that the revocation list names
	Curve         string   `yaml:"curve,omitempty"`   // P-256 by default
	Explicit      bool     `yaml:"explicit,omitempty"`
	RSA           int      `yaml:"rsa,omitempty"` // modulus bits, instead of a curve
	PSS           bool     `yaml:"pss,omitempty"`
	Hash          string   `yaml:"hash,omitempty"`      // SHA-256 by default
	GroupHash     string   `yaml:"groupHash,omitempty"` // of the data groups; as Hash by default
	ByKeyID       bool     `yaml:"byKeyID,omitempty"`   // EF.SOD names its signer by key identifier
	LDS18         bool     `yaml:"lds18,omitempty"`     // LDS security object of version 1
	From          Date     `yaml:"from,omitempty"`      // the document signer's; its quarter's first day by default
	KeyUntil      Date     `yaml:"keyUntil,omitempty"`  // three months later by default
	Until         Date     `yaml:"until,omitempty"`     // ten years after that by default
	Signed        Date     `yaml:"signed,omitempty"`    // the day of issue by default
	Undated       bool     `yaml:"undated,omitempty"`   // EF.SOD does not say when it was signed
	DocumentTypes []string `yaml:"documentTypes,omitempty"`
	AnyDocument   bool     `yaml:"anyDocument,omitempty"` // a signer without a list of document types
	Country       string   `yaml:"country,omitempty"`     // in the document signer's name, two letters
}

// Date is a calendar date whose day, or day and month, or all may be unknown:
// "1990-01-31", "1990-01", "1990", "unknown".
type Date string

const (
	defaultCAN = "123456"
	// defaultATR is the one that public ATR catalogues list for the card;
	// whether every card answers so is not known. It announces command
	// chaining and extended length.
	defaultATR = "3B85800180738421C092"
	// shortATR is the same without extended length.
	shortATR = "3B8580018073842180D2"
	// dumpATR belongs to a contactless chip that says nothing about itself.
	dumpATR = "3B80800101"
)

package persona

// Persona is one simulated person with one document. Fields that are left out
// take the values of a Moroccan identity card; the comments say which.
type Persona struct {
	Name     string   `yaml:"-"` // of the file
	Summary  string   `yaml:"summary"`
	Expect   Expect   `yaml:"expect"`
	Person   Person   `yaml:"person"`
	Document Document `yaml:"document"`
	Chip     Chip     `yaml:"chip"`
	Issuer   Issuer   `yaml:"issuer"`
	Portrait Portrait `yaml:"portrait"`
}

// Expect is what a correct inspection under the specimen anchors answers.
type Expect struct {
	Verdict  string `yaml:"verdict"` // accepted, refused or inconclusive
	AllowBAC bool   `yaml:"allowBAC"`
}

// Person is who the card is about.
type Person struct {
	Surname          string   `yaml:"surname"` // as in the MRZ: A–Z and spaces
	GivenNames       string   `yaml:"givenNames"`
	SurnameArabic    string   `yaml:"surnameArabic"`
	GivenNamesArabic string   `yaml:"givenNamesArabic"`
	Birth            Date     `yaml:"birth"`
	BirthPlace       []string `yaml:"birthPlace"`
	Sex              string   `yaml:"sex"` // M, F or nothing
	Nationality      string   `yaml:"nationality"`
	CIN              string   `yaml:"cin"` // national number
	Address          []string `yaml:"address"`
}

// Document is what was issued to the person.
type Document struct {
	Format    string `yaml:"format"` // TD1 (default), TD2 or TD3
	Code      string `yaml:"code"`   // "ID" by default, "P" for TD3
	State     string `yaml:"state"`
	Number    string `yaml:"number"`
	Issued    Date   `yaml:"issued"`
	Expires   Date   `yaml:"expires"`
	Authority string `yaml:"authority"`
}

// Chip is how the card is spoken to.
type Chip struct {
	ATR            string     `yaml:"atr"` // hex
	CAN            string     `yaml:"can"` // six digits, 123456 by default
	PACE           []Protocol `yaml:"pace"`
	BAC            bool       `yaml:"bac"`
	Authentication []Protocol `yaml:"authentication"` // Chip Authentication, a key each
	ExtendedLength *bool      `yaml:"extendedLength"` // true by default
}

// Protocol is one way to run PACE or Chip Authentication.
type Protocol struct {
	Mapping  string `yaml:"mapping"` // PACE only: GM (default) or IM
	Curve    string `yaml:"curve"`
	Cipher   string `yaml:"cipher"`   // 3DES, AES-128 (default), AES-192, AES-256
	Explicit bool   `yaml:"explicit"` // Chip Authentication only: the curve written out in DG14
	ID       *int   `yaml:"id"`       // Chip Authentication only
}

// Issuer is how the document was signed.
type Issuer struct {
	Unknown  bool   `yaml:"unknown"` // a CSCA that is in nobody's trust store
	Revoked  bool   `yaml:"revoked"` // the signer that the revocation list names
	Curve    string `yaml:"curve"`   // P-256 by default
	Explicit bool   `yaml:"explicit"`
	RSA      int    `yaml:"rsa"` // modulus bits, instead of a curve
	PSS      bool   `yaml:"pss"`
	Hash     string `yaml:"hash"`    // SHA-256 by default
	ByKeyID  bool   `yaml:"byKeyID"` // EF.SOD names its signer by key identifier
	LDS18    bool   `yaml:"lds18"`   // LDS security object of version 1
}

// Date is a calendar date whose day, or day and month, may be unknown:
// "1990-01-31", "1990-01", "1990".
type Date string

const (
	defaultCAN = "123456"
	// defaultATR is the one that public ATR catalogues list for the card;
	// whether every card answers so is not known. It announces command
	// chaining and extended length.
	defaultATR = "3B85800180738421C092"
	// dumpATR belongs to a contactless chip that says nothing about itself.
	dumpATR = "3B80800101"
)

package site

import (
	"path/filepath"
	"time"

	"cnie/pki"
)

// Languages are those that texts may be in, the order in which they are offered.
var Languages = []string{"ar", "fr", "en", "zgh"}

// spoken are the languages that no text may lack.
var spoken = Languages[:2]

// Text is a text in several languages, by their tags.
type Text map[string]string

// In is the text in a language or, where it lacks that, in Arabic.
func (t Text) In(language string) string {
	if text, ok := t[language]; ok {
		return text
	}
	return t[spoken[0]]
}

// Site is what a site file says. It is read once and not changed.
type Site struct {
	Production bool       `yaml:"production" json:"production"`
	Languages  []string   `yaml:"languages" json:"languages"` // of the citizen's screen, in this order
	Controller Controller `yaml:"controller" json:"controller"`
	Desk       Desk       `yaml:"desk" json:"desk"`
	Operators  []Operator `yaml:"operators" json:"operators,omitempty"`
	Purposes   []Purpose  `yaml:"purposes" json:"purposes"`

	// Trust is the folder of trust anchors, Policy the policy file and Audio the
	// folder of spoken notices; relative to the site file unless absolute, as
	// Resolve makes them. Empty: the program's defaults.
	Trust  string `yaml:"trust" json:"trust,omitempty"`
	Policy string `yaml:"policy" json:"policy,omitempty"`
	// PolicySHA256 pins the policy's content, in hexadecimal, so that the
	// signature of the site covers it too.
	PolicySHA256 string `yaml:"policy-sha256" json:"policy-sha256,omitempty"`
	Audio        string `yaml:"audio" json:"audio,omitempty"`
	API          API    `yaml:"api" json:"api,omitzero"`
	Ledger       Ledger `yaml:"ledger" json:"ledger,omitzero"`

	// Digest is the SHA-256 of the file in hexadecimal, Signer the key that
	// signed it, in words; empty without a file or a signature.
	Digest string `yaml:"-" json:"-"`
	Signer string `yaml:"-" json:"-"`

	folder string
}

// Controller is who answers for the processing, law 09-08 article 5.
type Controller struct {
	Name    Text   `yaml:"name" json:"name"`
	Address string `yaml:"address" json:"address"`
	Contact string `yaml:"contact" json:"contact"` // where to object, see and correct
}

// Desk is one counter.
type Desk struct {
	ID   string `yaml:"id" json:"id"`
	Name Text   `yaml:"name" json:"name"`
}

// Operator is a clerk. The screens take his word for who he is. Key, an Ed25519
// key as ssh-keygen shows it, is kept for programs that ask for a proof.
type Operator struct {
	ID   string `yaml:"id" json:"id"`
	Name string `yaml:"name" json:"name"`
	Key  string `yaml:"key" json:"key,omitempty"`
}

// API is for the business software beside the counter.
type API struct {
	Origins []string `yaml:"origins" json:"origins,omitempty"` // web pages that may call: https://host[:port]
	Webhook string   `yaml:"webhook" json:"webhook,omitempty"` // told of finished transactions
	// Issuer is what signed answers call the controller; empty: the desk's id.
	Issuer  string   `yaml:"issuer" json:"issuer,omitempty"`
	Clients []Client `yaml:"clients" json:"clients,omitempty"`
}

// Client is a program that may begin transactions, and for which purposes. One
// that runs in web pages has their origins, others have none.
type Client struct {
	ID       string   `yaml:"id" json:"id"`
	Purposes []string `yaml:"purposes" json:"purposes"`
	Origins  []string `yaml:"origins" json:"origins,omitempty"`
}

// Client finds a client by its id.
func (s *Site) Client(id string) (Client, bool) {
	for _, c := range s.API.Clients {
		if c.ID == id {
			return c, true
		}
	}
	return Client{}, false
}

// Ledger says where entries go: a folder, a folder for the log and a database for
// the records, or a host. Witness co-signs from outside, known by WitnessKey.
type Ledger struct {
	Dir        string `yaml:"dir" json:"dir,omitempty"`
	DSN        string `yaml:"dsn" json:"dsn,omitempty"`
	Witness    string `yaml:"witness" json:"witness,omitempty"`
	WitnessKey string `yaml:"witness-key" json:"witness-key,omitempty"`
	// URL is a host that keeps the ledger of many desks, CA the file of who issued
	// its certificate, Cert and Key those of this desk. With LedgerKey, the
	// ledger's verifier key, the desk has each entry proven.
	URL       string `yaml:"url" json:"url,omitempty"`
	CA        string `yaml:"ca" json:"ca,omitempty"`
	Cert      string `yaml:"cert" json:"cert,omitempty"`
	Key       string `yaml:"key" json:"key,omitempty"`
	LedgerKey string `yaml:"ledger-key" json:"ledger-key,omitempty"`
}

// Purpose is one reason to ask for a card.
type Purpose struct {
	ID     string `yaml:"id" json:"id"`
	Title  Text   `yaml:"title" json:"title"`
	Notice Text   `yaml:"notice" json:"notice"` // to be read aloud before agreeing
	Basis  Basis  `yaml:"basis" json:"basis"`
	// Reference is the text that the basis stands on: the law, the contract, or
	// where the interests were weighed.
	Reference string `yaml:"reference" json:"reference,omitempty"`
	// Otherwise is what a citizen who does not agree can do instead. Consent
	// without it is none.
	Otherwise Text    `yaml:"otherwise" json:"otherwise,omitempty"`
	Fields    []Field `yaml:"fields" json:"fields,omitempty"`
	// Release are those of the fields that business software is given. Where it
	// is empty, answers and the verdict leave and nothing else.
	Release []Field  `yaml:"release" json:"release,omitempty"`
	Answers []Answer `yaml:"answers" json:"answers,omitempty"`
	// Places are the communes that lives-in may be asked about, each as it
	// stands in addresses.
	Places []string `yaml:"places" json:"places,omitempty"`
	// Axes have to pass whatever the policy leaves open.
	Axes []pki.Axis `yaml:"axes" json:"axes,omitempty"`
	// Retention is how long the ledger keeps the record of a visit, in the file
	// as "30 days". No record holds a field.
	Retention time.Duration `yaml:"-" json:"-"`
	Keep      string        `yaml:"retention" json:"retention"`

	Authorisation string `yaml:"authorisation" json:"authorisation,omitempty"` // number, of the CNDP
	Declaration   string `yaml:"declaration" json:"declaration,omitempty"`     // number of the CNDP's receipt
	Habilitation  string `yaml:"habilitation" json:"habilitation,omitempty"`   // number, of the DGSN

	Ticket bool `yaml:"ticket" json:"ticket,omitempty"` // needs a number of the queue
	// Guardian says that a minor is concerned: the guardian's card is read first,
	// for these fields and after this notice.
	Guardian       bool    `yaml:"guardian" json:"guardian,omitempty"`
	GuardianFields []Field `yaml:"guardian-fields" json:"guardian-fields,omitempty"`
	GuardianNotice Text    `yaml:"guardian-notice" json:"guardian-notice,omitempty"`
}

// Purpose finds a purpose by its id.
func (s *Site) Purpose(id string) (Purpose, bool) {
	for _, p := range s.Purposes {
		if p.ID == id {
			return p, true
		}
	}
	return Purpose{}, false
}

// Resolve makes a path of the file one that can be opened; empty stays empty.
func (s *Site) Resolve(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(s.folder, path)
}

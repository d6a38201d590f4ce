package receipt

import (
	"encoding/hex"
	"encoding/json"
	"time"
)

// Schema is the version of the structure below.
const Schema = "cnie-receipt-1"

// conforms names the profile of the Data Privacy Vocabulary whose terms are used.
const conforms = "https://w3id.org/dpv/schema/dpv-27560#record"

// Record is the consent record, ISO/IEC TS 27560:2023 clause 6, of one transaction.
type Record struct {
	Header     Header     `json:"header"`
	Processing Processing `json:"pii_processing"`
	Parties    []PartyOf  `json:"party_identification"`
	Events     []Event    `json:"event"`
}

// Header tells records apart. The principal is known by the transaction only.
type Header struct {
	Schema    string `json:"schema_version"`
	Conforms  string `json:"conforms_to"`
	ID        string `json:"record_id"`
	Principal string `json:"pii_principal_id"`
}

// Processing is what was done, and why it may be.
type Processing struct {
	Notice       Text     `json:"privacy_notice"`
	Languages    []string `json:"language"`
	Purpose      string   `json:"purpose_id"`
	Title        Text     `json:"purpose"`
	Basis        string   `json:"lawful_basis"` // a term of the vocabulary
	Information  []Piece  `json:"pii_information"`
	Answers      []string `json:"answers_given,omitempty"`
	Controllers  []string `json:"pii_controllers"`
	Collection   string   `json:"collection_method"`
	Methods      []string `json:"processing_method"`
	Storage      []string `json:"storage_locations"`
	Until        string   `json:"retention_period"` // a day
	Jurisdiction string   `json:"jurisdiction"`
	Recipients   []string `json:"recipient_third_parties"`
	Withdrawal   Text     `json:"withdrawal_method"`
	Rights       []string `json:"privacy_rights"`
	Codes        []string `json:"codes_of_conduct,omitempty"` // the CNDP's authorisation
}

// Piece is one kind of information, by the name of its field.
type Piece struct {
	Type     string `json:"pii_type"`
	ID       string `json:"pii_attribute_id"`
	Optional bool   `json:"pii_optional"`
}

// PartyOf is one of those concerned.
type PartyOf struct {
	ID      string `json:"party_id"`
	Role    string `json:"party_role"`
	Name    Text   `json:"party_name"`
	Address string `json:"party_address,omitempty"`
	Contact string `json:"party_contact,omitempty"`
}

// Event is something that befell the consent, or the notice in its place.
type Event struct {
	Time  time.Time `json:"event_time"`
	Type  string    `json:"event_type"`
	State string    `json:"event_state"` // a term of the vocabulary
	Until string    `json:"validity_duration"`
	Who   string    `json:"entity_id"`
}

// Receipt is the copy of a record for the person.
type Receipt struct {
	Schema   string `json:"schema_version"`
	ID       string `json:"receipt_id"`
	Specimen bool   `json:"specimen,omitempty"`
	Record   Record `json:"record"`
	Proof    Proof  `json:"ledger"`
	URL      string `json:"check_at,omitempty"`

	facts Facts
}

const (
	dayForm   = "2006-01-02"
	authority = "cndp"
)

// New makes the receipt of a transaction, or an ErrFacts.
func New(f Facts) (Receipt, error) {
	if err := f.check(); err != nil {
		return Receipt{}, err
	}
	f.Fields, f.Answers = distinct(f.Fields), distinct(f.Answers)
	f.Time = f.Time.Truncate(time.Second)
	return Receipt{
		Schema: Schema, ID: f.Transaction + "/receipt", Specimen: f.Specimen,
		Record: f.record(), Proof: f.Proof, URL: f.URL, facts: f,
	}, nil
}

func (f Facts) record() Record {
	p := Processing{
		Notice: f.Notice, Languages: languagesOf(f.Notice), Purpose: f.Purpose, Title: f.Title, Basis: basisTerms[f.Basis],
		Information: []Piece{}, Answers: f.Answers, Controllers: []string{f.Controller.ID},
		Collection: "read from the chip of the card that its holder presented", Methods: []string{},
		Storage: []string{"ledger of " + f.Desk}, Until: f.Keep.Format(dayForm), Jurisdiction: "MA", Recipients: []string{},
		Withdrawal: f.Object, Rights: []string{"access", "rectification", "objection"}, // law 09-08, articles 7 to 9
	}
	for _, name := range f.Fields {
		p.Information = append(p.Information, Piece{Type: pieceTerms[name], ID: name})
	}
	if len(f.Fields)+len(f.Answers) > 0 {
		p.Methods = []string{"dpv:Consult", "dpv:Assess"}
	}
	if f.Authorisation != "" {
		p.Codes = []string{"CNDP " + f.Authorisation}
	}
	return Record{
		Header:     Header{Schema, conforms, f.Transaction, "holder-of:" + f.Transaction},
		Processing: p,
		Parties: []PartyOf{
			{f.Controller.ID, "dpv:DataController", f.Controller.Name, f.Controller.Address, f.Controller.Contact},
			{ID: authority, Role: "dpv:DataProtectionAuthority", Name: authorityName, Contact: "https://www.cndp.ma"},
		},
		Events: []Event{f.event()},
	}
}

// event is a consent only where consent is the basis.
func (f Facts) event() Event {
	e := Event{Time: f.Time, Type: "notice", State: "dpv:PrivacyNotice", Until: f.Keep.Format(dayForm), Who: f.Controller.ID}
	if f.Basis == "consent" {
		e.Type, e.State, e.Who = "explicit", "dpv:ConsentGiven", "holder-of:"+f.Transaction
		switch {
		case !f.Agreed:
			e.State = "dpv:ConsentRefused"
		case f.Withdrawn:
			e.State = "dpv:ConsentWithdrawn"
		}
	}
	return e
}

// MarshalJSON gives the leaf in hexadecimal, as ledgers print it.
func (p Proof) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Log   string `json:"log"`
		Index uint64 `json:"index"`
		Leaf  string `json:"leaf"`
	}{p.Log, p.Index, hex.EncodeToString(p.Leaf)})
}

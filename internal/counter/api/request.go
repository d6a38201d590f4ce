package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"cnie/internal/answer"
	"cnie/internal/names"
)

// beginning is what a transaction is begun with.
type beginning struct {
	Purpose   string     `json:"purpose"`
	Reader    string     `json:"reader"`
	Operator  string     `json:"operator"`
	Ticket    string     `json:"ticket"`
	Nonce     string     `json:"nonce"`
	Questions []question `json:"questions"`
	// MinorHasCard: of a purpose with a guardian, read the minor's card too.
	MinorHasCard bool `json:"minor_has_card"`
}

type question struct {
	ID     string  `json:"id"`
	Arg    string  `json:"arg"`
	Record *record `json:"record"`
}

// record is what another register says of the person looked for.
type record struct {
	Latin     name   `json:"latin"`
	National  name   `json:"national"`
	BirthDate string `json:"birth_date"`
	CIN       string `json:"cin"`
}

type name struct {
	Surname    string `json:"surname"`
	GivenNames string `json:"given_names"`
}

const (
	maxQuestions = 8
	maxText      = 200
	maxDepth     = 6
)

// tooMuch answers a body over the bound, and one that comes too slowly.
var tooMuch = wrong(http.StatusRequestEntityTooLarge, "too-long", "the request is longer than any of its kind")

func malformed(detail string) *problem {
	return wrong(http.StatusBadRequest, "malformed", detail)
}

func unfit(detail string) *problem {
	return wrong(http.StatusUnprocessableEntity, "unfit", detail)
}

// read takes the body of a request, as it came.
func read(r *http.Request) ([]byte, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, wrong(http.StatusUnsupportedMediaType, "media-type", "want Content-Type: application/json")
	}
	body, err := io.ReadAll(r.Body)
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return nil, tooMuch
	case err != nil:
		return nil, malformed("the request did not come in whole")
	}
	return body, nil
}

// parse reads the one JSON object that there may be. What package json forgives
// is refused: a key twice, in other letters, or unknown, and text that is not
// UTF-8.
func parse(body []byte) (beginning, error) {
	var b beginning
	if !utf8.Valid(body) || !strict(body) {
		return b, malformed("the request is no JSON object, or has a key twice, too deep, or not in small letters")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if d.Decode(&b) != nil {
		return b, malformed("the request has a key that there is not, or a value of another type")
	}
	return b, b.check()
}

var key = regexp.MustCompile(`^[a-z_]{1,40}$`)

// strict reports whether a text is one JSON object without a key twice.
func strict(text []byte) bool {
	d := json.NewDecoder(bytes.NewReader(text))
	first, err := d.Token()
	if err != nil || first != json.Delim('{') || !rest(d, first, 1) {
		return false
	}
	_, err = d.Token()
	return errors.Is(err, io.EOF)
}

// rest goes on after a token, to the end of what it opened.
func rest(d *json.Decoder, token json.Token, depth int) bool {
	open, ok := token.(json.Delim)
	if !ok {
		return true
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			text, _ := name.(string)
			if err != nil || seen[text] || !key.MatchString(text) {
				return false
			}
			seen[text] = true
		}
		value, err := d.Token()
		if err != nil || depth >= maxDepth || !rest(d, value, depth+1) {
			return false
		}
	}
	_, err := d.Token()
	return err == nil
}

var (
	identifier = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~:/@+=-]{0,199}$`) // as in statements
	birthDate  = regexp.MustCompile(`^\d{4}(-\d{2}(-\d{2})?)?$`)
)

func (b beginning) check() error {
	switch {
	case b.Purpose == "":
		return unfit("say for which purpose")
	case b.Nonce != "" && !identifier.MatchString(b.Nonce):
		return unfit("a nonce has up to 200 letters, digits and . _ ~ : / @ + = -")
	case len(b.Questions) > maxQuestions:
		return unfit("these are too many questions")
	case !plain(b.Purpose, b.Reader, b.Operator, b.Ticket):
		return unfit("a text is too long, or has characters that cannot be seen")
	}
	for _, q := range b.Questions {
		if p := q.check(); p != nil {
			return p
		}
	}
	return nil
}

func (q question) check() error {
	r := q.Record
	switch {
	case q.ID == answer.SamePerson && r == nil:
		return unfit("same-person needs the record to compare with")
	case r == nil:
		return nil
	case q.ID != answer.SamePerson:
		return unfit("a record is for the question same-person")
	case !plain(r.Latin.Surname, r.Latin.GivenNames, r.National.Surname, r.National.GivenNames, r.CIN):
		return unfit("a text of the record is too long, or has characters that cannot be seen")
	case r.BirthDate != "" && !birthDate.MatchString(r.BirthDate):
		return unfit("a birth date is written 1990-01-31, 1990-01 or 1990")
	}
	return nil
}

// plain reports whether texts are fit to be shown to a clerk.
func plain(texts ...string) bool {
	for _, t := range texts {
		if utf8.RuneCountInString(t) > maxText || strings.ContainsFunc(t, func(r rune) bool { return !unicode.IsGraphic(r) && r != '\u200c' && r != '\u200d' }) {
			return false
		}
	}
	return true
}

// asked are the questions as the desk takes them.
func (b beginning) asked() []answer.Question {
	var all []answer.Question
	for _, q := range b.Questions {
		one := answer.Question{ID: q.ID, Arg: q.Arg}
		if r := q.Record; r != nil {
			one.Record = &answer.Record{
				Latin:     names.Name{Surname: r.Latin.Surname, Given: r.Latin.GivenNames},
				National:  names.Name{Surname: r.National.Surname, Given: r.National.GivenNames},
				BirthDate: r.BirthDate, CIN: r.CIN,
			}
		}
		all = append(all, one)
	}
	return all
}

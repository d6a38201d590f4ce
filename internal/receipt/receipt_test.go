package receipt

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/site"
	"cnie/lds"
	"cnie/pki"
)

func facts() Facts {
	at := time.Date(2026, 11, 22, 10, 30, 15, 5, time.FixedZone("", 3600))
	return Facts{
		Controller: Party{
			ID: "https://town.example", Name: Text{"ar": "جماعة سبيسيمن", "fr": "Commune de Spécimen <nord>"},
			Address: "1, rue du Modèle", Contact: "vie-privee@town.example",
		},
		Desk: "desk-3", DeskName: Text{"fr": "Guichet 3", "ar": "الشباك 3"},
		Purpose: "residence", Title: Text{"ar": "شهادة السكنى", "fr": "Certificat de résidence", "zgh": "ⵜⴰⵙⵙⵓⵜⵔⵜ"},
		Notice: Text{"ar": "…", "fr": "…"}, Basis: "consent", Fields: []string{"surname", "photo", "cin", "surname"}, Answers: []string{"over-18"},
		Transaction: "t-7f3a", Time: at, Keep: at.AddDate(0, 1, 0), Agreed: true, Authorisation: "D-000/2026",
		Object: Text{"fr": "Au guichet ou par courriel", "ar": "في الشباك أو بالبريد الإلكتروني"},
		Proof:  Proof{Log: "town.example/desk-3", Index: 4711, Leaf: bytes.Repeat([]byte{0xA5}, 32)},
	}
}

func made(t testing.TB, f Facts) Receipt {
	r, err := New(f)
	require.NoError(t, err)
	return r
}

func TestRecord(t *testing.T) {
	b, err := json.Marshal(made(t, facts()))
	require.NoError(t, err)
	var got map[string]any
	require.NoError(t, json.Unmarshal(b, &got))
	at := func(path ...any) any {
		var v any = got
		for _, step := range path {
			switch s := step.(type) {
			case string:
				v = v.(map[string]any)[s]
			case int:
				v = v.([]any)[s]
			}
		}
		return v
	}
	assert.Equal(t, "t-7f3a/receipt", at("receipt_id"))
	assert.Equal(t, Schema, at("record", "header", "schema_version"))
	assert.Equal(t, "holder-of:t-7f3a", at("record", "header", "pii_principal_id"))
	assert.Equal(t, "dpv:Consent", at("record", "pii_processing", "lawful_basis"))
	assert.Equal(t, "2026-12-22", at("record", "pii_processing", "retention_period"))
	assert.Equal(t, []any{
		map[string]any{"pii_type": "pd:OfficialID", "pii_attribute_id": "cin", "pii_optional": false},
		map[string]any{"pii_type": "pd:Picture", "pii_attribute_id": "photo", "pii_optional": false},
		map[string]any{"pii_type": "pd:Name", "pii_attribute_id": "surname", "pii_optional": false},
	}, at("record", "pii_processing", "pii_information"))
	assert.Equal(t, "dpv:ConsentGiven", at("record", "event", 0, "event_state"))
	assert.Equal(t, "2026-11-22T10:30:15+01:00", at("record", "event", 0, "event_time"))
	assert.Equal(t, "dpv:DataController", at("record", "party_identification", 0, "party_role"))
	assert.Equal(t, strings.Repeat("a5", 32), at("ledger", "leaf"))
}

// Every mandatory field of the standard is in a record, of a refusal too.
func TestMandatoryFields(t *testing.T) {
	refused := facts()
	refused.Agreed, refused.Fields, refused.Answers = false, nil, nil
	withdrawn := facts()
	withdrawn.Withdrawn = true
	duty := facts()
	duty.Basis = "legal-obligation"
	for state, f := range map[string]Facts{"dpv:ConsentGiven": facts(), "dpv:ConsentRefused": refused, "dpv:ConsentWithdrawn": withdrawn, "dpv:PrivacyNotice": duty} {
		b, err := json.Marshal(made(t, f).Record)
		require.NoError(t, err)
		for _, name := range []string{
			"schema_version", "record_id", "pii_principal_id", "privacy_notice", "language", "purpose", "pii_information", "pii_controllers",
			"storage_locations", "retention_period", "jurisdiction", "recipient_third_parties", "withdrawal_method",
			"party_id", "party_address", "party_name", "party_contact", "event_time", "validity_duration", "entity_id", "event_type", "event_state",
		} {
			assert.Contains(t, string(b), `"`+name+`":`)
		}
		assert.NotContains(t, string(b), ":null")
		assert.Contains(t, string(b), state)
	}
}

func TestRefusedFacts(t *testing.T) {
	for name, change := range map[string]func(*Facts){
		"unknown field":               func(f *Facts) { f.Fields = []string{"dg3"} },
		"a value for a field":         func(f *Facts) { f.Fields = []string{"SPECIMEN"} },
		"unknown question":            func(f *Facts) { f.Answers = []string{"over-18=yes"} },
		"unknown basis":               func(f *Facts) { f.Basis = "convenience" },
		"fields without consent":      func(f *Facts) { f.Agreed = false },
		"CIN as transaction":          func(f *Facts) { f.Transaction = "ZZ012345" },
		"CIN in the transaction":      func(f *Facts) { f.Transaction = "desk:zz012345/1" },
		"document number":             func(f *Facts) { f.Transaction = "ZZZ000001" },
		"text for a transaction":      func(f *Facts) { f.Transaction = "SPECIMEN AMINA" },
		"markup":                      func(f *Facts) { f.Desk = "<b>" },
		"no leaf":                     func(f *Facts) { f.Proof.Leaf = nil },
		"kept until before":           func(f *Facts) { f.Keep = f.Time.Add(-time.Hour) },
		"no way to object":            func(f *Facts) { f.Object = nil },
		"address over http":           func(f *Facts) { f.URL = "http://town.example/check" },
		"address with a query":        func(f *Facts) { f.URL = "https://town.example/check?cin=1" },
		"address that is a programme": func(f *Facts) { f.URL = "javascript:alert(1)" },
	} {
		f := facts()
		change(&f)
		_, err := New(f)
		assert.ErrorIs(t, err, ErrFacts, name)
	}
}

// canary is a holder of whom nothing may ever be found.
func canary() *pki.Holder {
	return &pki.Holder{
		DocumentCode: "canary00", DocumentNumber: "ZZZ000777", IssuingState: "canary01", CIN: "ZZ077777", Surname: "CANARYSURNAME", GivenNames: "CANARYGIVEN",
		Nationality: "canary02", Sex: "canary03", BirthDate: "1977-07-07", ExpiryDate: "2037-07-07", NationalSurname: "كناري", NationalGivenNames: "سبيسيمنة",
		PersonalNumber: "7777777777", BirthPlace: []string{"CANARYVILLE"}, Address: []string{"7 CANARY STREET"}, IssuingAuthority: "CANARYAUTHORITY",
		IssueDate: "2027-07-07", Watermark: "canary04", Photo: &lds.Face{Image: []byte("canaryphoto")},
	}
}

// values are all texts in a holder, and its picture.
func values(h *pki.Holder) []string {
	found := []string{string(h.Photo.Image), base64.StdEncoding.EncodeToString(h.Photo.Image)}
	v := reflect.ValueOf(*h)
	for i := range v.NumField() {
		switch field := v.Field(i); field.Kind() {
		case reflect.String:
			found = append(found, field.String())
		case reflect.Slice:
			found = append(found, field.Interface().([]string)...)
		}
	}
	return found
}

// Whatever of a holder a careless caller puts where the name of a field, of a
// question, of a transaction or of a purpose belongs: no receipt comes of it, or
// one without it.
func TestCanary(t *testing.T) {
	slots := map[string]func(*Facts, string){
		"field":    func(f *Facts, v string) { f.Fields = append(f.Fields, v) },
		"question": func(f *Facts, v string) { f.Answers = append(f.Answers, v) },
		"basis":    func(f *Facts, v string) { f.Basis = v },
	}
	for _, value := range values(canary()) {
		require.NotEmpty(t, value)
		for slot, put := range slots {
			f := facts()
			put(&f, value)
			_, err := New(f)
			assert.ErrorIs(t, err, ErrFacts, "%s: %q", slot, value)
			assert.NotContains(t, err.Error(), value, slot)
		}
	}
	for _, number := range []string{canary().CIN, canary().DocumentNumber} {
		for slot, put := range map[string]func(*Facts){
			"transaction": func(f *Facts) { f.Transaction = number }, "purpose": func(f *Facts) { f.Purpose = "p-" + number },
			"desk": func(f *Facts) { f.Desk = number }, "log": func(f *Facts) { f.Proof.Log = "town/" + number },
		} {
			f := facts()
			put(&f)
			_, err := New(f)
			assert.ErrorIs(t, err, ErrFacts, slot)
		}
	}
}

// The package has no way to come by a holder: nothing that it links knows one.
func TestKnowsNoHolder(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	for _, path := range strings.Fields(string(out)) {
		if strings.HasPrefix(path, "cnie/") {
			assert.Equal(t, "cnie/internal/receipt", path)
		}
	}
}

func TestHTML(t *testing.T) {
	for _, paper := range []Paper{Roll, A4} {
		for name, languages := range map[string][]string{"both": nil, "ar": {"ar"}, "en": {"en"}, "zgh": {"zgh", "fr"}} {
			var b bytes.Buffer
			require.NoError(t, made(t, facts()).HTML(&b, paper, languages...))
			page := b.String()
			assert.Contains(t, page, "default-src 'none'", name)
			assert.Contains(t, page, `<bdi dir="ltr">t-7f3a</bdi>`, name)
			assert.NotContains(t, page, "<nord>", name)
			assert.NotContains(t, page, "ZgotmplZ", name)
			assert.NotContains(t, page, "<script", name)
			assert.NotContains(t, page, "http-equiv=\"refresh", name)
			wellFormed(t, page)
		}
	}
	var b bytes.Buffer
	require.NoError(t, made(t, facts()).HTML(&b, A4))
	for _, text := range []string{`lang="ar" dir="rtl"`, `lang="fr" dir="ltr"`, "شهادة السكنى", "Certificat de résidence", "رقم البطاقة الوطنية", "numéro de CNIE", "18 ans révolus", "وافقتم", "2026-11-22 10:30", "2026-12-22", "4711", "a5a5a5a5a5a5a5a5…"} {
		assert.Contains(t, b.String(), text)
	}
	assert.Error(t, made(t, facts()).HTML(io.Discard, "a5"))
}

// wellFormed reads the page as XML, in which everything that is opened is closed.
func wellFormed(t *testing.T, page string) {
	page = regexp.MustCompile(`<(meta|br)([^>]*)>`).ReplaceAllString(page, "<$1$2/>")
	page = strings.Replace(page, "<!doctype html>", "", 1)
	for d := xml.NewDecoder(strings.NewReader(page)); ; {
		_, err := d.Token()
		if err == io.EOF {
			return
		}
		require.NoError(t, err, page)
	}
}

// Each word is there in each language of paper.
func TestWords(t *testing.T) {
	for _, table := range []map[string]Text{fieldWords, questionWords, basisWords, phrases} {
		for name, text := range table {
			for _, language := range []string{"ar", "fr", "en"} {
				assert.NotEmpty(t, text[language], "%s in %s", name, language)
			}
		}
	}
	for name := range fieldWords {
		assert.NotEmpty(t, pieceTerms[name], name)
	}
	for name := range basisWords {
		assert.NotEmpty(t, basisTerms[name], name)
	}
}

// Whatever a site file may ask for, a receipt can name, and nothing else.
func TestNamesWhatSitesAsk(t *testing.T) {
	for _, f := range site.Fields() {
		assert.Contains(t, fieldWords, string(f))
	}
	for _, a := range site.Answers() {
		assert.Contains(t, questionWords, string(a))
	}
	for _, b := range site.Bases() {
		assert.Contains(t, basisWords, string(b))
	}
	assert.Equal(t, []int{len(site.Fields()), len(site.Answers()), len(site.Bases())}, []int{len(fieldWords), len(questionWords), len(basisWords)})
}

var (
	drawn = regexp.MustCompile(`<svg viewBox="0 0 (\d+) \d+".*?<path d="([^"]*)"/>`)
	runs  = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)
)

// printed rasterises the QR code of a page, some pixels to a module.
func printed(t *testing.T, page string, pixels int) image.Image {
	found := drawn.FindStringSubmatch(page)
	require.NotNil(t, found)
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		require.NoError(t, err)
		return n
	}
	size := number(found[1]) * pixels
	img := image.NewGray(image.Rect(0, 0, size, size))
	for i := range img.Pix {
		img.Pix[i] = 0xFF
	}
	for _, run := range runs.FindAllStringSubmatch(found[2], -1) {
		require.Equal(t, run[3], run[4])
		for y := range pixels {
			for x := range number(run[3]) * pixels {
				img.SetGray(number(run[1])*pixels+x, number(run[2])*pixels+y, color.Gray{})
			}
		}
	}
	return img
}

// ZBar, which never saw this code, reads what stands on the paper.
func TestZBarReadsTheCode(t *testing.T) {
	online := facts()
	online.URL = "https://town.example/receipt"
	for name, v := range map[string]struct {
		facts Facts
		want  string
	}{
		"JSON":    {facts(), `{"t":"t-7f3a","i":"4711","h":"paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU"}`},
		"address": {online, `https://town.example/receipt?h=paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU&i=4711&t=t-7f3a`},
	} {
		r := made(t, v.facts)
		assert.Equal(t, v.want, r.Code(), name)
		for _, paper := range []Paper{Roll, A4} {
			var b, picture bytes.Buffer
			require.NoError(t, r.HTML(&b, paper))
			// Slip printers have 203 dots per inch: six to a module of 38 mm.
			require.NoError(t, png.Encode(&picture, printed(t, b.String(), 5)))
			file := filepath.Join(t.TempDir(), "qr.png")
			require.NoError(t, os.WriteFile(file, picture.Bytes(), 0o600))
			out, err := exec.Command("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", file).Output()
			require.NoError(t, err, name)
			assert.Equal(t, v.want+"\n", string(out), name)
		}
	}
}

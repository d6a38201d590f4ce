package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/pki"
)

var update = flag.Bool("update", false, "write the golden files anew")

var at = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// judged makes a report in which every axis passed but for the given checks.
func judged(specimen bool, others ...pki.Check) pki.Report {
	r := pki.Report{At: at, Specimen: specimen}
	add := func(id pki.CheckID, axis pki.Axis, outcome pki.Outcome, clause, reason string) {
		for _, o := range others {
			if o.ID == id {
				outcome, reason = o.Outcome, o.Reason
			}
		}
		r.Checks = append(r.Checks, pki.Check{ID: id, Axis: axis, Outcome: outcome, Clause: clause, Reason: reason})
	}
	add(pki.CheckAccessProtocol, pki.AxisAccess, pki.Passed, "ICAO 9303-11 §4.2", "opened by PACE (GM, P-256, AES-128)")
	add(pki.CheckAccessChannel, pki.AxisAccess, pki.Passed, "ICAO 9303-11 §9.8", "every protected response had a right checksum")
	add(pki.CheckIntegrityOf(lds.DG1), pki.AxisIntegrity, pki.Passed, "ICAO 9303-11 §5.1", "EF.DG1 is what EF.SOD lists (SHA-256)")
	add(pki.CheckIssuerPath, pki.AxisIssuer, pki.Passed, "ICAO 9303-12 §6.1", "certified by C=MA, O=SPECIMEN - NOT A REAL ISSUER, CN=CSCA SPECIMEN 01")
	add(pki.CheckChip, pki.AxisChip, pki.Passed, "ICAO 9303-11 §6.2", "the chip holds the private key to its signed public key")
	add(pki.CheckActive, pki.AxisChip, pki.NotApplicable, "ICAO 9303-11 §6.1", "the chip offers no Active Authentication")
	add(pki.CheckValidityDocument, pki.AxisValidity, pki.Passed, "ICAO 9303-3 §4", "the document is in force")
	add(pki.CheckRevocation, pki.AxisRevocation, pki.Passed, "RFC 5280 §6.3", "the document signer is not on the current revocation list")
	add(pki.CheckHolderPIN, pki.AxisHolder, pki.NotApplicable, "ISO 7816-4 §11.5.6", "no PIN was asked for; the holder is compared with the photo")
	return r
}

func holder() *pki.Holder {
	return &pki.Holder{
		Watermark: pki.MarkSpecimen, DocumentCode: "ID", DocumentNumber: "ZZZ0SIM1", IssuingState: "MAR", CIN: "ZZ000001",
		Surname: "SPECIMEN", GivenNames: "SIMULATEUR", Nationality: "MAR", Sex: "F", BirthDate: "1990-01-01", ExpiryDate: "2035-01-01",
		NationalSurname: "نموذج", NationalGivenNames: "محاكي", BirthPlace: []string{"الرباط", "RABAT"},
		Address: []string{"1 زنقة النموذج الرباط", "1 RUE DU SPECIMEN RABAT"},
	}
}

func context() Context {
	return Context{
		ID: "ABCD-EFGH-2345-WXYZ", Tool: "cnie 1.2.3", Trust: "Trust anchors: 1 country signing certificates, no revocation list.",
		Rules: []string{"Judged for 2026-03-01 10:00 UTC.", "The chip must be opened by PACE."},
	}
}

func attestation() *Attestation {
	return &Attestation{
		Terminal: "SHA256:DoWohwAQbIeufbV0RK2xD8hlHBAM5ZcJNjZgU7E5bTY", Pinned: true, ReadAt: at, Now: at, Tool: "cnie 1.2.2",
		Challenge: strings.Repeat("c4", 32), Compared: true, Verdict: pki.Accepted, JudgedAt: at,
	}
}

func views() map[string]View {
	accepted, refused, open, attested, proved, stranger := context(), context(), context(), context(), context(), context()
	accepted.Holder, attested.Holder, proved.Holder = holder(), holder(), holder()
	refused.Withheld, open.Withheld, stranger.Withheld = "the card is refused", "not everything that it stands on could be checked", "the card is refused"
	attested.Attested, stranger.Attested = attestation(), attestation()
	stranger.Attested.Pinned, stranger.Attested.Compared = false, false
	proved.Attested = attestation()
	proved.Attested.Answered = true
	signed := pki.Check{ID: pki.CheckActive, Outcome: pki.Passed, Reason: "the chip signed a fresh nonce"}
	failed := pki.Check{ID: pki.CheckIntegrityOf(lds.DG1), Outcome: pki.Failed, Reason: "EF.DG1 is not what EF.SOD lists"}
	return map[string]View{
		"accepted":     New(judged(true), accepted),
		"refused":      New(judged(true, failed), refused),
		"inconclusive": New(judged(false, pki.Check{ID: pki.CheckIssuerPath, Outcome: pki.NotChecked, Reason: "no trust anchor certified the document signer"}), open),
		"attested":     New(judged(true), attested),
		"proved":       New(judged(true, signed), proved),
		"stranger":     New(judged(true, failed), stranger),
	}
}

var style = regexp.MustCompile(`(?s)<style>.*</style>`)

// Golden files hold what is said and how it is marked up; the style sheet is
// free to change.
func TestGolden(t *testing.T) {
	writers := map[string]func(View, *bytes.Buffer) error{
		".txt":    func(v View, b *bytes.Buffer) error { return v.Text(b, TextOptions{Details: true}) },
		"-80.txt": func(v View, b *bytes.Buffer) error { return v.Text(b, TextOptions{Details: true, Width: 80}) },
		"-dumb32.txt": func(v View, b *bytes.Buffer) error {
			return v.Text(b, TextOptions{Details: true, Width: 32, ASCII: true})
		},
		".html":      func(v View, b *bytes.Buffer) error { return v.HTML(b) },
		"-slip.html": func(v View, b *bytes.Buffer) error { return v.Slip(b) },
	}
	for name, view := range views() {
		for suffix, write := range writers {
			var b bytes.Buffer
			require.NoError(t, write(view, &b))
			got := style.ReplaceAllString(b.String(), "<style></style>")
			file := filepath.Join("testdata", name+suffix)
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, string(want), got, file)
		}
	}
}

func TestTextKeepsToItsWidth(t *testing.T) {
	for name, view := range views() {
		for _, width := range []int{10, 32, 40, 60, 80, 120} {
			var b bytes.Buffer
			require.NoError(t, view.Text(&b, TextOptions{Width: width, Details: true}))
			for line := range strings.Lines(b.String()) {
				assert.LessOrEqual(t, visible(strings.TrimSuffix(line, "\n")), max(width, minWidth), "%s at %d: %s", name, width, line)
			}
		}
	}
}

// Colours add nothing but colours: not a word, not a column.
func TestColours(t *testing.T) {
	escapes := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for name, view := range views() {
		var plain, coloured bytes.Buffer
		require.NoError(t, view.Text(&plain, TextOptions{Width: 60, Details: true}))
		require.NoError(t, view.Text(&coloured, TextOptions{Width: 60, Details: true, Colours: true}))
		assert.NotContains(t, plain.String(), "\x1b")
		assert.Contains(t, coloured.String(), "\x1b[")
		assert.Equal(t, plain.String(), escapes.ReplaceAllString(coloured.String(), ""), name)
	}
}

func TestWhoseWord(t *testing.T) {
	say := func(a *Attestation, others ...pki.Check) string {
		c := context()
		c.Attested = a
		return strings.Join(New(judged(true, others...), c).Attested, "\n")
	}
	known := say(attestation())
	assert.Contains(t, known, "one of those you named")
	assert.Contains(t, known, "answers your challenge")
	assert.Contains(t, known, "Only Active Authentication")

	a := attestation()
	a.Pinned, a.Compared = false, false
	assert.Contains(t, say(a), "which nobody vouches for")
	assert.Contains(t, say(a), strings.Repeat("c4", 32))
	a.Challenge = ""
	assert.Contains(t, say(a), "shown more than once")
	assert.NotContains(t, say(a), "in the future")
	a.Now = at.Add(-time.Hour)
	assert.Contains(t, say(a), "in the future")
	signed := pki.Check{ID: pki.CheckActive, Outcome: pki.Passed, Reason: "the chip signed a fresh nonce"}
	assert.Contains(t, say(a, signed), "when it signed rests on the terminal's word")
	a.Challenge, a.Answered = strings.Repeat("c4", 32), true
	assert.Contains(t, say(a, signed), "itself signed an answer to that challenge")
	assert.NotContains(t, say(a, signed), "Proved by the chip", "the reader has not said that it is his")
	a.Compared = true
	assert.Contains(t, say(a, signed), "Proved by the chip itself")
	assert.NotContains(t, say(a, signed), "rests on the terminal's word")
	assert.Contains(t, say(a, signed), "Everything else is attested by the terminal")
	a.Challenge, a.Answered, a.Compared = "", false, false
	untried := pki.Check{ID: pki.CheckChip, Outcome: pki.NotApplicable, Reason: "the chip offers no Chip Authentication beside its proof in PACE"}
	mapped := pki.Check{ID: pki.CheckMapping, Outcome: pki.Passed, Reason: "the chip proved, as it was opened, that it holds the private key"}
	opened := judged(true, untried)
	opened.Checks = append(opened.Checks, mapped)
	assert.Contains(t, strings.Join(a.sentences(opened), " "), "anybody could have made up")
	failed := pki.Check{ID: pki.CheckChip, Outcome: pki.Failed, Reason: "the chip does not hold the private key"}
	assert.NotContains(t, say(a, failed), "Active Authentication", "there is nothing to doubt")
	assert.Contains(t, say(a, failed), "were others than here")
}

// A card that is accepted after its date is not said to be in force.
func TestToleratedExpiry(t *testing.T) {
	dates := pki.Check{ID: pki.CheckValidityDocument, Outcome: pki.Warned, Reason: "the document has expired, which the policy allows"}
	v := New(judged(true, dates), context())
	require.Equal(t, pki.Accepted, v.Verdict)
	assert.NotContains(t, v.Sentence, "in force")
	assert.Contains(t, v.Sentence, "it has expired")
}

// A slip goes out of the building.
func TestSlipHasNoValues(t *testing.T) {
	c := context()
	c.Holder = holder()
	v := New(judged(true), c)
	v.Photo = &Photo{Source: "data:image/jpeg;base64,AAAA", Width: 1, Height: 1}
	var b bytes.Buffer
	require.NoError(t, v.Slip(&b))
	for _, f := range v.Fields {
		assert.Contains(t, b.String(), f.Label)
		for _, l := range f.Lines {
			if l.Text != "SPECIMEN" && len(l.Text) > 3 { // the mark is there, and short codes are in words
				assert.NotContains(t, b.String(), l.Text, f.Label)
			}
		}
	}
	assert.Contains(t, b.String(), "Photo, Surname")
	assert.NotContains(t, b.String(), "data:")
	assert.NotContains(t, b.String(), "<img")
	assert.Contains(t, b.String(), "ABCD-EFGH-2345-WXYZ")
	assert.Contains(t, b.String(), "size:58mm ")
}

// Everything that is text stands out from what is behind it, WCAG 2.2 §1.4.3.
func TestContrast(t *testing.T) {
	colours := map[string][3]float64{}
	for _, match := range regexp.MustCompile(`--(\w+):#([0-9a-f]+);`).FindAllStringSubmatch(string(Style), -1) {
		colours[match[1]] = channels(t, match[2])
	}
	white := [3]float64{1, 1, 1}
	for _, c := range []struct {
		name        string
		front, back [3]float64
	}{
		{"text", colours["ink"], colours["paper"]}, {"soft text", colours["soft"], colours["paper"]},
		{"accepted", white, colours["passed"]}, {"refused", white, colours["failed"]}, {"inconclusive", white, colours["warned"]},
		{"sign of what was not checked", white, colours["notChecked"]}, {"sign of what does not apply", white, colours["notApplicable"]},
	} {
		assert.GreaterOrEqual(t, contrast(c.front, c.back), 4.5, c.name)
	}
}

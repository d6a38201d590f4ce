package signreport_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/report"
	"cnie/internal/signreport"
	"cnie/pki"
	"cnie/pki/adsig"
	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/asic"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pades"
	"cnie/pki/adsig/revocation"
)

// reports judges one signature three ways: as it is, of another text, and without
// anybody who is trusted.
func reports(t testing.TB, name string) (passed, failed, open adsig.Report) {
	t.Helper()
	lab := adsigtest.New(t)
	id := lab.Issue(lab.CA, adsigtest.Request{Name: name})
	signer := cades.Signer{Key: id.Key, Chain: lab.Chain(id), At: lab.Now}
	message, err := signer.SignReader(strings.NewReader("the letter"))
	require.NoError(t, err)
	p := adsig.Policy{At: lab.Now, Anchors: lab.Anchors(), Material: revocation.Material{Lists: [][]byte{lab.List(lab.Root), lab.List(lab.CA)}}}
	judge := func(content string, p adsig.Policy) adsig.Report {
		in, err := adsig.Open(bytes.NewReader(message), strings.NewReader(content))
		require.NoError(t, err)
		found, err := adsig.Validate(in, p)
		require.NoError(t, err)
		return found[0]
	}
	return judge("the letter", p), judge("another", p), judge("the letter", adsig.Policy{At: lab.Now, AllowNoAnchors: true})
}

func view(files ...signreport.File) signreport.View {
	return signreport.View{Files: files, At: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), Trust: "Trusted: the root.", Tool: "cnie test", Rules: []string{"A rule."}}
}

func shown(t testing.TB, v signreport.View, o report.TextOptions) (text, page string) {
	t.Helper()
	var b, h bytes.Buffer
	require.NoError(t, v.Text(&b, o))
	require.NoError(t, v.HTML(&h))
	return b.String(), h.String()
}

func TestSentences(t *testing.T) {
	passed, failed, open := reports(t, "SPECIMEN AMINA")
	for _, c := range []struct {
		report     adsig.Report
		indication adsig.Indication
		class      string
		sentence   string
	}{
		{passed, adsig.TotalPassed, "accepted", "Signed with the certificate of SPECIMEN AMINA; what was signed has not changed."},
		{failed, adsig.TotalFailed, "refused", "Do not rely on this signature: digest of the content differs from the signed one."},
		{open, adsig.Indeterminate, "inconclusive", "The signature is intact, but it is open whether it can be relied on: no path leads from"},
		{adsig.Report{}, adsig.Indeterminate, "inconclusive", "It cannot be told whether the signature is right: not every check was made."},
	} {
		s := signreport.NewSignature(c.report)
		assert.Equal(t, c.indication, s.Indication)
		assert.Contains(t, s.Sentence, c.sentence)
		v := view(signreport.File{Name: "letter.p7s", Format: "CAdES", Signatures: []signreport.Signature{s}})
		assert.Equal(t, string(c.indication), v.Title())
		text, page := shown(t, v, report.TextOptions{Details: true})
		for _, said := range []string{string(c.indication), "letter.p7s", "CAdES", "Judged for", "A rule."} {
			assert.Contains(t, text, said)
			assert.Contains(t, page, said)
		}
		assert.Contains(t, page, `<header class="`+c.class+`">`)
		for _, check := range s.Checks {
			assert.Contains(t, text, string(check.ID))
			assert.Contains(t, page, check.Clause)
		}
	}
	all := view(signreport.File{Name: "a", Signatures: []signreport.Signature{signreport.NewSignature(passed), signreport.NewSignature(failed)}},
		signreport.File{Name: "b", Problem: "not a signature"})
	assert.Equal(t, adsig.TotalFailed, all.Worst())
	assert.Equal(t, "Not all TOTAL-PASSED", all.Title())
	assert.Equal(t, "2 files: 1 TOTAL-PASSED, 1 TOTAL-FAILED, 1 not judged", all.Summary())
	text, _ := shown(t, all, report.TextOptions{Width: 40})
	assert.Contains(t, text, "NOT JUDGED")
	for _, line := range strings.Split(text, "\n") {
		assert.LessOrEqual(t, len([]rune(line)), 40, line)
	}
	some := view(signreport.File{Name: "a", Signatures: []signreport.Signature{signreport.NewSignature(passed)}}, signreport.File{Name: "b", Problem: "not a signature"})
	assert.Equal(t, adsig.Indeterminate, some.Worst(), "one that could not be judged is no good one")
	assert.Equal(t, "Not all TOTAL-PASSED", some.Title())
	assert.Equal(t, "2 files: 1 TOTAL-PASSED, 1 not judged", some.Summary())
	_, page := shown(t, some, report.TextOptions{})
	assert.Contains(t, page, `<header class="inconclusive">`)
	none := view(signreport.File{Name: "b", Problem: "not a signature"})
	assert.Equal(t, "No signature was judged", none.Title())
}

// A signature can be good, and what is shown or lies there be more than it is over.
func TestMoreThanSigned(t *testing.T) {
	passed, _, _ := reports(t, "SPECIMEN AMINA")
	for id, sentence := range map[adsig.CheckID]string{
		pades.CheckChanges: "what was signed has not changed, but more than that is in the document now: see what changed since.",
		asic.CheckUnsigned: "what was signed has not changed, but other files in the container are not signed by it.",
	} {
		r := passed
		r.Checks = append(slices.Clone(r.Checks), adsig.Check{ID: id, Outcome: pki.Warned})
		assert.Contains(t, signreport.NewSignature(r).Sentence, sentence)
	}
}

// A name in a certificate cannot steer the terminal, nor become part of the page.
func TestHostileNames(t *testing.T) {
	passed, _, _ := reports(t, "SPECIMEN \x1b[2J<script>alert(1)</script>\u202Egnp")
	s := signreport.NewSignature(passed, signreport.NewFact("Reason given", "%s", "\x1b[31m<b>\u2066"))
	text, page := shown(t, view(signreport.File{Name: "a", Signatures: []signreport.Signature{s}}), report.TextOptions{Details: true})
	for _, out := range []string{text, page} {
		assert.NotContains(t, out, "\x1b[2J")
		assert.NotContains(t, out, "\u202E")
		assert.NotContains(t, out, "\u2066")
	}
	assert.NotContains(t, page, "<script")
	assert.NotContains(t, page, "<b>")
	assert.NotContains(t, page, "ZgotmplZ")
}

// The holder is who the common name says, and no other part of the subject that
// looks like one.
func TestHolder(t *testing.T) {
	passed, _, _ := reports(t, "SPECIMEN AMINA, CN=MINISTER")
	assert.Contains(t, signreport.NewSignature(passed).Sentence, "the certificate of SPECIMEN AMINA, CN=MINISTER;")
}

func TestJSON(t *testing.T) {
	passed, _, _ := reports(t, "SPECIMEN AMINA")
	content, err := json.Marshal(view(signreport.File{Name: "a", Signatures: []signreport.Signature{signreport.NewSignature(passed)}}))
	require.NoError(t, err)
	for _, key := range []string{`"indication":"TOTAL-PASSED"`, `"level":"B-B"`, `"claimed_signing_time"`, `"existed_at"`, `"clause":"EN 319 102-1 §5.2.7"`, `"path":[`} {
		assert.Contains(t, string(content), key)
	}
}

// The look is the house's: no script, nothing from outside, the same colours.
func TestPage(t *testing.T) {
	template, err := os.ReadFile("report.html.tmpl")
	require.NoError(t, err)
	assert.Contains(t, string(template), "{{style}}")
	assert.NotContains(t, string(template), "://")
	assert.NotContains(t, strings.ToLower(string(template)), "qualified")
}

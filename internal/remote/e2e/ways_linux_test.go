//go:build cgo

package e2e_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// browserVariable makes this test binary be a browser: a program that gets an address.
const browserVariable = "CNIE_TEST_BROWSER_ROOTS"

func TestMain(m *testing.M) {
	if roots := os.Getenv(browserVariable); roots != "" && len(os.Args) == 2 {
		if err := beBrowser(roots, os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// beBrowser opens a page and looks at it again until it leads somewhere else, with
// cookies and redirects as browsers have them.
func beBrowser(rootsFile, page string) error {
	text, err := os.ReadFile(rootsFile)
	if err != nil {
		return err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	browser := &http.Client{Jar: jar, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: poolOf(text)}}}
	for range 300 {
		response, err := browser.Get(page)
		if err != nil {
			return err
		}
		if err := response.Body.Close(); err != nil {
			return err
		}
		if response.Request.URL.Hostname() == "127.0.0.1" {
			return nil
		}
		page = response.Request.URL.String()
		time.Sleep(50 * time.Millisecond)
	}
	return errors.New("the page leads nowhere")
}

// reachesLevels: what is beyond the signature itself is done outside, as with a card.
func (w *town) reachesLevels(t *testing.T) {
	issuing, err := os.ReadFile(w.path("ca/issuing.crt"))
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(w.path("roots"), 0o700))
	w.write("roots/issuing.crt", string(issuing))
	content, err := os.ReadFile(plainFile)
	require.NoError(t, err)
	w.write("archive.pdf", string(content))
	w.write("archive.txt", "to be kept")
	code, said := w.sign("archive.pdf", "archive.txt", "--level", "B-LTA", "--tsa", w.published+"/tsa", "--trust", "roots", "--ocsp", w.published+"/ocsp")
	require.Zero(t, code, said)
	for _, out := range []string{"archive.signed.pdf", "archive.txt.p7s"} {
		assert.Contains(t, said, "Signed "+out+", B-LTA, ")
		assert.Contains(t, w.must("cnie", "validate", out, "--trust", "roots"), "TOTAL-PASSED")
	}
	w.write("both.txt", "in a container")
	code, said = w.sign("both.txt", "archive.txt", "--format", "asice", "-o", "both.asice")
	require.Zero(t, code, said)
	code, said = w.sign("both.txt", "--format", "jades")
	require.Zero(t, code, said)
	for _, out := range []string{"both.asice", "both.txt.jws"} {
		assert.Contains(t, w.must("cnie", "validate", out, "--trust", "roots", "--ocsp", w.published+"/ocsp", "--online"), "TOTAL-PASSED")
	}
}

// showsDocuments: a program that may not have hashes signed sends documents, if that is
// what somebody wants; the holder sees them.
func (w *town) showsDocuments(t *testing.T) {
	office := []string{"--client", "office", "--client-secret", "office.secret"}
	content, err := os.ReadFile(plainFile)
	require.NoError(t, err)
	w.write("shown.pdf", string(content))
	w.write("shown.txt", "the whole text")
	asked, _, _ := w.citizen.counts()
	code, said := w.signAs(office, "shown.pdf", "shown.txt")
	assert.Equal(t, 77, code, said)
	assert.Contains(t, said, "give --send-documents to send them to localhost:")
	code, said = w.signAs(office, "shown.txt", "--send-documents", "--format", "jades")
	assert.Equal(t, 69, code, said)
	now, _, _ := w.citizen.counts()
	assert.Equal(t, asked, now, "nobody was asked for nothing")

	code, said = w.signAs(office, "shown.pdf", "shown.txt", "--send-documents", "--tsa", w.published+"/tsa")
	require.Zero(t, code, said)
	assert.Contains(t, said, "Signed shown.signed.pdf, B-T, ")
	assert.Contains(t, w.citizen.shown(), "shown.pdf · "+fmt.Sprint(len(content))+" bytes · signature in the file (PAdES)")
	now, _, _ = w.citizen.counts()
	assert.Equal(t, asked+1, now)
	w.believed(t, "shown.txt")
	assert.Contains(t, judged(t, "pdfsig", "-nocert", w.path("shown.signed.pdf")), "Signature is Valid")
}

// browses: a program without a secret gets in, and its permission to sign, with its
// holder's word at the agent and a browser that comes back.
func (w *town) browses(t *testing.T) {
	t.Setenv(browserVariable, w.path("service/server.crt"))
	asked, _, pins := w.citizen.counts()
	w.write("visit.txt", "a visit")
	code, said := w.signAs([]string{"--client", "visitor", "--browser", os.Args[0]}, "visit.txt")
	require.Zero(t, code, said)
	assert.Contains(t, w.citizen.shown(), "A program asks to see your certificate.")
	w.believed(t, "visit.txt")
	again, _, typed := w.citizen.counts()
	assert.Equal(t, []int{asked + 2, pins + 1}, []int{again, typed}, "to be seen, and to sign")

	w.citizen.answers(false)
	defer w.citizen.answers(true)
	w.write("visit2.txt", "a visit")
	code, said = w.signAs([]string{"--client", "visitor", "--browser", os.Args[0]}, "visit2.txt")
	assert.Equal(t, 10, code, said)
	code, said = w.signAs([]string{"--client", "visitor"}, "visit2.txt")
	assert.Equal(t, 64, code, said)
	assert.Contains(t, said, "nobody is at a terminal; give --browser PROGRAM")
}

// notLetIn: each has its own answer, and none asks the holder anything.
func (w *town) notLetIn(t *testing.T) {
	asked, _, _ := w.citizen.counts()
	w.write("wrong.secret", "guess")
	w.write("x.txt", "x")
	for name, c := range map[string]struct {
		access []string
		args   []string
		code   int
		want   string
	}{
		"a wrong secret":      {[]string{"--client", "program", "--client-secret", "wrong.secret"}, nil, 77, "check --client and --client-secret"},
		"an unknown program":  {[]string{"--client", "nobody", "--client-secret", "wrong.secret"}, nil, 77, "check --client and --client-secret"},
		"no roots":            {w.access(), []string{"--service-roots", ""}, 69, "check the address, the network, and --service-roots"},
		"another's key":       {w.access(), []string{"--key", "remote:" + w.doors[0].url() + "/csc/v2/aaaaaaaaaaaaaaaaaaaaaaaa"}, 69, "Invalid parameter credentialID"},
		"nobody there":        {w.access(), []string{"--key", "remote:" + named(free(t)) + "/x"}, 69, "the service does not answer"},
		"the agents' address": {w.access(), []string{"--key", "remote:" + w.doors[1].url() + "/x"}, 69, "the service does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			code, said := w.signAs(c.access, append([]string{"x.txt"}, c.args...)...)
			assert.Equal(t, c.code, code, said)
			assert.Contains(t, said, c.want)
			assert.NoFileExists(t, w.path("x.txt.p7s"))
		})
	}
	now, _, _ := w.citizen.counts()
	assert.Equal(t, asked, now)
}

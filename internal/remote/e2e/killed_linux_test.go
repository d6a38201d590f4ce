//go:build cgo

package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const plainFile = "../../../pki/adsig/pades/testdata/cairo.pdf"

// The programs as they are installed: a document goes out from `cnie sign`, through
// either of two replicas, to an agent on a terminal and a card in a reader, and what
// comes back is believed by judges that nobody here wrote. Then everything in between
// is killed, at each moment at which it matters.
func TestPrograms(t *testing.T) {
	w := newTown(t)
	t.Run("a PDF file", w.signsPDF)
	t.Run("a batch", w.signsBatch)
	t.Run("keys", w.listsKeys)
	t.Run("the holder refuses", w.refuses)
	t.Run("levels", w.reachesLevels)
	t.Run("documents", w.showsDocuments)
	t.Run("in a browser", w.browses)
	t.Run("not let in", w.notLetIn)
	for _, c := range []struct {
		victim string
		at     moment
		codes  []int // of `cnie sign`
	}{
		{"first replica", atQuestion, []int{0}}, {"first replica", atPIN, []int{0}}, {"first replica", afterPIN, []int{0}},
		{"second replica", atQuestion, []int{0}}, {"second replica", atPIN, []int{0}}, {"second replica", afterPIN, []int{0}},
		{"database", atQuestion, []int{0}}, {"database", atPIN, []int{0}}, {"database", afterPIN, []int{0}},
		{"agent", atQuestion, []int{0}}, {"agent", atPIN, []int{75}}, {"agent", afterPIN, []int{0, 75}},
	} {
		t.Run(c.victim+" killed when "+string(c.at), func(t *testing.T) { w.killed(t, c.victim, c.at, c.codes) })
	}
	w.citizen.leave(syscall.SIGTERM)
}

// signsPDF has poppler and openssl judge.
func (w *town) signsPDF(t *testing.T) {
	content, err := os.ReadFile(plainFile)
	require.NoError(t, err)
	w.write("lease.pdf", string(content))
	code, said := w.sign("lease.pdf", "--purpose", "a lease")
	require.Zero(t, code, "%s %s", said, w.citizen.shown())
	assert.Contains(t, said, "Signed lease.signed.pdf, B-B, with the certificate of SPECIMEN AMINA")
	assert.Contains(t, w.citizen.shown(), "a lease")
	signed := w.path("lease.signed.pdf")
	seen := judged(t, "pdfsig", "-nocert", signed)
	assert.Contains(t, seen, "Signature is Valid")
	assert.Contains(t, seen, "Total document signed")

	whole, err := os.ReadFile(signed)
	require.NoError(t, err)
	found := regexp.MustCompile(`/ByteRange\s*\[\s*(\d+) (\d+) (\d+) (\d+)\s*\]`).FindSubmatch(whole)
	require.NotNil(t, found)
	var at [4]int
	for i := range at {
		at[i], err = strconv.Atoi(string(found[i+1]))
		require.NoError(t, err)
	}
	covered := append(append([]byte{}, whole[:at[1]]...), whole[at[2]:at[2]+at[3]]...)
	message := make([]byte, 0, at[2]-at[1])
	_, err = fmt.Sscanf(strings.Trim(string(whole[at[1]:at[2]]), "<>"), "%x", &message)
	require.NoError(t, err)
	judged(t, "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", w.write("lease.p7s", string(message)),
		"-content", w.write("covered", string(covered)), "-CAfile", w.path("ca/root.crt"), "-purpose", "any", "-out", os.DevNull)
}

// signsBatch: one question and one PIN for three documents.
func (w *town) signsBatch(t *testing.T) {
	asked, _, pins := w.citizen.counts()
	made, given := w.onCard()
	for _, name := range []string{"a.txt", "b.txt", "c.txt"} {
		w.write(name, name)
	}
	code, said := w.sign("a.txt", "b.txt", "c.txt")
	require.Zero(t, code, said)
	again, _, typed := w.citizen.counts()
	assert.Equal(t, asked+1, again)
	assert.Equal(t, pins+1, typed)
	nowMade, nowGiven := w.onCard()
	assert.Equal(t, made+3, nowMade)
	assert.Equal(t, given+3, nowGiven, "the card wants the PIN before each signature")
	for _, name := range []string{"a.txt", "b.txt", "c.txt"} {
		w.believed(t, name)
	}
	code, said = w.sign("a.txt", "b.txt", "c.txt")
	require.Zero(t, code, said)
	assert.Equal(t, 3, strings.Count(said, "Was signed before"))
	again, _, _ = w.citizen.counts()
	assert.Equal(t, asked+1, again)
}

func (w *town) believed(t *testing.T, name string) {
	t.Helper()
	judged(t, "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", w.path(name+".p7s"), "-content", w.path(name),
		"-CAfile", w.path("ca/root.crt"), "-purpose", "any", "-out", os.DevNull)
}

func (w *town) listsKeys(t *testing.T) {
	said := w.must("cnie", append([]string{"keys", "--key", "remote:" + w.doors[0].url(), "--service-roots", "service/server.crt"}, w.access()...)...)
	assert.Contains(t, said, w.credential)
	assert.Contains(t, said, "SPECIMEN AMINA")
}

// refuses: a no is an answer, and costs no PIN.
func (w *town) refuses(t *testing.T) {
	made, given := w.onCard()
	w.citizen.answers(false)
	defer w.citizen.answers(true)
	w.write("no.txt", "no")
	code, said := w.sign("no.txt")
	assert.Equal(t, 10, code, said)
	assert.Contains(t, said, "the holder refused; nothing was signed")
	assert.NoFileExists(t, w.path("no.txt.p7s"))
	nowMade, nowGiven := w.onCard()
	assert.Equal(t, []int{made, given}, []int{nowMade, nowGiven})
}

// killed kills something in the middle of a request. There is an answer; what was
// answered with a signature was signed once, anything else at most once, and never
// without the PIN having been typed for it, after somebody had agreed.
func (w *town) killed(t *testing.T, victim string, at moment, codes []int) {
	made, given := w.onCard()
	_, agreed, typed := w.citizen.counts()
	name := strings.ReplaceAll(filepath.Base(t.Name()), " ", "-") + ".txt"
	w.write(name, name)
	up := make(chan struct{})
	w.citizen.when(at, func() {
		if at == atQuestion {
			time.Sleep(holding) // until the program holds the handle of its request
		}
		w.strike(victim)
		go func() { w.restore(victim); close(up) }()
	})
	began := time.Now()
	code, said := w.sign(name)
	<-up
	t.Logf("exit code %d after %v", code, time.Since(began).Round(10*time.Millisecond))
	assert.Contains(t, codes, code, "%s\n%s", said, w.citizen.shown())
	nowMade, nowGiven := w.onCard()
	_, nowAgreed, nowTyped := w.citizen.counts()
	if code == 0 {
		assert.Equal(t, made+1, nowMade, "signed once")
		w.believed(t, name)
	} else {
		assert.LessOrEqual(t, nowMade, made+1, "signed at most once")
		assert.NoFileExists(t, w.path(name+".p7s"))
	}
	assert.LessOrEqual(t, nowGiven-given, nowTyped-typed, "the card got a PIN that nobody typed")
	assert.LessOrEqual(t, nowTyped-typed, nowAgreed-agreed, "a PIN was typed that nobody agreed to")
	assert.LessOrEqual(t, nowAgreed-agreed, 1, "the holder had to agree twice")
}

// holding is a little longer than the service takes to answer a request for consent.
const holding = 2500 * time.Millisecond

func (w *town) strike(victim string) {
	switch victim {
	case "first replica":
		w.replicas[0].kill(syscall.SIGKILL)
	case "second replica":
		w.replicas[1].kill(syscall.SIGKILL)
	case "database":
		w.database.Kill()
	case "agent":
		w.citizen.leave(syscall.SIGKILL)
	}
}

func (w *town) restore(victim string) {
	switch victim {
	case "first replica":
		w.replica(0)
	case "second replica":
		w.replica(1)
	case "database":
		time.Sleep(300 * time.Millisecond)
		w.database.Up()
	case "agent":
		w.agent()
	}
}

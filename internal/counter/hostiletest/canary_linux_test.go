//go:build cgo

package hostiletest

import (
	"bytes"
	"flag"
	"fmt"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/simulator/persona"
)

var canaryReads = flag.Int("canary-reads", 25, "how often the canary's card is read")

// forgotten is how long the program may take to forget a visit that was closed.
const forgotten = 20 * time.Second

// canaries are the data of the card in testdata/canary.yaml, in all encodings.
func canaries(t *testing.T, card *persona.Card) *search {
	t.Helper()
	var s search
	for name, datum := range map[string]string{
		"surname": "QUOLZANBERK", "first name": "WYXTRAFEQ", "second name": "JULVOMIK", "Arabic surname": "قظلزنبرك", "Arabic name": "ويخطرفق", "birth place": "XOQWALTIZ",
		"Arabic birth place": "ظشغطبل", "street": "VYKZOMBRIL", "town": "TAXQUEFLON", "CIN": "ZZ0738251", "document number": "ZZZ86Q3X7", "CAN": card.CAN,
	} {
		s.text(name, datum)
	}
	for i, line := range card.MRZLines {
		s.text(fmt.Sprintf("line %d of the MRZ", i+1), strings.TrimRight(line, "<"))
	}
	key := card.MRZ.Seed()
	s.add(needle{"MRZ key", key, false})
	s.raw("MRZ key", key)
	picture := portrait(t, card)
	for i := 1; i < 8; i++ {
		run := picture[i*len(picture)/8:][:24]
		s.add(needle{fmt.Sprintf("photo, piece %d", i), run, false})
		s.raw(fmt.Sprintf("photo, piece %d", i), run)
	}
	return &s
}

// portrait is the JPEG on the card.
func portrait(t *testing.T, card *persona.Card) []byte {
	t.Helper()
	group := card.Files[lds.DG2]
	begin := bytes.Index(group, []byte{0xff, 0xd8, 0xff})
	require.Positive(t, begin)
	return group[begin:]
}

// dump looks through all memory of the counter that is in use: every page that is
// there, as a core dump would hold it.
func (w *world) dump(s *search, name string) (found []find) {
	w.Helper()
	process := fmt.Sprintf("/proc/%d/", w.counter.Process.Pid)
	require.NoError(w, w.counter.Process.Signal(syscall.SIGSTOP))
	defer func() { assert.NoError(w, w.counter.Process.Signal(syscall.SIGCONT)) }()
	regions, err := os.ReadFile(process + "maps")
	require.NoError(w, err)
	memory, err := os.Open(process + "mem")
	require.NoError(w, err)
	defer memory.Close()
	pages, err := os.Open(process + "pagemap")
	require.NoError(w, err)
	defer pages.Close()
	looked := 0
	for line := range strings.Lines(string(regions)) {
		if strings.Contains(line, "[v") { // the kernel's own
			continue
		}
		var from, to int64
		var rights string
		_, err := fmt.Sscanf(line, "%x-%x %s", &from, &to, &rights)
		require.NoError(w, err, line)
		if rights[0] == 'r' {
			looked += w.region(s, memory, pages, from, to, &found)
		}
	}
	w.Logf("%s: %d MB of memory, %d finds", name, looked>>20, len(found))
	return found
}

// region looks through the pages of a region that are there, in runs.
func (w *world) region(s *search, memory, pages *os.File, from, to int64, found *[]find) (looked int) {
	w.Helper()
	size := int64(os.Getpagesize())
	entries := make([]byte, (to-from)/size*8)
	_, err := pages.ReadAt(entries, from/size*8)
	require.NoError(w, err)
	there := func(i int64) bool { return i < (to-from)/size && entries[8*i+7]&0xC0 != 0 } // present, or swapped
	for i := int64(0); i < (to-from)/size; i++ {
		begin := i
		for there(i) {
			i++
		}
		if i == begin {
			continue
		}
		content := make([]byte, (i-begin)*size)
		n, err := memory.ReadAt(content, from+begin*size)
		require.NoError(w, err)
		looked += n
		*found = append(*found, s.in(fmt.Sprintf("memory at %#x", from+begin*size), content)...)
	}
	return looked
}

// One person's card is read many times, on screens of a real browser. Then there is
// nothing of that person anywhere.
func TestCanary(t *testing.T) {
	w := newWorld(t)
	s := canaries(t, w.card)
	browser := w.browse()
	w.window(browser, w.invite("Clerk"), chromedp.WaitVisible(`[data-testid="purpose-account"]`))
	w.window(browser, w.invite("Citizen"), chromedp.WaitVisible(`[data-testid="moment"]`))
	clerk := w.pair(w.invite("Clerk"), "")
	citizen := w.citizen(clerk)
	require.NoError(t, os.Mkdir(w.path("print"), 0o700))
	for i := range *canaryReads {
		id := clerk.begin(citizen, w.card.CAN)
		page := clerk.agree(citizen, id)
		assert.Contains(t, page, "QUOLZANBERK")
		if i == 0 {
			assert.NotEmpty(t, w.dump(s, "during"), "the data of the card on the screen are not found in memory: the search does not work")
		}
		clerk.press("match", url.Values{"match": {"match"}, "transaction": {id}, "person": {"holder"}})
		clerk.waitFor(`data-testid="close"`)
		if i%10 == 0 { // a slip of both sizes, as a printer's spool would have it
			for _, paper := range []string{"58mm", "a4"} {
				require.NoError(t, os.WriteFile(w.path("print", fmt.Sprintf("%d-%s.html", i, paper)), []byte(clerk.get("slip?paper="+paper)), 0o600))
			}
		}
		clerk.press("close", url.Values{"transaction": {id}})
		clerk.waitFor(`data-state="idle"`)
	}
	var left []find
	for began := time.Now(); ; {
		if left = w.dump(s, "after"); len(left) == 0 || time.Since(began) > forgotten {
			break
		}
		time.Sleep(time.Second)
	}
	report(t, left)
	alive, _ := s.files(t, w.path("config")) // with the write-ahead log of the ledger
	report(t, alive)
	require.NoError(t, chromedp.Cancel(browser))
	w.stop()
	found, looked := s.files(t, w.dir)
	report(t, found)
	t.Logf("canary reads: %d; %d needles, none in %d kB of files and in the program's memory", *canaryReads, s.count, looked>>10)
}

func report(t *testing.T, found []find) {
	t.Helper()
	for i, f := range found {
		if i == 40 {
			t.Errorf("and %d more", len(found)-i)
			return
		}
		t.Error(f)
	}
}

package interop

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/simulator"
)

// mrtdreader of libmrtd, as Debian built it, over Basic Access Control. It wants
// an NFC device; what it calls of libnfc is ours, over PC/SC. It reads
// DG2 to the end and then looks for the kind of image at byte 73, which is right
// with some of the optional objects before it and not with ours.
func TestMrtdreaderReadsOurCards(t *testing.T) {
	b := newBench(t)
	library := filepath.Join(b.dir, "nfc.so")
	source, err := filepath.Abs("testdata/mrtdreader/nfc.c")
	require.NoError(t, err)
	b.run("gcc", append([]string{"-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-o", library, source}, b.winscard()...)...)
	b.env = append(b.env, "LD_PRELOAD="+library, "CARD_READER="+b.reader())
	for _, name := range []string{"bac-only", "passport-bac"} {
		t.Run(name, func(t *testing.T) {
			b := b.in(t)
			_, card := citizen(t, name)
			defer b.lay(simulator.New(card))()
			out := b.run("mrtdreader", "-p", card.MRZ.DocumentNumber, "-b", card.MRZ.BirthDate, "-e", card.MRZ.ExpiryDate)
			assert.Contains(t, out, "Challenge successful!")
			for _, line := range card.MRZLines {
				assert.Contains(t, out, line)
			}
			for _, f := range []lds.File{lds.COM, lds.SOD} {
				assert.Contains(t, out, fmt.Sprintf("File content: %x\n", card.Files[f]), "%v", f)
			}
			assert.Contains(t, out, "Getting EF.DG2 which contains the image... done")
		})
	}
}

//go:build cgo

package browsertest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Ways in which a card can lie, and what the screens make of each. The photo of
// a card that is not accepted is on no frame that is painted.
func TestAttacks(t *testing.T) {
	for _, row := range []struct{ name, card, verdict, failed string }{ // NAME > FAULT: from when the holder was asked
		{"clone", "MARKER,clone", "refused", "chip.authentication"},
		{"hidden key", "MARKER,hide=dg14", "refused", "integrity.presence"},
		{"photo retouched", "MARKER,photo-retouched", "refused", "integrity.dg2"},
		{"photo replaced", "MARKER,photo-swapped=ancien", "refused", "integrity.dg2"},
		{"other SOD", "MARKER,sod-swapped=ancien", "refused", "chip.authentication"},
		{"self-signed", "MARKER,self-signed-signer", "refused", "issuer.path"},
		{"unknown State", "MARKER,unknown-authority", "inconclusive", ""},
		{"revoked signer", "MARKER,revoked-signer", "refused", "revocation.crl"},
		{"expired signer", "MARKER,expired-signer-undated", "inconclusive", ""},
		{"no PACE", "passport-bac,bac-instead", "refused", "access.protocol"},
		{"weaker PACE", "MARKER,card-access-weaker", "refused", "access.downgrade"},
		{"DG1 altered", "MARKER,name-edited", "refused", "integrity.dg1"},
		{"broken channel", "MARKER > sm-flip-data", "refused", "access.channel"},
		{"JPEG bomb", "MARKER,photo-bomb", "accepted", ""},
		{"JPEG 2000 bomb", "MARKER,photo-bomb-2000", "accepted", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRoom(t, 1, "fr")
			clerk, citizen := r.clerk.watch(), r.citizen.watch()
			r.start("account")
			card, later, _ := strings.Cut(strings.Replace(row.card, "MARKER", world.marker, 1), " > ")
			r.hand("insert", card)
			r.clerk.password(can)
			r.clerk.state("asking", "deciding", "done", "failed")
			if r.clerk.text(there("state")+".dataset.state") == "asking" {
				if later != "" {
					r.hand("fault", later)
				}
				r.citizen.click("agree")
			}
			r.clerk.until(there("verdict"))
			r.clerk.shot("verdict")
			assert.Equal(t, row.verdict, r.clerk.text(there("verdict")+".dataset.verdict"))
			failed := r.clerk.text(`[...document.querySelectorAll("[data-outcome=failed]")].map((e) => e.dataset.check).join(" ")`)
			if row.failed != "" {
				assert.Contains(t, strings.Fields(failed), row.failed)
			} else {
				assert.Empty(t, failed)
			}
			assert.Equal(t, "0", r.clerk.text(`document.images.length`), "a photo is on the page")
			if row.verdict == "accepted" {
				assert.Equal(t, "photo.unreadable", r.clerk.text(there("no-photo")+"?.dataset.key"))
			} else {
				assert.NotRegexp(t, `MARKER|ZZ080482|ZZZNPKLQA`, r.clerk.text("document.documentElement.outerHTML"))
			}
			assert.Zero(t, clerk.seen()+citizen.seen(), "pixels of the photo")
		})
	}
}

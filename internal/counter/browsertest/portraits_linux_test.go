//go:build cgo

package browsertest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A portrait in JPEG 2000, which no browser shows, is turned by a child of the
// program into one that is on the screen.
func TestPortraitInJPEG2000(t *testing.T) {
	r := newRoom(t, 1, "fr")
	r.accept("account", "jpeg2000")
	r.clerk.until(there("photo") + "?.querySelector('img').naturalWidth > 100")
	r.clerk.shot("jpeg2000")
	assert.Equal(t, "accepted", r.clerk.text(there("verdict")+".dataset.verdict"))
}

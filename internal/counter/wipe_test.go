package counter

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"cnie/internal/photo"
	"cnie/lds"
	"cnie/pki"
)

// What was read of the holder is overwritten, and what is of the card stays.
func TestForgetFiles(t *testing.T) {
	e := &pki.Evidence{Files: map[lds.File][]byte{lds.DG1: {1, 2}, lds.DG2: {3}, lds.SOD: {4}}}
	forgetFiles(e)
	assert.Equal(t, map[lds.File][]byte{lds.DG1: {0, 0}, lds.DG2: {0}, lds.SOD: {4}}, e.Files)
	forgetFiles(nil)
}

// A wiped photo is gone from the bytes that were shown, not only from the snapshot.
func TestPhotoWipe(t *testing.T) {
	data := []byte{1, 2, 3}
	p := &Photo{picture: photo.Picture{Data: data}}
	p.wipe()
	assert.Equal(t, []byte{0, 0, 0}, data)
	assert.False(t, p.Show(nil))
	assert.False(t, (*Photo)(nil).Show(nil))
}

func TestMessagesDiffer(t *testing.T) {
	assert.Len(t, Messages(), len(unique(Messages())))
}

func unique(keys []string) map[string]bool {
	set := map[string]bool{}
	for _, key := range keys {
		set[key] = true
	}
	return set
}

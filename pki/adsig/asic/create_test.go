package asic_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"cnie/pki/adsig"
	"cnie/pki/adsig/asic"
	"cnie/pki/adsig/cades"

	"github.com/stretchr/testify/assert"
)

// TestLower: the container is whole, at the level that was reached.
func TestLower(t *testing.T) {
	d := newDesk(t)
	for level, reached := range map[cades.Level]cades.Level{cades.BT: cades.BB, cades.BLT: cades.BT, cades.BLTA: cades.BLT} {
		a := d.augmenter()
		switch level {
		case cades.BT:
			a = nil
		case cades.BLT:
			a.Anchors = nil
		case cades.BLTA:
			calls := 0
			a.Stamp = func(ctx ctx, request []byte) ([]byte, error) {
				if calls++; calls > 1 {
					return nil, errors.New("out of order")
				}
				return d.Stamp(ctx, request)
			}
		}
		var b bytes.Buffer
		err := asic.Create(t.Context(), &b, documents(files), d.hand(), level, a)
		assert.ErrorIs(t, err, cades.ErrLevel, level)
		assertPassed(t, one(t, b.Bytes(), d.lists()), reached)
	}
}

func TestCreateRefuses(t *testing.T) {
	d := newDesk(t)
	for _, name := range []string{"", ".", "/etc/passwd", "../up", "a/../b", "a\\b", "c:x", "META-INF/x", "mimetype", "a\nb", "tu\u202Ern", "dir/", "a*"} {
		err := asic.Create(t.Context(), io.Discard, documents([]file{{name, "x"}}), d.hand(), cades.BB, nil)
		assert.ErrorIs(t, err, asic.ErrMalformed, name)
	}
	err := asic.Create(t.Context(), io.Discard, documents([]file{{"a", "x"}, {"a", "y"}}), d.hand(), cades.BB, nil)
	assert.ErrorIs(t, err, asic.ErrMalformed)
	err = asic.Create(t.Context(), io.Discard, documents([]file{{"a", "x"}, {"A", "y"}}), d.hand(), cades.BB, nil)
	assert.ErrorIs(t, err, asic.ErrMalformed, "what we would not read")
	n := 0
	moving := asic.Document{Name: "a", Open: func() (io.ReadCloser, error) {
		n++
		return io.NopCloser(bytes.NewReader([]byte{byte(n)})), nil
	}}
	assert.ErrorIs(t, asic.Create(t.Context(), io.Discard, []asic.Document{moving}, d.hand(), cades.BB, nil), asic.ErrChanged)
	_, err = asic.Validate(bytes.NewReader(nil), 0, adsig.Policy{})
	assert.ErrorIs(t, err, adsig.ErrPolicy)
}

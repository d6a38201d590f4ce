package cades_test

import (
	"bytes"
	"testing"

	"cnie/pki/adsig/cades"

	"github.com/smallstep/pkcs7"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSmallstep has a Go library verify the kinds of signature that it knows,
// and refuse them over other content.
func TestSmallstep(t *testing.T) {
	for _, k := range kinds(t) {
		if k.pss || k.name[:1] == "b" {
			continue // it reads neither RSA-PSS nor brainpool
		}
		t.Run(k.name, func(t *testing.T) {
			d := newDesk(t, k)
			theirs, err := pkcs7.Parse(d.detached(t))
			require.NoError(t, err)
			theirs.Content = content
			assert.NoError(t, theirs.Verify())
			theirs.Content = append([]byte{1}, content...)
			assert.Error(t, theirs.Verify())
			var attached bytes.Buffer
			require.NoError(t, d.Envelop(t.Context(), &attached, bytes.NewReader(content), cades.BT, d.augmenter()))
			theirs, err = pkcs7.Parse(attached.Bytes())
			require.NoError(t, err)
			assert.Equal(t, content, theirs.Content)
			assert.NoError(t, theirs.Verify())
		})
	}
}

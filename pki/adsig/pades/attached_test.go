package pades_test

import (
	"bytes"
	"testing"

	"cnie/pki/adsig"
	"cnie/pki/adsig/cades"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A message that has its content with it is right for that content, wherever it is
// put. In a document it would be the signature of anything at all.
func TestMessageWithContentOfItsOwn(t *testing.T) {
	d := newDesk(t)
	s := d.newSigner()
	var letter bytes.Buffer // which the signer has signed, and given away
	require.NoError(t, s.Signer.Envelop(t.Context(), &letter, bytes.NewReader([]byte("I agree to nothing.")), cades.BB, nil))
	contract := page()
	s.Room = 2*letter.Len() + 4096
	draft, err := s.Prepare(bytes.NewReader(contract), int64(len(contract)), cades.BB)
	require.NoError(t, err)
	var forged bytes.Buffer
	require.NoError(t, draft.Finish(&forged, letter.Bytes()))

	report := d.only(forged.Bytes(), d.policy())
	indication, sub := report.Indication()
	assert.Equal(t, adsig.TotalFailed, indication, "%+v", report.Checks)
	assert.Equal(t, adsig.FormatFailure, sub)
	check, _ := report.Find(adsig.CheckFormat)
	assert.Contains(t, check.Reason, "content of its own")
}

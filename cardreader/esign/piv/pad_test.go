package piv_test

import (
	"bytes"
	"context"
	"crypto"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/esign"
	"cnie/cardreader/esign/piv"
	"cnie/internal/secret"
)

// keypad is a reader with keys at which somebody types. It puts what is typed into
// the command as PC/SC part 10 has it, and sends that to the card.
type keypad struct {
	*desk
	absent  bool
	typed   string
	failure error
	entries []cardreader.PINEntry
}

func (k *keypad) HasPINPad(ctx context.Context) (bool, error) { return !k.absent, ctx.Err() }

func (k *keypad) VerifyPIN(ctx context.Context, e cardreader.PINEntry) (apdu.Status, error) {
	k.entries = append(k.entries, e)
	if k.failure != nil {
		return 0, k.failure
	}
	command := bytes.Clone(e.Command)
	copy(command[5:], k.typed)
	answer, err := k.held.TransmitRaw(ctx, command)
	if err != nil {
		return 0, err
	}
	return apdu.Status(binary.BigEndian.Uint16(answer)), nil
}

// told answers as the person does who was asked to type on the reader.
type told []esign.Ask

func (a *told) ask(_ context.Context, ask esign.Ask) (secret.Bytes, error) {
	*a = append(*a, ask)
	return secret.Bytes{}, nil
}

func TestPad(t *testing.T) {
	d := newDesk(t, specimen(t, curves))
	k, asked := &keypad{desk: d, typed: pin}, new(told)
	key := d.key("9C", esign.Options{Ask: asked.ask, Pad: k})
	batch := key.Session(t.Context(), 2, "two documents")
	for range 2 {
		_, err := batch.Sign(nil, digest[:], crypto.SHA256)
		require.NoError(t, err)
	}
	require.Len(t, *asked, 2, "each signature is typed for; nothing is kept")
	assert.True(t, (*asked)[0].Pad)
	assert.Contains(t, (*asked)[0].String(), "type it on the reader")
	assert.Equal(t, cardreader.PINEntry{Command: append([]byte{0, 0x20, 0, 0x80, 8}, bytes.Repeat([]byte{0xFF}, 8)...), Min: 6, Max: 8}, k.entries[0], "the field is empty: the PIN is not here")
}

// A wrong PIN costs a try, and it is told; what the reader itself refuses costs none.
func TestPadRefusals(t *testing.T) {
	d := newDesk(t, specimen(t, curves))
	k, asked := &keypad{desk: d, typed: "654321"}, new(told)
	key := d.key("9C", esign.Options{Ask: asked.ask, Pad: k})
	before := d.app.Contents().PIN.Left
	_, err := key.Sign(nil, digest[:], crypto.SHA256)
	var refusal *esign.PINError
	require.ErrorAs(t, err, &refusal)
	assert.Equal(t, before-1, refusal.Left)
	for _, failure := range []error{cardreader.ErrPINTimeout, cardreader.ErrPINCancelled, cardreader.ErrPINMismatch, cardreader.ErrPINLength} {
		k.failure = failure
		_, err := key.Sign(nil, digest[:], crypto.SHA256)
		assert.ErrorIs(t, err, failure)
	}
	assert.Equal(t, before-1, d.app.Contents().PIN.Left)
	k.failure, k.typed = nil, pin
	_, err = key.Sign(nil, digest[:], crypto.SHA256)
	assert.NoError(t, err)
}

// Whoever wants the PIN typed on the reader is never asked for it here instead.
func TestPadThatIsAbsent(t *testing.T) {
	d := newDesk(t, specimen(t, curves))
	_, err := piv.Open(t.Context(), d.channel(), esign.Options{Ask: typed, Pad: &keypad{desk: d, absent: true}})
	assert.ErrorIs(t, err, cardreader.ErrNoPINPad)
}

//go:build cgo

package esigntest_test

import (
	"crypto"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
	"cnie/cardreader/esign"
	"cnie/cardreader/esign/yubikey"
	"cnie/cardreader/pcsc"
	"cnie/internal/pcscd"
	"cnie/simulator"
	pretend "cnie/simulator/piv"
)

// tellsMore: of a token's keys the policies are known, and those that have no
// certificate.
func tellsMore(t *testing.T, daemon *pcscd.Daemon) {
	c := inReader(t, daemon, mixed, func(contents *pretend.Contents) {
		delete(contents.Objects, pretend.Signature.Certificate())
		key := contents.Keys[pretend.CardAuthentication]
		key.PINPolicy, key.TouchPolicy = 3, 2
		contents.Keys[pretend.CardAuthentication] = key
		delete(contents.Keys, pretend.KeyManagement) // a certificate that lost its key
	}, pretend.WithYubico())
	token, err := yubikey.Open(t.Context(), pcsc.New(), c.reader, esign.Options{Ask: typed})
	require.NoError(t, err)
	defer func() { assert.NoError(t, token.Close()) }()
	keys, err := token.Keys(t.Context())
	require.NoError(t, err)
	all := map[string]*esign.Key{}
	for _, key := range keys {
		all[key.Description().Slot] = key
		assert.Equal(t, "99000001", key.Description().Token)
	}
	require.Len(t, all, 4)
	assert.Nil(t, all["9C"].Certificate())
	assert.Equal(t, "P-256", all["9C"].Algorithm())
	assert.Equal(t, "9C", all["9C"].Description().Name())
	assert.True(t, all["9E"].Description().AlwaysPIN)
	assert.True(t, all["9E"].Description().Touch)
	assert.False(t, all["9A"].Description().Touch)
	for _, slot := range []string{"9C", "9E", "9A"} {
		_, err := all[slot].Sign(nil, digest[:], crypto.SHA256)
		assert.NoError(t, err, slot)
	}
	_, err = all["9D"].Sign(nil, digest[:], crypto.SHA256)
	assert.Error(t, err)
}

func noYubiKey(t *testing.T, daemon *pcscd.Daemon) {
	c := inReader(t, daemon, mixed, nil)
	_, err := yubikey.Open(t.Context(), pcsc.New(), c.reader, esign.Options{})
	assert.ErrorIs(t, err, yubikey.ErrNotYubiKey)
	held, err := pcsc.New().Connect(t.Context(), c.reader)
	require.NoError(t, err, "what could not be opened is not held")
	_, err = yubikey.Open(t.Context(), pcsc.New(), c.reader, esign.Options{})
	assert.ErrorIs(t, err, cardreader.ErrReaderBusy)
	require.NoError(t, held.Close())
	c.mu.Lock()
	c.chip = simulator.New(document(t)) // a card without the application
	c.mu.Unlock()
	for range 2 {
		_, err = yubikey.Open(t.Context(), pcsc.New(), c.reader, esign.Options{})
		assert.ErrorIs(t, err, yubikey.ErrNotYubiKey)
	}
	_, err = yubikey.Open(t.Context(), pcsc.New(), daemon.Readers[1], esign.Options{})
	assert.ErrorIs(t, err, cardreader.ErrNoCard)
	_, err = yubikey.Open(t.Context(), pcsc.New(), "another", esign.Options{})
	assert.ErrorIs(t, err, cardreader.ErrNoReader)
}

// mustNotSign: OpenSC lets 9D decrypt only, which is no fault of the card.
func mustNotSign(t *testing.T, daemon *pcscd.Daemon) {
	c := inReader(t, daemon, mixed, nil)
	token, err := overOpenSC(t, c.reader, esign.Options{Ask: typed})
	require.NoError(t, err)
	defer func() { assert.NoError(t, token.Close()) }()
	keys, err := token.Keys(t.Context())
	require.NoError(t, err)
	require.Len(t, keys, 4)
	for _, key := range keys {
		_, err := key.Sign(nil, digest[:], crypto.SHA256)
		assert.Equal(t, key.Description().Slot == "03", errors.Is(err, esign.ErrUnsupported), "%s: %v", key.Description().Name(), err)
	}
}

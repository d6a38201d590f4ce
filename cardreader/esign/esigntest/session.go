package esigntest

import (
	"context"
	"crypto"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/esign"
	"cnie/internal/secret"
)

// session signs a batch with one PIN, and no more than the batch.
func session(r run) {
	token, someone := r.token(r.PIN)
	for i, slot := range []string{r.Always, r.Once} {
		batch := r.key(token, slot).Session(r.Context(), 3, "three specimens")
		for left := 2; left >= 0; left-- {
			_, err := batch.Sign(nil, digest(crypto.SHA256), crypto.SHA256)
			require.NoError(r, err)
			assert.Equal(r, left, batch.Left())
		}
		_, err := batch.Sign(nil, digest(crypto.SHA256), crypto.SHA256)
		assert.ErrorIs(r, err, esign.ErrClosed)
		assert.NoError(r, batch.Close())
		assert.LessOrEqual(r, someone.times(), i+1)
	}
	require.NotZero(r, someone.times())
	assert.Equal(r, 3, someone.asked[0].Signatures)
	assert.Equal(r, "three specimens", someone.asked[0].Reason)
	assert.Contains(r, someone.asked[0].String(), "for 3 signatures")
}

// sessionEnds with any error, so that a PIN is not tried twice.
func sessionEnds(r run) {
	token, someone := r.token(r.wrong(), r.PIN)
	key := r.key(token, r.Always)
	batch := key.Session(r.Context(), 3, "")
	_, err := batch.Sign(nil, digest(crypto.SHA256), crypto.SHA256)
	require.ErrorIs(r, err, esign.ErrWrongPIN)
	assert.Zero(r, batch.Left())
	_, err = batch.Sign(nil, digest(crypto.SHA256), crypto.SHA256)
	assert.ErrorIs(r, err, esign.ErrClosed)
	assert.Equal(r, 1, someone.times())

	batch = key.Session(r.Context(), 3, "")
	_, err = batch.Sign(nil, digest(crypto.SHA256), crypto.SHA256)
	require.NoError(r, err)
	require.NoError(r, batch.Close())
	_, err = batch.Sign(nil, digest(crypto.SHA256), crypto.SHA256)
	assert.ErrorIs(r, err, esign.ErrClosed)
}

// verifiesBeforeEach watches the wire: a batch asks a person once, the card each
// time.
func verifiesBeforeEach(r run) {
	var verified, signed atomic.Int32
	var gap atomic.Bool
	var last byte
	r.Wire.Change(func(command []byte, next func([]byte) []byte) []byte {
		switch {
		case verifying(command):
			verified.Add(1)
		case signing(command):
			signed.Add(1)
		}
		if command[1] == insAuthenticate && last != insVerify && last != insAuthenticate {
			gap.Store(true)
		}
		last = command[1]
		return next(command)
	})
	token, someone := r.token(r.PIN)
	batch := r.key(token, r.Always).Session(r.Context(), 4, "")
	before := verified.Load()
	for range 4 {
		_, err := batch.Sign(nil, digest(crypto.SHA256), crypto.SHA256)
		require.NoError(r, err)
	}
	assert.EqualValues(r, 4, signed.Load())
	assert.GreaterOrEqual(r, verified.Load()-before, int32(4))
	assert.False(r, gap.Load(), "a command between the PIN and the signature")
	assert.Equal(r, 1, someone.times())
}

// contexts end waits for a person, for the card and before either.
func contexts(r run) {
	ctx, cancel := context.WithCancel(r.Context())
	var waiting atomic.Bool
	token := r.Open(r, esign.Options{Ask: func(ctx context.Context, _ esign.Ask) (secret.Bytes, error) {
		waiting.Store(true)
		<-ctx.Done()
		return secret.New([]byte(r.PIN)), nil // typed too late
	}})
	key := r.key(token, r.Always)
	time.AfterFunc(20*time.Millisecond, cancel)
	_, err := key.SignContext(ctx, digest(crypto.SHA256), crypto.SHA256)
	require.ErrorIs(r, err, context.Canceled)
	_, err = key.SignContext(ctx, digest(crypto.SHA256), crypto.SHA256)
	require.ErrorIs(r, err, context.Canceled)
	_, err = token.Keys(ctx)
	require.ErrorIs(r, err, context.Canceled)
	assert.True(r, waiting.Load())
	require.NoError(r, token.Close())
	if r.Wire == nil {
		return
	}
	held, let := make(chan struct{}), make(chan struct{})
	ctx, cancel = context.WithCancel(r.Context())
	r.Wire.Change(func(command []byte, next func([]byte) []byte) []byte {
		if signing(command) {
			close(held)
			<-let
		}
		return next(command)
	})
	token, _ = r.token(r.PIN)
	key = r.key(token, r.Always)
	go func() { <-held; cancel() }()
	_, err = key.SignContext(ctx, digest(crypto.SHA256), crypto.SHA256)
	require.ErrorIs(r, err, context.Canceled, "the card is at it for ever")
	r.Wire.Change(nil)
	close(let)
}

// closed tokens sign nothing, and what their PIN opened is shut.
func closed(r run) {
	token, _ := r.token(r.PIN)
	key := r.key(token, r.Once)
	r.good(key)
	require.NoError(r, token.Close())
	require.NoError(r, token.Close())
	r.bad(key, esign.ErrClosed)
	_, err := token.Keys(r.Context())
	assert.ErrorIs(r, err, esign.ErrClosed)

	token, someone := r.token(r.PIN)
	r.good(r.key(token, r.Once))
	assert.Equal(r, 1, someone.times(), "another program would have signed without a PIN")
}

package esigntest

import (
	"context"
	"crypto"
	"errors"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/esign"
	"cnie/internal/secret"
)

func asks(r run) {
	token, someone := r.token(r.PIN)
	if r.Never != "" {
		r.good(r.key(token, r.Never))
		assert.Zero(r, someone.times(), "a key that wants no PIN")
	}
	once := r.key(token, r.Once)
	r.good(once)
	r.good(once)
	require.Equal(r, 1, someone.times(), "a key that wants it once")
	always := r.key(token, r.Always)
	r.good(always)
	r.good(always)
	assert.Equal(r, 3, someone.times(), "a key that wants it each time")
	for _, ask := range someone.asked {
		assert.Equal(r, 1, ask.Signatures)
		assert.Empty(r, ask.Reason)
		assert.Contains(r, ask.String(), "PIN for key "+ask.Key.Slot)
		if r.Left != nil {
			assert.Equal(r, r.told(r.Left()), ask.Left)
			assert.Equal(r, !r.Vague, strings.Contains(ask.String(), "tries are left"))
		}
	}
}

// refused expects a wrong PIN with so many tries left.
func (r run) refused(key *esign.Key, left int) {
	r.Helper()
	var refusal *esign.PINError
	require.ErrorAs(r, r.bad(key, esign.ErrWrongPIN), &refusal)
	if r.Left != nil {
		assert.Equal(r, r.told(left), refusal.Left)
		assert.Equal(r, left, r.Left())
	}
}

func wrongPIN(r run) {
	token, someone := r.token(r.wrong(), r.PIN)
	key := r.key(token, r.Always)
	before := 0
	if r.Left != nil {
		before = r.Left()
	}
	r.refused(key, before-1)
	assert.Equal(r, 1, someone.times(), "a wrong PIN is not tried again")
	r.good(key)
	if r.Left != nil {
		assert.Equal(r, r.told(before-1), someone.asked[1].Left)
		assert.Equal(r, before, r.Left(), "the right PIN brings all tries back")
	}
}

// spend gives wrong PINs until so many tries are left.
func (r run) spend(left int) {
	r.Helper()
	token, someone := r.tokenWith(esign.Options{UseLastTry: true}, r.wrong())
	defer func() { require.NoError(r, token.Close()) }()
	key := r.key(token, r.Always)
	for n := r.Left() - 1; n >= left; n-- {
		r.refused(key, n)
	}
	someone.wiped(r)
}

func lastTry(r run) {
	r.spend(1)
	token, someone := r.token(r.PIN)
	for _, slot := range []string{r.Always, r.Once} {
		r.bad(r.key(token, slot), esign.ErrLastTry)
	}
	batch := r.key(token, r.Always).Session(r.Context(), 2, "two")
	_, err := batch.Sign(nil, digest(crypto.SHA256), crypto.SHA256)
	assert.ErrorIs(r, err, esign.ErrLastTry)
	assert.Zero(r, someone.times(), "nobody is asked for what will not be used")
	assert.Equal(r, 1, r.Left())
	require.NoError(r, token.Close())

	token, someone = r.tokenWith(esign.Options{UseLastTry: true}, r.PIN)
	r.good(r.key(token, r.Always))
	assert.Equal(r, 1, someone.asked[0].Left)
	assert.Contains(r, someone.asked[0].String(), "1 try is left")
}

func blocked(r run) {
	r.spend(0)
	token, someone := r.tokenWith(esign.Options{UseLastTry: true}, r.PIN)
	err := r.bad(r.key(token, r.Always), esign.ErrPINBlocked)
	assert.ErrorContains(r, err, "blocked")
	assert.Zero(r, someone.times())
	if r.Never != "" {
		r.good(r.key(token, r.Never))
	}
}

// noPIN is what a person can type that costs no try.
func noPIN(r run) {
	before := 0
	if r.Left != nil {
		before = r.Left()
	}
	for _, typed := range []string{"", "12", "1234\n56", "123456\r", strings.Repeat("1234567890", 40)} {
		token, someone := r.token(typed)
		r.bad(r.key(token, r.Always), esign.ErrPINFormat)
		assert.Equal(r, 1, someone.times())
		require.NoError(r, token.Close())
	}
	if r.Left != nil {
		assert.Equal(r, before, r.Left())
	}
}

var errWent = errors.New("the person went away")

func nobody(r run) {
	token := r.Open(r, esign.Options{})
	r.bad(r.key(token, r.Always), esign.ErrPINNeeded)
	batch := r.key(token, r.Always).Session(r.Context(), 2, "")
	_, err := batch.Sign(nil, digest(crypto.SHA256), crypto.SHA256)
	assert.ErrorIs(r, err, esign.ErrPINNeeded)
	require.NoError(r, token.Close())

	typed := secret.New([]byte(r.PIN))
	token = r.Open(r, esign.Options{Ask: func(context.Context, esign.Ask) (secret.Bytes, error) { return typed, errWent }})
	r.bad(r.key(token, r.Always), errWent)
	assert.Nil(r, typed.Reveal(), "what was typed is wiped all the same")
	require.NoError(r, token.Close())
}

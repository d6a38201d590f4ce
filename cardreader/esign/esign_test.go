package esign_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/esign"
	"cnie/internal/secret"
)

// stand is a device that is as good or bad as a test wants it.
type stand struct {
	key    *ecdsa.PrivateKey
	public crypto.PublicKey
	state  esign.PINState
	needs  bool // shows only when it is used
	given  []string
	err    error
	closed int
}

func newStand(t *testing.T) *stand {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return &stand{key: key, public: key.Public(), state: esign.PINState{Left: 3}}
}

var errSlot = errors.New("a slot that cannot be read")

func (s *stand) Keys(context.Context) ([]esign.Description, error) {
	return []esign.Description{{Slot: "9C", Label: "SPECIMEN\x1b[2J\u202e", Public: s.public}, {Slot: "9A"}}, errSlot
}

func (s *stand) PIN(context.Context, esign.Description) (esign.PINState, error) { return s.state, nil }

func (s *stand) Sign(_ context.Context, _ esign.Description, pin, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	if pin == nil && s.needs {
		return nil, esign.ErrPINNeeded
	}
	if pin != nil {
		s.given = append(s.given, string(pin))
	}
	return s.key.Sign(rand.Reader, digest, nil)
}

func (s *stand) Close() error { s.closed++; return nil }

func (s *stand) open(t *testing.T, o esign.Options) *esign.Key {
	token := esign.NewToken(s, o)
	t.Cleanup(func() {
		assert.NoError(t, token.Close())
		assert.NoError(t, token.Close())
		assert.Equal(t, 1, s.closed)
	})
	keys, err := token.Keys(t.Context())
	require.ErrorIs(t, err, errSlot)
	require.ErrorIs(t, err, esign.ErrUnsupported, "a key of no kind")
	require.Len(t, keys, 1, "what can be read is there all the same")
	return keys[0]
}

var digest = sha256.Sum256([]byte("SPECIMEN"))

func typed(ctx context.Context, _ esign.Ask) (secret.Bytes, error) {
	return secret.New([]byte("123456")), ctx.Err()
}

// A key whose wish for a PIN shows only when it is used is asked again, once.
func TestLatePIN(t *testing.T) {
	s := newStand(t)
	s.needs = true
	key := s.open(t, esign.Options{Ask: typed})
	_, err := key.Sign(nil, digest[:], crypto.SHA256)
	require.NoError(t, err)
	assert.Equal(t, []string{"123456"}, s.given)

	s.state.Wanted, s.err = true, esign.ErrPINNeeded // a device that is never content
	_, err = key.Sign(nil, digest[:], crypto.SHA256)
	assert.ErrorIs(t, err, esign.ErrPINNeeded)
}

// A pad takes the PIN; nothing is typed here, and nothing is measured.
func TestPad(t *testing.T) {
	s := newStand(t)
	s.state = esign.PINState{Wanted: true, Left: 3, Pad: true, Min: 6}
	var asked esign.Ask
	ask := func(_ context.Context, a esign.Ask) (secret.Bytes, error) { asked = a; return secret.Bytes{}, nil }
	key := s.open(t, esign.Options{Ask: ask})
	batch := key.Session(t.Context(), 2, "")
	for range 2 {
		_, err := batch.Sign(nil, digest[:], crypto.SHA256)
		require.NoError(t, err)
	}
	assert.True(t, asked.Pad)
	assert.Equal(t, []string{"", ""}, s.given)
}

// A card signs with a key that is not the one it names.
func TestSignatureOfAnotherKey(t *testing.T) {
	s := newStand(t)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	for _, public := range []crypto.PublicKey{newStand(t).public, other.Public()} {
		s := &stand{key: s.key, public: public}
		signature, err := s.open(t, esign.Options{}).Sign(nil, digest[:], crypto.SHA256)
		assert.ErrorIs(t, err, esign.ErrSignature)
		assert.Nil(t, signature)
	}
}

// Keys that are too short, or of another kind, are no keys.
func TestUnsupportedKeys(t *testing.T) {
	for _, public := range []crypto.PublicKey{
		nil, "text", &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1023), E: 3}, &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 16383), E: 3},
		func() crypto.PublicKey {
			key, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
			require.NoError(t, err)
			return key.Public()
		}(),
	} {
		token := esign.NewToken(&stand{public: public}, esign.Options{})
		keys, err := token.Keys(t.Context())
		assert.ErrorIs(t, err, esign.ErrUnsupported)
		assert.Empty(t, keys)
	}
}

// What a card says is shown without what moves a cursor or turns a line around.
func TestNames(t *testing.T) {
	key := newStand(t).open(t, esign.Options{})
	assert.Equal(t, "9C (SPECIMEN[2J)", key.Description().Name())
	d := esign.Description{Slot: "9A", Certificate: &x509.Certificate{Subject: pkix.Name{CommonName: "أمينة SPECIMEN\n"}}}
	assert.Equal(t, "9A (أمينة SPECIMEN)", d.Name())
	assert.Equal(t, "9E", esign.Description{Slot: "9E"}.Name())
	assert.Equal(t, "PIN for key 9E, for 4 signatures, 1 try is left", esign.Ask{Key: esign.Description{Slot: "9E"}, Left: 1, Signatures: 4}.String())
}

func TestPINError(t *testing.T) {
	for left, text := range map[int]string{0: "the PIN is blocked", 1: "the PIN is wrong; 1 try is left", 2: "the PIN is wrong; 2 tries are left", esign.Unknown: "the PIN is wrong"} {
		err := error(&esign.PINError{Left: left})
		assert.EqualError(t, err, text)
		assert.ErrorIs(t, err, esign.ErrWrongPIN)
		assert.Equal(t, left == 0, errors.Is(err, esign.ErrPINBlocked))
	}
}

// A batch that is signed by several at once still asks once, and stays a batch.
func TestSessionAtOnce(t *testing.T) {
	s := newStand(t)
	s.state = esign.PINState{Wanted: true, Left: 3}
	asked := 0
	key := s.open(t, esign.Options{Ask: func(ctx context.Context, a esign.Ask) (secret.Bytes, error) { asked++; return typed(ctx, a) }})
	batch := key.Session(t.Context(), 5, "")
	var all sync.WaitGroup
	var good, over atomic.Int32
	for range 8 {
		all.Go(func() {
			switch _, err := batch.Sign(nil, digest[:], crypto.SHA256); {
			case err == nil:
				good.Add(1)
			case errors.Is(err, esign.ErrClosed):
				over.Add(1)
			}
		})
	}
	all.Wait()
	assert.Equal(t, []int32{5, 3}, []int32{good.Load(), over.Load()})
	assert.Equal(t, 1, asked)
	assert.Len(t, s.given, 5)
}

// A person who does not answer, nor hears that nobody waits any more, does not hold
// up the end of the program.
func TestCloseBehindADeafPerson(t *testing.T) {
	s := newStand(t)
	s.state = esign.PINState{Wanted: true, Left: 3}
	answer, pin := make(chan struct{}), secret.New([]byte("123456"))
	token := esign.NewToken(s, esign.Options{Ask: func(context.Context, esign.Ask) (secret.Bytes, error) { <-answer; return pin, nil }})
	keys, err := token.Keys(t.Context())
	require.ErrorIs(t, err, errSlot)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err = keys[0].SignContext(ctx, digest[:], crypto.SHA256)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, token.Close())
	close(answer)
	require.Eventually(t, func() bool { _, err := token.Keys(t.Context()); return errors.Is(err, esign.ErrClosed) }, 5*time.Second, time.Millisecond)
	assert.Empty(t, s.given)
	assert.Nil(t, pin.Reveal(), "what was typed too late is wiped")
}

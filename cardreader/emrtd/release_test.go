package emrtd_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/emrtd"
	"cnie/lds"
	"cnie/pki"
)

var errNo = errors.New("the holder said no")

// groupsTouched lists the holder's data groups that were asked for by their short
// identifiers, in commands with or without protection: P1 is never hidden.
func groupsTouched(l *link) (touched []lds.File) {
	for _, h := range l.seen {
		sfi := lds.File(h[2] & 0x1F)
		if h[1] == apdu.INSReadBinary && h[2]&0x80 != 0 && h[0]&apdu.CLASecureMessaging != 0 && lds.DG1 <= sfi && sfi <= lds.DG13 {
			touched = append(touched, sfi)
		}
	}
	return touched
}

// With a release everything about the chip comes first, and after it only what
// was released; the same bytes arrive as without.
func TestRelease(t *testing.T) {
	for _, name := range []string{"specimen", "active-and-chip", "active-only", "pace-cam", "no-chip-auth"} {
		t.Run(name, func(t *testing.T) {
			card := load(t, name)
			l := insert(card)
			calls := 0
			e, err := read(l, emrtd.Options{Password: can(t, card.CAN), Reset: l.reset, Files: asked,
				Release: func(_ context.Context, before *pki.Evidence) ([]lds.File, error) {
					calls++
					assert.Empty(t, groupsTouched(l))
					assert.Contains(t, before.Files, lds.SOD)
					assert.NotContains(t, before.Files, lds.DG1)
					assert.False(t, before.ReadUntil.IsZero())
					if len(card.Files[lds.DG15]) > 0 {
						assert.NotNil(t, before.Active, "the signature comes before the question")
					}
					return []lds.File{lds.DG14, lds.DG11, lds.DG1, lds.DG1, lds.DG16}, nil
				}})
			require.NoError(t, err)
			assert.Equal(t, 1, calls)
			assertFiles(t, card, e, lds.SOD, lds.DG1, lds.DG11)
			assert.NotContains(t, e.Files, lds.DG2)
			assert.Equal(t, []lds.File{lds.DG11, lds.DG1}, slices.Compact(groupsTouched(l)))
			assert.Len(t, e.Asked, len(slices.Compact(slices.Sorted(slices.Values(e.Asked)))), "each file once")
		})
	}
}

func TestReleaseRefused(t *testing.T) {
	card := load(t, "specimen")
	l := insert(card)
	e, err := read(l, emrtd.Options{Password: can(t, card.CAN), Release: func(context.Context, *pki.Evidence) ([]lds.File, error) {
		return []lds.File{lds.DG1}, errNo
	}})
	assert.Nil(t, e)
	require.ErrorIs(t, err, errNo)
	assert.Empty(t, groupsTouched(l))

	_, err = read(insert(card), emrtd.Options{Password: can(t, card.CAN), Release: func(context.Context, *pki.Evidence) ([]lds.File, error) {
		return []lds.File{lds.DG1, lds.DG3}, nil
	}})
	require.ErrorIs(t, err, emrtd.ErrForbidden)
}

// A chip that fails its proof so badly that secure messaging breaks gives
// evidence, and nobody is asked.
func TestReleaseNeverAsksForABrokenCard(t *testing.T) {
	card := load(t, "specimen")
	l := insert(card)
	l.change = func(_ int, sent, answer []byte) []byte {
		if sent[1] == apdu.INSReadBinary && sent[2] == 0x80|lds.SOD.SFI() {
			answer = bytes.Clone(answer)
			answer[len(answer)-3] ^= 1
		}
		return answer
	}
	e, err := read(l, emrtd.Options{Password: can(t, card.CAN), Release: func(context.Context, *pki.Evidence) ([]lds.File, error) {
		assert.Fail(t, "asked")
		return nil, nil
	}})
	require.NoError(t, err)
	assert.NotEmpty(t, e.Broken)
}

// People take ten minutes; the card has a second.
func TestReleaseTakesItsTime(t *testing.T) {
	card := load(t, "specimen")
	synctest.Test(t, func(t *testing.T) {
		l := insert(card)
		e, err := read(l, emrtd.Options{Password: can(t, card.CAN), Timeout: time.Second, Files: asked,
			Release: func(context.Context, *pki.Evidence) ([]lds.File, error) {
				time.Sleep(10 * time.Minute)
				return asked, nil
			}})
		require.NoError(t, err)
		assertFiles(t, card, e, asked...)
		first := 1 // which is the reading itself
		awake := slices.DeleteFunc(slices.Clone(l.seen), func(h []byte) bool { return h[1] != apdu.INSReadBinary || h[2] != 0x80|lds.SOD.SFI() })
		assert.InDelta(t, 400+first, len(awake), 1, "a sign of life each 1.5 s")
		assert.Equal(t, []lds.File{lds.DG1, lds.DG2, lds.DG11}, slices.Compact(groupsTouched(l)))
	})
}

// Reading after the release has what is left of the time.
func TestReleaseLeavesTheTimeout(t *testing.T) {
	card := load(t, "specimen")
	synctest.Test(t, func(t *testing.T) {
		l := insert(card)
		released := false
		l.change = func(_ int, _, answer []byte) []byte {
			if released {
				time.Sleep(600 * time.Millisecond)
			}
			return answer
		}
		_, err := read(l, emrtd.Options{Password: can(t, card.CAN), Timeout: time.Second,
			Release: func(context.Context, *pki.Evidence) ([]lds.File, error) {
				released = true
				return asked, nil
			}})
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// A card that is pulled out while people think ends the question.
func TestReleaseNoticesRemoval(t *testing.T) {
	card := load(t, "specimen")
	synctest.Test(t, func(t *testing.T) {
		l := insert(card)
		began := time.Now()
		_, err := read(l, emrtd.Options{Password: can(t, card.CAN),
			Release: func(ctx context.Context, _ *pki.Evidence) ([]lds.File, error) {
				l.pulled.Store(true)
				<-ctx.Done()
				return nil, ctx.Err()
			}})
		require.ErrorIs(t, err, cardreader.ErrCardRemoved)
		assert.Less(t, time.Since(began), 2*time.Second)
	})
}

// Whoever gives up waiting is obeyed at once.
func TestReleaseCancelled(t *testing.T) {
	card := load(t, "specimen")
	ctx, cancel := context.WithCancel(context.Background())
	_, err := emrtd.Read(ctx, apdu.NewChannel(insert(card)), emrtd.Options{Password: can(t, card.CAN),
		Release: func(ctx context.Context, _ *pki.Evidence) ([]lds.File, error) {
			cancel()
			<-ctx.Done()
			return nil, ctx.Err()
		}})
	require.ErrorIs(t, err, context.Canceled)
}

// A card that wants its files selected is kept awake by selecting.
func TestReleaseWakesCardsThatSelect(t *testing.T) {
	card := load(t, "fussy-no-short-id")
	synctest.Test(t, func(t *testing.T) {
		selects := func(wait time.Duration) (n int) {
			l := insert(card)
			_, err := read(l, emrtd.Options{Password: can(t, card.CAN), Release: func(context.Context, *pki.Evidence) ([]lds.File, error) {
				time.Sleep(wait)
				return []lds.File{lds.DG1}, nil
			}})
			require.NoError(t, err)
			for _, h := range l.seen {
				if h[1] == apdu.INSSelect {
					n++
				}
			}
			return n
		}
		assert.Equal(t, selects(0)+2, selects(4*time.Second))
	})
}

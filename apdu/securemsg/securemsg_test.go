package securemsg

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/apdu/tlv"
	"cnie/internal/kdf"
	"cnie/internal/vectors"
)

// script answers exactly the commands it expects, in this order.
type script struct {
	t     testing.TB
	pairs [][2][]byte
}

func (s *script) TransmitRaw(_ context.Context, command []byte) ([]byte, error) {
	require.NotEmpty(s.t, s.pairs, "unexpected command %X", command)
	next := s.pairs[0]
	s.pairs = s.pairs[1:]
	require.Equal(s.t, hex.EncodeToString(next[0]), hex.EncodeToString(command))
	return append([]byte(nil), next[1]...), nil
}

// answers gives the same response to everything.
type answers struct {
	r     apdu.Response
	err   error
	calls int
}

func (a *answers) Transmit(context.Context, apdu.Command) (apdu.Response, error) {
	a.calls++
	return apdu.Response{Data: append([]byte(nil), a.r.Data...), SW: a.r.SW}, a.err
}

func example(t testing.TB) (map[string][]byte, *Session, *script) {
	v := vectors.Load(t, "icao-9303-11-d4-sm")
	card := &script{t: t}
	for _, step := range []string{"select", "read1", "read2"} {
		card.pairs = append(card.pairs, [2][]byte{v[step+"_command"], v[step+"_response"]})
	}
	s, err := New(apdu.NewChannel(card), kdf.TDES, v["ks_enc"], v["ks_mac"], v["ssc"])
	require.NoError(t, err)
	return v, s, card
}

// ICAO Doc 9303-11, appendix D.4.
func TestWorkedExample(t *testing.T) {
	v, s, card := example(t)
	var seen int
	s.Observe(func(command, response []byte) {
		assert.Equal(t, v["select_command"], command)
		assert.Equal(t, v["select_response"], response)
		seen++
	})
	for _, step := range []string{"select", "read1", "read2"} {
		plain, err := apdu.ParseCommand(v[step+"_plain"])
		require.NoError(t, err)
		data, err := apdu.Do(context.Background(), s, plain)
		require.NoError(t, err, step)
		assert.Equal(t, v[step+"_data"], data, step)
		s.Observe(nil)
	}
	assert.Empty(t, card.pairs)
	assert.Equal(t, 1, seen)
	assert.Equal(t, v["ssc_after"], s.ssc)
}

// The MAC input printed in the example, checked apart from the whole.
func TestMACInput(t *testing.T) {
	v, s, _ := example(t)
	plain, err := apdu.ParseCommand(v["select_plain"])
	require.NoError(t, err)
	body := s.wrap(plain).Data
	assert.Equal(t, v["select_command"][5:len(v["select_command"])-1], body)
	input := v["select_mac_input"] // the example pads it by hand
	assert.Equal(t, strings.ToUpper(hex.EncodeToString(s.scratch[:16])), strings.ToUpper(hex.EncodeToString(input[:16])))
}

// A header alone is padded once. PersoSim, AusweisApp and OpenSC agree.
func TestHeaderAlone(t *testing.T) {
	for _, c := range []kdf.Cipher{kdf.TDES, kdf.AES128, kdf.AES192, kdf.AES256} {
		body := session(t, c, &answers{}).wrap(apdu.Command{INS: 0x2C, P1: 0x03, P2: 0x03}).Data
		assert.Equal(t, tlv.Encode(0x8E, sum(t, c, 1, []byte{0x0C, 0x2C, 0x03, 0x03})), body, c)
	}
}

func TestMaxNe(t *testing.T) {
	for c, want := range map[kdf.Cipher]int{kdf.TDES: 231, kdf.AES128: 223, kdf.AES192: 223, kdf.AES256: 223} {
		s := session(t, c, &answers{})
		ne := s.MaxNe(apdu.MaxShortNe)
		assert.Equal(t, want, ne, c)
		full := seal(t, c, 2, 0xB0, apdu.Response{Data: make([]byte, ne), SW: apdu.StatusOK})
		assert.LessOrEqual(t, len(full.Data), 256)
		over := seal(t, c, 2, 0xB0, apdu.Response{Data: make([]byte, ne+1), SW: apdu.StatusOK})
		assert.Greater(t, len(over.Data), 256)
		assert.Zero(t, s.MaxNe(15))
	}
}

func TestRoundTrips(t *testing.T) {
	for _, c := range []kdf.Cipher{kdf.TDES, kdf.AES128, kdf.AES192, kdf.AES256} {
		for _, ins := range []byte{0xB0, 0xB1} {
			for _, n := range []int{0, 1, 7, 8, 15, 16, 17, 223, 1000} {
				want := apdu.Response{Data: make([]byte, n), SW: apdu.StatusOK}
				for i := range want.Data {
					want.Data[i] = byte(i * 7)
				}
				s := session(t, c, &answers{r: seal(t, c, 2, ins, want)})
				got, err := s.Transmit(context.Background(), apdu.Command{INS: ins, Ne: 256})
				require.NoError(t, err)
				assert.Equal(t, want.SW, got.SW)
				assert.Equal(t, n, len(got.Data))
				assert.True(t, n == 0 || string(want.Data) == string(got.Data))
			}
		}
	}
}

// A refusal inside the channel leaves the channel open.
func TestProtectedRefusal(t *testing.T) {
	card := &answers{r: seal(t, kdf.AES128, 2, 0xB0, apdu.Response{SW: apdu.StatusFileNotFound})}
	s := session(t, kdf.AES128, card)
	_, err := apdu.Do(context.Background(), s, apdu.Command{INS: 0xB0, Ne: 1})
	assert.ErrorIs(t, err, apdu.ErrNotFound)
	assert.False(t, s.closed)
}

func TestBareStatusEndsTheSession(t *testing.T) {
	for _, sw := range []apdu.Status{0x6987, 0x6988, 0x6982, 0x6A82, 0x9000} {
		card := &answers{r: apdu.Response{SW: sw}}
		s := session(t, kdf.AES128, card)
		_, err := s.Transmit(context.Background(), apdu.Command{INS: 0xB0, Ne: 1})
		assert.ErrorIs(t, err, ErrIntegrity, sw)
		var status *apdu.StatusError
		if sw != apdu.StatusOK && assert.ErrorAs(t, err, &status) {
			assert.Equal(t, sw, status.SW)
		}
		assertDead(t, s, card)
	}
}

func TestTransportFailureEndsTheSession(t *testing.T) {
	broken := errors.New("cable")
	card := &answers{err: broken}
	s := session(t, kdf.TDES, card)
	_, err := s.Transmit(context.Background(), apdu.Command{INS: 0xB0, Ne: 1})
	assert.ErrorIs(t, err, broken)
	assert.NotErrorIs(t, err, ErrIntegrity)
	assertDead(t, s, card)
}

// assertDead: nothing reaches the card any more and no key is left.
func assertDead(t *testing.T, s *Session, card *answers) {
	t.Helper()
	calls := card.calls
	_, err := s.Transmit(context.Background(), apdu.Command{INS: 0xB0, Ne: 1})
	assert.ErrorIs(t, err, ErrClosed)
	assert.Equal(t, calls, card.calls)
	assert.Nil(t, s.block)
	assert.Nil(t, s.mac)
	assert.Equal(t, make([]byte, len(s.ssc)), s.ssc)
	assert.NotPanics(t, s.Close)
}

func TestRejectsBadSetUp(t *testing.T) {
	key := make([]byte, 16)
	for _, c := range []struct {
		cipher        kdf.Cipher
		enc, mac, ssc []byte
	}{
		{0, key, key, nil}, {kdf.AES256, key, key, nil}, {kdf.AES128, key, key[:15], nil},
		{kdf.TDES, key, key, key}, {kdf.TDES, key, key, key[:7]}, {kdf.AES128, key, key, key[:8]},
	} {
		_, err := New(&answers{}, c.cipher, c.enc, c.mac, c.ssc)
		assert.Error(t, err)
	}
}

// A command that cannot exist is refused before it counts.
func TestImpossibleNe(t *testing.T) {
	s := session(t, kdf.AES128, &answers{r: seal(t, kdf.AES128, 2, 0xB0, apdu.Response{SW: apdu.StatusOK})})
	_, err := s.Transmit(context.Background(), apdu.Command{INS: 0xB0, Ne: 65537})
	assert.ErrorIs(t, err, apdu.ErrMalformed)
	_, err = s.Transmit(context.Background(), apdu.Command{INS: 0xB0, Ne: 1})
	assert.NoError(t, err)
}

// recorder keeps what was sent and answers with a sealed 9000.
type recorder struct {
	t        testing.TB
	extended bool
	sent     []apdu.Command
}

func (r *recorder) ExtendedLength() bool { return r.extended }

func (r *recorder) Transmit(_ context.Context, c apdu.Command) (apdu.Response, error) {
	c.Data = append([]byte(nil), c.Data...)
	r.sent = append(r.sent, c)
	return seal(r.t, kdf.AES128, 2*len(r.sent), c.INS, apdu.Response{SW: apdu.StatusOK}), nil
}

func TestLongCommands(t *testing.T) {
	long := apdu.Command{INS: 0x86, Data: make([]byte, 500), Ne: 256}
	card := &recorder{t: t}
	_, err := session(t, kdf.AES128, card).Transmit(context.Background(), long)
	require.NoError(t, err)
	require.Len(t, card.sent, 3)
	for i, c := range card.sent {
		assert.Equal(t, i < 2, c.CLA == 0x1C, "link %d", i)
		assert.False(t, c.Extended())
	}

	card = &recorder{t: t, extended: true}
	_, err = session(t, kdf.AES128, card).Transmit(context.Background(), long)
	require.NoError(t, err)
	require.Len(t, card.sent, 1)
	assert.True(t, card.sent[0].Extended())
	assert.Equal(t, apdu.MaxExtendedNe, card.sent[0].Ne)
}

// Le of two bytes goes with answers beyond 256, and what MaxNe promises fits.
func TestExtendedAnswers(t *testing.T) {
	for _, c := range []kdf.Cipher{kdf.TDES, kdf.AES128} {
		for _, limit := range []int{600, 2046, 65533} {
			card := &recorder{t: t, extended: true}
			s := session(t, c, card)
			ne := s.MaxNe(limit)
			full := seal(t, c, 2, 0xB0, apdu.Response{Data: make([]byte, ne), SW: apdu.StatusOK})
			assert.LessOrEqual(t, len(full.Data), limit)
			assert.Greater(t, len(full.Data), limit-16)
			if c != kdf.AES128 { // what recorder seals with
				continue
			}
			_, err := s.Transmit(context.Background(), apdu.Command{INS: 0xB0, Ne: ne})
			require.NoError(t, err)
			sent := card.sent[0]
			assert.Equal(t, []byte{0x97, 2, byte(ne >> 8), byte(ne)}, sent.Data[:4])
			assert.Equal(t, apdu.MaxExtendedNe, sent.Ne)
		}
	}
}

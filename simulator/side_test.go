package simulator_test

import (
	"crypto/cipher"
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"cnie/internal/dh"
	"cnie/internal/ec"
	"cnie/internal/kdf"
)

// A terminal for every way to run PACE. It computes with the primitives of
// internal/ec and internal/dh where the card has arithmetic of its own.

// side is a key agreement as the terminal sees it.
type side struct {
	curve   *ec.Curve
	numbers *dh.Group
	tag     byte
}

func sideOf(t testing.TB, id int) side {
	if curve, is := ec.ByParameterID(id); is {
		return side{curve: curve, tag: 0x86}
	}
	group, is := dh.ByParameterID(id)
	require.True(t, is, "domain parameters %d", id)
	return side{numbers: group, tag: 0x84}
}

// member is a point or a number.
type member struct {
	point  *ec.Point
	number *dh.Element
}

func (s side) base() member {
	if s.curve != nil {
		return member{point: s.curve.Generator()}
	}
	return member{number: s.numbers.Generator()}
}

func (s side) random(t testing.TB) []byte {
	draw := func() ([]byte, error) { return s.numbers.RandomExponent(rand.Reader) }
	if s.curve != nil {
		draw = func() ([]byte, error) { return s.curve.RandomScalar(rand.Reader) }
	}
	d, err := draw()
	require.NoError(t, err)
	return d
}

func (s side) read(t testing.TB, b []byte) (m member) {
	var err error
	if s.curve != nil {
		m.point, err = s.curve.ParsePoint(b)
	} else {
		m.number, err = s.numbers.ParseElement(b)
	}
	require.NoError(t, err)
	return m
}

func (m member) wire() []byte {
	if m.point != nil {
		return m.point.Bytes()
	}
	return m.number.Unsigned()
}

func (m member) secret() []byte {
	if m.point != nil {
		return m.point.X()
	}
	return m.number.Bytes()
}

func (m member) times(t testing.TB, k []byte) member {
	if m.number != nil {
		return member{number: m.number.Exp(k)}
	}
	p, err := m.point.Mul(k)
	require.NoError(t, err)
	return member{point: p}
}

func (m member) plus(t testing.TB, other member) (sum member) {
	var err error
	if m.point != nil {
		sum.point, err = m.point.Add(other.point)
	} else {
		sum.number, err = m.number.Mul(other.number)
	}
	require.NoError(t, err)
	return sum
}

// integrated is the generator of both nonces.
func (s side) integrated(t testing.TB, c kdf.Cipher, nonce, theirs []byte) (m member) {
	c0, c1 := unhex(t, "a668892a7c41e3ca739f40b057d85904"), unhex(t, "a4e136ac725f738b01c1f60217c188ad")
	bits := 0
	if c == kdf.AES192 || c == kdf.AES256 {
		c0 = unhex(t, "d463d65234124ef7897054986dca0a174e28df758cbaa03f240616414d5a1676")
		c1 = unhex(t, "54bd7255f0aaf831bec3423fcf39d69b6cbf066677d0faae5aadd99df8e53517")
	}
	if s.curve != nil {
		p, _, _, _, _ := s.curve.Params()
		bits = p.BitLen()
	} else {
		p, _, _ := s.numbers.Params()
		bits = p.BitLen()
	}
	under := func(key, plain []byte) []byte {
		block, err := c.NewCipher(key[:c.KeyLen()])
		require.NoError(t, err)
		out := make([]byte, len(plain))
		cipher.NewCBCEncrypter(block, make([]byte, block.BlockSize())).CryptBlocks(out, plain)
		return out
	}
	var r []byte
	for key := under(theirs, nonce); 8*len(r) < bits+64; key = under(key, c0) {
		r = append(r, under(key, c1)...)
	}
	var err error
	if s.curve != nil {
		m.point, err = s.curve.MapToPoint(r)
	} else {
		m.number, err = s.numbers.MapToElement(r)
	}
	require.NoError(t, err)
	return m
}

package ec_test

import (
	"bytes"
	"encoding/asn1"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/internal/vectors"
)

var all = []*ec.Curve{
	ec.P192(), ec.P224(), ec.P256(), ec.P384(), ec.P521(),
	ec.BrainpoolP192r1(), ec.BrainpoolP224r1(), ec.BrainpoolP256r1(),
	ec.BrainpoolP320r1(), ec.BrainpoolP384r1(), ec.BrainpoolP512r1(),
	twin("192"), twin("224"), twin("256"), twin("320"), twin("384"), twin("512"),
}

// twin is a brainpool t1 curve.
func twin(size string) *ec.Curve {
	c, _ := ec.ByName("brainpoolP" + size + "t1")
	return c
}

// each runs a test on every curve.
func each(t *testing.T, test func(*testing.T, *ec.Curve)) {
	for _, c := range all {
		t.Run(c.Name(), func(t *testing.T) { test(t, c) })
	}
}

func scalar(c *ec.Curve, n *big.Int) []byte { return n.FillBytes(make([]byte, c.ScalarBytes())) }

func mul(t testing.TB, p *ec.Point, k []byte) *ec.Point {
	q, err := p.Mul(k)
	require.NoError(t, err)
	return q
}

func add(t testing.TB, p, q *ec.Point) *ec.Point {
	sum, err := p.Add(q)
	require.NoError(t, err)
	return sum
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestLookups(t *testing.T) {
	ids := map[int]string{
		8: "P-192", 9: "brainpoolP192r1", 10: "P-224", 11: "brainpoolP224r1", 12: "P-256", 13: "brainpoolP256r1",
		14: "brainpoolP320r1", 15: "P-384", 16: "brainpoolP384r1", 17: "brainpoolP512r1", 18: "P-521",
	}
	for id, name := range ids {
		c, ok := ec.ByParameterID(id)
		require.True(t, ok)
		assert.Equal(t, name, c.Name())
		assert.Equal(t, id, c.ParameterID())
	}
	numbered := 0
	for _, c := range all {
		again, ok := ec.ByName(c.Name())
		assert.True(t, ok && again == c)
		again, ok = ec.ByOID(c.OID())
		assert.True(t, ok && again == c)
		if again, ok = ec.ByParameterID(c.ParameterID()); ok {
			numbered++
			assert.Same(t, c, again)
		}
	}
	assert.Equal(t, len(ids), numbered, "the t1 curves have no number")
	assert.Equal(t, "1.3.36.3.3.2.8.1.1.8", twin("256").OID().String(), "RFC 5639 §4.1")
	_, ok := ec.ByName("secp256k1")
	assert.False(t, ok)
	_, ok = ec.ByParameterID(0)
	assert.False(t, ok)
	_, ok = ec.ByOID(asn1.ObjectIdentifier{1, 3, 132, 0, 10})
	assert.False(t, ok)
}

// RFC 5639 §2 and NIST SP 800-186: what makes parameters those of a curve, checked without our arithmetic.
func TestParameters(t *testing.T) {
	each(t, func(t *testing.T, c *ec.Curve) {
		p, a, b, gx, gy := c.Params()
		n := c.Order()
		assert.True(t, p.ProbablyPrime(20))
		assert.True(t, n.ProbablyPrime(20))
		assert.NotEqual(t, p, n)
		assert.Equal(t, p.BitLen(), n.BitLen())
		left := new(big.Int).Mul(gy, gy)
		right := new(big.Int).Mul(gx, gx)
		right.Add(right, a).Mul(right, gx).Add(right, b)
		assert.Zero(t, left.Sub(left, right).Mod(left, p).Sign(), "G is on the curve")
		assert.True(t, newAffine(c).mul(n, gx, gy).infinite(), "the order of G is n")
		assert.Equal(t, (p.BitLen()+7)/8, c.FieldBytes())
		assert.Equal(t, (n.BitLen()+7)/8, c.ScalarBytes())
	})
}

// Changing what an accessor returned must not change the curve.
func TestAccessorsCopy(t *testing.T) {
	c := ec.BrainpoolP256r1()
	before := c.ExplicitDER()
	for _, n := range func() []*big.Int { p, a, b, x, y := c.Params(); return []*big.Int{p, a, b, x, y, c.Order()} }() {
		n.SetInt64(7)
	}
	c.OID()[0] = 9
	c.Generator().Bytes()[3] ^= 1
	c.Generator().X()[3] ^= 1
	assert.Equal(t, before, c.ExplicitDER())
	found, ok := ec.ByName(c.Name())
	assert.True(t, ok && found == c)
}

func TestRFC7027(t *testing.T) {
	for _, name := range []string{"brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"} {
		v := vectors.Load(t, "ec-rfc7027-"+name)
		c, ok := ec.ByName(name)
		require.True(t, ok)
		a, err := c.ParsePoint(join([]byte{4}, v["xa"], v["ya"]))
		require.NoError(t, err)
		b, err := c.ParsePoint(join([]byte{4}, v["xb"], v["yb"]))
		require.NoError(t, err)
		assert.True(t, a.Equal(mul(t, c.Generator(), v["da"])))
		assert.True(t, b.Equal(mul(t, c.Generator(), v["db"])))
		z, err := ec.ECDH(v["da"], b)
		require.NoError(t, err)
		assert.Equal(t, v["xz"], z)
		z, err = ec.ECDH(v["db"], a)
		require.NoError(t, err)
		assert.Equal(t, v["xz"], z)
		assert.Equal(t, join([]byte{4}, v["xz"], v["yz"]), mul(t, a, v["db"]).Bytes())
	}
}

// The order 0, 1, n−1, n and every sum that incomplete addition formulas get wrong.
func TestEdges(t *testing.T) {
	each(t, func(t *testing.T, c *ec.Curve) {
		g, n := c.Generator(), c.Order()
		k := func(d int64) *ec.Point {
			return mul(t, g, scalar(c, new(big.Int).Mod(new(big.Int).Add(n, big.NewInt(d)), n)))
		}
		zero := mul(t, g, scalar(c, new(big.Int)))
		minus := k(-1)
		assert.True(t, zero.IsInfinity())
		assert.True(t, mul(t, g, scalar(c, n)).IsInfinity(), "n is reduced")
		assert.True(t, mul(t, g, nil).IsInfinity(), "no bytes are zero")
		assert.True(t, mul(t, g, []byte{1}).Equal(g), "short scalars are padded")
		assert.True(t, mul(t, zero, scalar(c, big.NewInt(5))).IsInfinity())
		assert.Equal(t, []byte{0}, zero.Bytes())
		assert.Nil(t, zero.X())

		assert.True(t, add(t, g, zero).Equal(g))
		assert.True(t, add(t, zero, g).Equal(g))
		assert.True(t, add(t, zero, zero).IsInfinity())
		assert.True(t, add(t, g, g).Equal(k(2)), "doubling")
		assert.True(t, add(t, g, minus).IsInfinity(), "P + (−P)")
		assert.True(t, add(t, k(2), minus).Equal(g))
		assert.True(t, add(t, add(t, g, g), g).Equal(k(3)))
		assert.Equal(t, g.X(), minus.X())
		assert.False(t, g.Equal(minus))

		_, err := g.Mul(make([]byte, c.ScalarBytes()+1))
		assert.Error(t, err)
		full := bytes.Repeat([]byte{0xff}, c.ScalarBytes())
		reduced := new(big.Int).Mod(new(big.Int).SetBytes(full), n)
		assert.True(t, mul(t, g, full).Equal(mul(t, g, scalar(c, reduced))), "2^l − 1 is reduced")
		_, err = ec.ECDH(scalar(c, big.NewInt(2)), zero)
		assert.ErrorIs(t, err, ec.ErrInfinity)
		_, err = ec.ECDH(scalar(c, n), g)
		assert.ErrorIs(t, err, ec.ErrInfinity)
	})
}

func TestMixedCurves(t *testing.T) {
	_, err := ec.P256().Generator().Add(ec.BrainpoolP256r1().Generator())
	assert.Error(t, err)
	assert.False(t, ec.P256().Generator().Equal(ec.BrainpoolP256r1().Generator()))
}

func TestParsePoint(t *testing.T) {
	each(t, func(t *testing.T, c *ec.Curve) {
		p, _, _, _, _ := c.Params()
		good := mul(t, c.Generator(), []byte{7}).Bytes()
		size := c.FieldBytes()
		parity := 2 | good[len(good)-1]&1
		for _, encoding := range [][]byte{good, join([]byte{parity}, good[1:1+size])} {
			q, err := c.ParsePoint(encoding)
			require.NoError(t, err)
			assert.Equal(t, good, q.Bytes())
			assert.Same(t, c, q.Curve())
		}
		other, err := c.ParsePoint(join([]byte{parity ^ 1}, good[1:1+size]))
		require.NoError(t, err)
		assert.True(t, add(t, other, mul(t, c.Generator(), []byte{7})).IsInfinity(), "the other root")

		off := bytes.Clone(good)
		off[len(off)-1] ^= 1
		big := p.FillBytes(make([]byte, size))
		for name, bad := range map[string][]byte{
			"empty":            {},
			"infinity":         {0},
			"padded infinity":  make([]byte, len(good)),
			"hybrid":           join([]byte{6 | parity&1}, good[1:]),
			"prefix only":      {4},
			"short":            good[:len(good)-1],
			"long":             append(bytes.Clone(good), 0),
			"compressed short": good[:size],
			"compressed long":  join([]byte{2}, good[1:]),
			"off the curve":    off,
			"x = p":            join([]byte{4}, big, good[1+size:]),
			"y = p":            join(good[:1+size], big),
			"compressed x = p": join([]byte{2}, big),
			"all ones":         join([]byte{4}, bytes.Repeat([]byte{0xff}, 2*size)),
			"(0, 0)":           join([]byte{4}, make([]byte, 2*size)),
		} {
			_, err := c.ParsePoint(bad)
			assert.ErrorAs(t, err, new(ec.PointError), name)
		}
	})
}

// Compressed encodings of x coordinates that no point has.
func TestNoSuchPoint(t *testing.T) {
	each(t, func(t *testing.T, c *ec.Curve) {
		p, a, b, _, _ := c.Params()
		on, off := 0, 0
		for x := range int64(40) {
			X := big.NewInt(x)
			right := new(big.Int).Mul(X, X)
			right.Add(right, a).Mul(right, X).Add(right, b).Mod(right, p)
			_, err := c.ParsePoint(join([]byte{2}, X.FillBytes(make([]byte, c.FieldBytes()))))
			if big.Jacobi(right, p) >= 0 {
				on++
				assert.NoError(t, err)
			} else {
				off++
				assert.Error(t, err)
			}
		}
		assert.NotZero(t, on)
		assert.NotZero(t, off)
	})
}

func TestRandomScalar(t *testing.T) {
	each(t, func(t *testing.T, c *ec.Curve) {
		seen := map[string]bool{}
		for range 50 {
			k, err := c.RandomScalar(nil)
			require.NoError(t, err)
			require.Len(t, k, c.ScalarBytes())
			n := new(big.Int).SetBytes(k)
			require.True(t, n.Sign() > 0 && n.Cmp(c.Order()) < 0)
			seen[string(k)] = true
		}
		assert.Len(t, seen, 50)
		_, err := c.RandomScalar(bytes.NewReader(make([]byte, 3)))
		assert.Error(t, err, "a source that ends")
		_, err = c.RandomScalar(zeros{})
		assert.Error(t, err, "a source of zeros")
		// Out of range first, then good: the first is rejected, not reduced.
		source := join(bytes.Repeat([]byte{0xff}, c.ScalarBytes()), scalar(c, big.NewInt(9)))
		k, err := c.RandomScalar(bytes.NewReader(source))
		require.NoError(t, err)
		assert.Equal(t, scalar(c, big.NewInt(9)), k)
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

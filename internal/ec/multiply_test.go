package ec_test

import (
	"bytes"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
)

// Where the sum in a multiplication meets the next summand or its negative: scalars around zero, around the order, and
// such as k = n − 2d, whose last step doubles. Sums of ever one more base point tell what the products must be.
func TestEverySmallScalar(t *testing.T) {
	each(t, func(t *testing.T, c *ec.Curve) {
		const reach = 40 // beyond twice a digit
		base, err := c.ParsePoint(c.Generator().Bytes())
		require.NoError(t, err)
		k := new(big.Int).Sub(c.Order(), big.NewInt(reach))
		sum := mul(t, base, scalar(c, k))
		for range 2 * reach {
			encoded := scalar(c, new(big.Int).Mod(k, c.Order()))
			require.Equal(t, sum.Bytes(), mul(t, base, encoded).Bytes(), "k = %x", encoded)
			require.Equal(t, sum.Bytes(), mul(t, c.Generator(), encoded).Bytes(), "k = %x, with the table", encoded)
			sum = add(t, sum, base)
			k.Add(k, big.NewInt(1))
		}
		require.True(t, sum.Equal(mul(t, base, []byte{reach})), "once around")
	})
}

// The table of the base point adds d·16ⁱ to what the lower digits amount to: both may be equal or opposite modulo n.
func TestTableMeetsItself(t *testing.T) {
	each(t, func(t *testing.T, c *ec.Curve) {
		base, err := c.ParsePoint(c.Generator().Bytes())
		require.NoError(t, err)
		for _, i := range []int{1, 2*c.ScalarBytes() - 2, 2*c.ScalarBytes() - 1} {
			for d := int64(-30); d <= 30; d += 2 { // a sum that equals the summand d/2·16ⁱ
				k := new(big.Int).Lsh(big.NewInt(d), uint(4*i))
				encoded := scalar(c, k.Mod(k, c.Order()))
				require.Equal(t, mul(t, base, encoded).Bytes(), mul(t, c.Generator(), encoded).Bytes(), "k = %x", encoded)
			}
		}
	})
}

// Multiplying must not change the scalar that the caller holds.
func TestMulLeavesTheScalar(t *testing.T) {
	each(t, func(t *testing.T, c *ec.Curve) {
		k := bytes.Repeat([]byte{0xfe}, c.ScalarBytes())
		mul(t, c.Generator(), k)
		mul(t, mul(t, c.Generator(), []byte{3}), k)
		require.Equal(t, bytes.Repeat([]byte{0xfe}, c.ScalarBytes()), k)
	})
}

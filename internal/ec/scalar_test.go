package ec_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/internal/vectors"
)

// ICAO 9303-11 Appendix I.1: the data authenticate the chip, for PK_Map = CA·PK.
func TestChipAuthenticationData(t *testing.T) {
	v := vectors.Load(t, "icao-9303-11-i1-pace")
	c := ec.BrainpoolP256r1()
	info := v["chip_key_info"] // … 04‖x‖y, then the key's id
	public, err := c.ParsePoint(info[len(info)-68 : len(info)-3])
	require.NoError(t, err)
	assert.Equal(t, v["chip_map_public"], mul(t, public, v["chip_data"]).Bytes())
}

func TestScalars(t *testing.T) {
	each(t, func(t *testing.T, c *ec.Curve) {
		n := c.Order()
		random := rand.New(rand.NewPCG(1, 2))
		for length := range 4 * c.ScalarBytes() {
			k := number(random, length)
			want := new(big.Int).SetBytes(k)
			require.Equal(t, scalar(c, want.Mod(want, n)), c.ReduceScalar(k), "%d bytes", length)
		}
	})
}

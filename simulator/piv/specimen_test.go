package piv

import (
	"encoding/hex"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
)

// search is how the distances of specimen primes were found.
func search(slot Slot, bits, index int) int64 {
	prime, one, e := start(slot, bits, index), big.NewInt(1), big.NewInt(65537)
	for step := int64(0); ; step += 2 {
		candidate := new(big.Int).Add(prime, big.NewInt(step))
		free := new(big.Int).GCD(nil, nil, new(big.Int).Sub(candidate, one), e)
		if free.Cmp(one) == 0 && candidate.ProbablyPrime(20) {
			return step
		}
	}
}

// TestSpecimenPrimes searches for the smallest ones again and checks the others.
func TestSpecimenPrimes(t *testing.T) {
	for of, steps := range distances {
		for i, step := range steps {
			if step < 200 {
				assert.Equal(t, search(of.slot, of.bits, i), step, "%v", of)
				continue
			}
			prime := start(of.slot, of.bits, i)
			assert.True(t, prime.Add(prime, big.NewInt(step)).ProbablyPrime(20), "%v", of)
		}
	}
}

// TestFASCN packs the worked example of TIG SCEPACS.
func TestFASCN(t *testing.T) {
	assert.Equal(t, "d0439458210c2c19a0846d83685a1082108ce73984108ca3fc", hex.EncodeToString(fascn("B0032D0001D092446D0D1D1112223333112232F")))
	assert.Len(t, fascn(agencyNumber), 25)
}

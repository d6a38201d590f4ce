package ec_test

import (
	"crypto/elliptic"
	"testing"

	"github.com/ProtonMail/go-crypto/brainpool"

	"cnie/internal/ec"
)

// BenchmarkMul multiplies a point, and the base point, by a secret scalar, in this package and in the brainpool of
// ProtonMail/go-crypto (math/big, variable time): read them as ratios.
func BenchmarkMul(b *testing.B) {
	peers := map[*ec.Curve]elliptic.Curve{
		ec.BrainpoolP256r1(): brainpool.P256r1(), ec.BrainpoolP384r1(): brainpool.P384r1(),
		ec.BrainpoolP512r1(): brainpool.P512r1(),
	}
	for _, c := range all {
		k := scalar(c, testScalars(c, 1)[0])
		for name, p := range map[string]*ec.Point{"cnie": mul(b, c.Generator(), k), "cnie-base": c.Generator()} {
			b.Run(c.Name()+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					mul(b, p, k)
				}
			})
		}
		if peer := peers[c]; peer != nil {
			_, _, _, x, y := c.Params()
			b.Run(c.Name()+"/go-crypto", func(b *testing.B) {
				for b.Loop() {
					//lint:ignore SA1019 the peer offers nothing else
					peer.ScalarMult(x, y, k)
				}
			})
		}
	}
}

// BenchmarkECDSA compares a signature and its verification on each curve.
func BenchmarkECDSA(b *testing.B) {
	digest := make([]byte, 32)
	for _, c := range []*ec.Curve{ec.P256(), ec.BrainpoolP256r1(), ec.BrainpoolP384r1()} {
		d := scalar(c, testScalars(c, 1)[0])
		pub := mul(b, c.Generator(), d)
		r, s, err := ec.Sign(c, d, digest)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(c.Name()+"/sign", func(b *testing.B) {
			for b.Loop() {
				_, _, _ = ec.Sign(c, d, digest)
			}
		})
		b.Run(c.Name()+"/verify", func(b *testing.B) {
			for b.Loop() {
				ec.Verify(pub, digest, r, s)
			}
		})
	}
}

// BenchmarkMapToPoint is PACE's integrated mapping, beside the multiplications of BenchmarkMul.
func BenchmarkMapToPoint(b *testing.B) {
	for _, c := range []*ec.Curve{ec.BrainpoolP256r1(), ec.BrainpoolP384r1()} {
		r := c.Order().Bytes()
		b.Run(c.Name(), func(b *testing.B) {
			for b.Loop() {
				_, _ = c.MapToPoint(r)
			}
		})
	}
}

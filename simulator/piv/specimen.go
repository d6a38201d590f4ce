package piv

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/sha3"
	"fmt"
	"math/big"

	"cnie/pki/specimen"
)

// Specimen makes the contents of a card for someone who does not exist, the same
// for one name everywhere: keys, certificates of a specimen issuer for them,
// CHUID, CCC and discovery object, PIN 123456, PUK 12345678 and the management
// key that every new card has, under AES-192.
//
// Keys says which key is of which algorithm; nil stands for RSA-2048 in 9A and 9D
// and P-256 in 9C and 9E. Keys on curves are the name's own. RSA keys are those of
// the slot for every name, since finding primes takes too long.
func Specimen(name string, keys map[Slot]Algorithm) (*Contents, error) {
	if keys == nil {
		keys = map[Slot]Algorithm{Authentication: RSA2048, Signature: P256, KeyManagement: RSA2048, CardAuthentication: P256}
	}
	c := blank()
	id := guid(name)
	for slot, algorithm := range keys {
		key, err := specimenKey(name, slot, algorithm)
		if err != nil {
			return nil, fmt.Errorf("make specimen key %v: %w", slot, err)
		}
		der, err := certify(name, id, slot, key.Public())
		if err != nil {
			return nil, fmt.Errorf("make specimen certificate %v: %w", slot, err)
		}
		c.Keys[slot] = Key{Private: key}
		c.SetCertificate(slot, der)
	}
	c.Objects[tagCHUID] = chuid(id)
	c.Objects[tagCCC] = ccc(id)
	c.Objects[tagDiscovery] = discovery()
	return c, nil
}

// stream expands text into bytes that are the same everywhere.
func stream(n int, text ...any) []byte {
	return sha3.SumSHAKE256([]byte("CNIE SPECIMEN PIV "+fmt.Sprint(text...)), n)
}

// guid is a UUID made of the name, version 8 of RFC 9562.
func guid(name string) [16]byte {
	id := [16]byte(stream(16, "GUID ", name))
	id[6], id[8] = id[6]&0x0F|0x80, id[8]&0x3F|0x80
	return id
}

func specimenKey(name string, slot Slot, algorithm Algorithm) (crypto.Signer, error) {
	if bits := algorithm.bits(); bits > 0 && slot.holds() {
		return specimenRSA(slot, bits)
	}
	curve := algorithm.curve()
	if curve == nil || !slot.holds() && slot != attestation {
		return nil, fmt.Errorf("algorithm %02X is for no key here", byte(algorithm))
	}
	// One byte too many makes the remainder even enough; 0 has the odds of a collision.
	size := (curve.Params().BitSize + 7) / 8
	d := new(big.Int).SetBytes(stream(size+8, "EC ", name, slot, curve.Params().Name))
	d.Mod(d, curve.Params().N)
	return ecdsa.ParseRawPrivateKey(curve, d.FillBytes(make([]byte, size)))
}

// specimenRSA needs no search: the distance from where the stream begins to the
// next prime that serves was found once, and a test finds it again.
func specimenRSA(slot Slot, bits int) (crypto.Signer, error) {
	steps, known := distances[origin{slot, bits}]
	if !known {
		return nil, fmt.Errorf("there is no specimen key of %d bits", bits)
	}
	var primes [2]*big.Int
	for i, step := range steps {
		primes[i] = start(slot, bits, i)
		primes[i].Add(primes[i], big.NewInt(step))
	}
	return specimen.RSAOf(primes[0], primes[1])
}

// start is where the search for a prime begins: odd, and with its two highest bits
// set, so that the product has all its bits.
func start(slot Slot, bits, index int) *big.Int {
	b := stream(bits/16, "RSA ", slot, bits, index)
	b[0] |= 0xC0
	b[len(b)-1] |= 1
	return new(big.Int).SetBytes(b)
}

// origin is a key whose primes were looked for.
type origin struct {
	slot Slot
	bits int
}

var distances = map[origin][2]int64{
	{Authentication, 2048}:     {3160, 380},
	{Authentication, 3072}:     {586, 212},
	{Signature, 2048}:          {282, 474},
	{Signature, 3072}:          {22, 820},
	{KeyManagement, 2048}:      {196, 1486},
	{KeyManagement, 3072}:      {5934, 1212},
	{CardAuthentication, 2048}: {200, 1770},
	{CardAuthentication, 3072}: {646, 162},
}

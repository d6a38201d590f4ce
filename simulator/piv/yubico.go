package piv

import (
	"cnie/simulator"
)

// Yubico's additions to PIV, as its documentation of the PIV application has them.
const (
	insGetMetadata      = 0xF7
	insGetSerial        = 0xF8
	insAttest           = 0xF9
	insSetRetries       = 0xFA
	insReset            = 0xFB
	insGetVersion       = 0xFD
	insImport           = 0xFE
	insSetManagementKey = 0xFF

	attestation    Slot = 0xF9
	tagAttestation Tag  = 0x5FFF01
	firstVendor    Tag  = 0x5FFF00
	lastVendor     Tag  = 0x5FFFFF
)

// vendor objects are Yubico's.
func (t Tag) vendor() bool { return t >= firstVendor && t <= lastVendor }

// token is the card in the guise of a YubiKey.
type token struct {
	version [3]byte
	serial  uint32
}

// WithYubico makes the card answer like a YubiKey 5.4.3 with serial number
// 99000001: version, serial number, metadata, attestation, import of keys, SET
// MANAGEMENT KEY, SET PIN RETRIES, RESET, key policies. Programs written for
// those tokens, go-piv foremost, open nothing else. Attestations go back to a
// specimen issuer, so that they prove nothing to anybody who checks.
func WithYubico() Option {
	return func(a *Applet) { a.token = &token{version: [3]byte{5, 4, 3}, serial: 99_000_001} }
}

// equip makes a plain card's contents those of a token, once: with the attestation
// key, and with the first management key under 3DES as that version has it.
func (t *token) equip(c *Contents) {
	if _, there := c.Keys[attestation]; there {
		return
	}
	if attester, err := attester(); err == nil { // otherwise it has none
		c.Keys[attestation] = Key{Private: attester.key, Generated: true}
		c.SetCertificate(attestation, attester.certificate.Raw)
	}
	if c.Management.Algorithm == AES192 && c.Management.factory() {
		c.Management.Algorithm = TDES
	}
}

func (t *token) answer(a *Applet, cmd simulator.Command) simulator.Response {
	switch cmd.INS {
	case insGetVersion:
		return ok(t.version[:])
	case insGetSerial:
		return ok(t.number())
	case insGetMetadata:
		return a.metadata(cmd)
	case insAttest:
		return a.attest(cmd)
	case insImport:
		return status(a.importKey(cmd))
	case insSetManagementKey:
		return status(a.setManagementKey(cmd))
	case insSetRetries:
		return status(a.setRetries(cmd))
	case insReset:
		return status(a.reset())
	}
	return status(swInstruction)
}

func (t *token) number() []byte {
	return []byte{byte(t.serial >> 24), byte(t.serial >> 16), byte(t.serial >> 8), byte(t.serial)}
}

// metadata tells about a key or a password (GET METADATA).
func (a *Applet) metadata(cmd simulator.Command) simulator.Response {
	c := a.contents
	switch slot := Slot(cmd.P2); {
	case cmd.P1 != 0:
		return status(swIncorrectP1P2)
	case slot == refPIN:
		return ok(c.PIN.metadata(defaultPIN))
	case slot == refPUK:
		return ok(c.PUK.metadata(defaultPUK))
	case slot == management:
		m := put(nil, 1, byte(c.Management.Algorithm))
		m = put(m, 2, 0, touchNever)
		return ok(put(m, 5, truth(c.Management.factory())))
	default:
		key, there := c.Keys[slot]
		if !there {
			return status(swReferenceNotFound)
		}
		return ok(key.metadata(slot))
	}
}

func (p Password) metadata(factory string) []byte {
	m := put(nil, 1, 0xFF)
	m = put(m, 5, truth(string(p.Value) == factory))
	return put(m, 6, byte(p.Tries), byte(p.Left))
}

// Origins of a key.
const (
	originGenerated = 1
	originImported  = 2
)

func (k Key) metadata(slot Slot) []byte {
	origin := byte(originImported)
	if k.Generated {
		origin = originGenerated
	}
	m := put(nil, 1, byte(algorithmOf(k.Private)))
	m = put(m, 2, k.pinPolicy(slot), k.touchPolicy())
	m = put(m, 3, origin)
	return put(m, 4, publicObjects(k.Private.Public())...)
}

const touchNever = 1

func (k Key) touchPolicy() byte { return max(k.TouchPolicy, touchNever) }

func truth(b bool) byte {
	if b {
		return 1
	}
	return 0
}

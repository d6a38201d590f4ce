package simulator

import (
	"crypto/subtle"
	"fmt"

	"cnie/internal/kdf"
)

// Tags of secure messaging data objects, ICAO 9303-11 §9.8.4.
const (
	tagCryptogram    = 0x87 // padding indicator, then cryptogram
	tagCryptogramOdd = 0x85 // cryptogram alone, for odd instructions
	tagLe            = 0x97
	tagStatus        = 0x99
	tagChecksum      = 0x8E

	headerLen        = 4                    // CLA INS P1 P2
	paddingIndicator = 0x01                 // ISO 9797-1 padding method 2
	statusAndCode    = 2 + 2 + 2 + codeSize // DO'99' and DO'8E'
)

// channel is the card's end of secure messaging: it opens commands and protects
// answers, ICAO 9303-11 §9.8.
type channel struct {
	*keys
	block   int
	counted bool // AES: the counter makes the IV and the checksum needs padding
	ssc     []byte
	iv      [16]byte
	head    [16]byte
	sum     [16]byte
	plain   []byte // decrypted command data, reused
}

// newChannel starts at counter zero, ICAO 9303-11 §9.8.6.3 and §9.8.7.3.
func newChannel(c kdf.Cipher, secret []byte) (*channel, error) {
	k, err := deriveKeys(c, secret)
	if err != nil {
		return nil, fmt.Errorf("start secure messaging: %w", err)
	}
	n := k.cipher.BlockSize()
	return &channel{keys: k, block: n, counted: c != kdf.TDES, ssc: make([]byte, n)}, nil
}

// count advances the send sequence counter: before every command and every
// answer.
func (c *channel) count() {
	for i := len(c.ssc) - 1; i >= 0; i-- {
		if c.ssc[i]++; c.ssc[i] != 0 {
			return
		}
	}
}

// vector is the IV of this counter: zero for 3DES, E(KSEnc, SSC) for AES.
func (c *channel) vector() []byte {
	if c.counted {
		c.cipher.Encrypt(c.iv[:], c.ssc)
	}
	return c.iv[:c.block]
}

var padding = [16]byte{0x80}

// checksum covers the counter, an optional command header filled up to a block,
// and the data objects. The layer pads; a retail MAC does so itself. A header with
// no object behind it is padded once, not twice (ISO 7816-4 §10.2.3.1).
func (c *channel) checksum(head, objects []byte) []byte {
	if len(objects) == 0 {
		head, objects = nil, head[:headerLen]
	}
	c.mac.Reset()
	_, _ = c.mac.Write(c.ssc)
	_, _ = c.mac.Write(head)
	_, _ = c.mac.Write(objects)
	if c.counted {
		_, _ = c.mac.Write(padding[:c.block-len(objects)%c.block])
	}
	return c.mac.Sum(c.sum[:0])[:codeSize]
}

// protected are the data objects of a command, in their order.
type protected struct {
	cryptogram []byte
	le         []byte
	hasData    bool
	hasLe      bool
	objects    []byte // what the checksum covers
	code       []byte
}

// parseProtected reads [87 or 85] [97] 8E and nothing else.
func parseProtected(data []byte, odd bool) (p protected, sw Status) {
	cryptogram := byte(tagCryptogram)
	if odd {
		cryptogram = tagCryptogramOdd
	}
	for rest := data; len(rest) > 0; {
		tag, value, after, ok := object(rest)
		switch {
		case !ok:
			return p, swObjectsIncorrect
		case tag == cryptogram && !p.hasData && !p.hasLe:
			p.cryptogram, p.hasData = value, true
		case tag == tagLe && !p.hasLe && (len(value) == 1 || len(value) == 2):
			p.le, p.hasLe = value, true
		case tag == tagChecksum && len(value) == codeSize && len(after) == 0:
			p.objects, p.code = data[:len(data)-len(rest)], value
			return p, swOK
		default:
			return p, swObjectsIncorrect
		}
		rest = after
	}
	return p, swObjectsMissing
}

// open checks and decrypts a command. The checksum comes first: nothing else of
// a forged command is looked at.
func (c *channel) open(outer Command) (Command, Status) {
	c.count()
	p, sw := parseProtected(outer.Data, outer.INS&1 == 1)
	if sw != swOK {
		return Command{}, sw
	}
	c.head = [16]byte{outer.CLA, outer.INS, outer.P1, outer.P2, 0x80}
	if subtle.ConstantTimeCompare(c.checksum(c.head[:c.block], p.objects), p.code) != 1 {
		return Command{}, swObjectsIncorrect
	}
	inner := Command{CLA: outer.CLA &^ 0x0C, INS: outer.INS, P1: outer.P1, P2: outer.P2, secured: true}
	switch len(p.le) {
	case 1:
		inner.expect(int(p.le[0]), maxShortNe)
	case 2:
		inner.expect(int(p.le[0])<<8|int(p.le[1]), maxExtendedNe)
	}
	inner.Room, inner.most = min(inner.Ne, c.room(outer.Room)), outer.most
	if p.hasData {
		data, ok := c.decrypt(p.cryptogram, outer.INS&1 == 1)
		if !ok {
			return Command{}, swObjectsIncorrect
		}
		inner.Data = data
	}
	return inner, swOK
}

// decrypt returns the command data in a buffer that the next call reuses.
func (c *channel) decrypt(cryptogram []byte, odd bool) ([]byte, bool) {
	if !odd {
		if len(cryptogram) == 0 || cryptogram[0] != paddingIndicator {
			return nil, false
		}
		cryptogram = cryptogram[1:]
	}
	if len(cryptogram) == 0 || len(cryptogram)%c.block != 0 {
		return nil, false
	}
	if cap(c.plain) < len(cryptogram) {
		c.plain = make([]byte, len(cryptogram))
	}
	plain := c.plain[:len(cryptogram)]
	decryptCBC(c.cipher, c.vector(), plain, cryptogram)
	end := len(plain) - 1
	for end > 0 && plain[end] == 0 && end > len(plain)-c.block {
		end--
	}
	return plain[:end], plain[end] == 0x80
}

// room is how many plain bytes fit a protected answer of at most limit bytes:
// whole blocks, of which padding takes one byte.
func (c *channel) room(limit int) int {
	left := limit - statusAndCode
	left -= headerSize(left) + 1 // DO'87' and its padding indicator
	return max(0, left/c.block*c.block-1)
}

// protect wraps an answer, its status word included.
func (c *channel) protect(r Response, odd bool) []byte {
	c.count()
	if len(r.Data) > c.room(maxAnswer) {
		r = fail(swUnknown)
	}
	out := make([]byte, 0, len(r.Data)+2*c.block+statusAndCode+8)
	if len(r.Data) > 0 {
		out = c.encrypt(out, r.Data, odd)
	}
	out = append(out, tagStatus, 2, byte(r.SW>>8), byte(r.SW))
	code := c.checksum(nil, out)
	out = append(append(out, tagChecksum, codeSize), code...)
	return append(out, byte(r.SW>>8), byte(r.SW))
}

// encrypt appends the cryptogram object of data.
func (c *channel) encrypt(out, data []byte, odd bool) []byte {
	n := (len(data)/c.block + 1) * c.block
	if odd {
		out = appendHeader(out, tagCryptogramOdd, n)
	} else {
		out = append(appendHeader(out, tagCryptogram, n+1), paddingIndicator)
	}
	start := len(out)
	out = append(append(out, data...), padding[:n-len(data)]...)
	encryptCBC(c.cipher, c.vector(), out[start:])
	return out
}

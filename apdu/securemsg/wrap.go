package securemsg

import (
	"cnie/apdu"
	"cnie/apdu/tlv"
)

// Data objects of secure messaging, ISO 7816-4 §10.2.
const (
	tagPlainBERTLV = 0x85 // cryptogram of data objects, odd instructions
	tagCryptogram  = 0x87 // padding indicator and cryptogram, even instructions
	tagLe          = 0x97
	tagStatus      = 0x99
	tagChecksum    = 0x8E
)

const (
	checksumSize     = 8
	paddingIndicator = 0x01 // ISO 9797-1 padding method 2
)

// padding is what method 2 appends: as much of it as fills the block.
var padding = [16]byte{0x80}

// wrap builds the protected command. Its Data lies in s.scratch and is valid
// until the next message.
//
// The scratch buffer holds the whole MAC input in one piece, SSC || padded
// header || data objects, so one Write authenticates it. Doc 9303-11 §9.8.4.
func (s *Session) wrap(c apdu.Command) apdu.Command {
	s.advance()
	block := len(s.ssc)
	cla := c.CLA | apdu.CLASecureMessaging
	buf := append(s.scratch[:0], s.ssc...)
	buf = append(buf, cla, c.INS, c.P1, c.P2)
	buf = append(buf, padding[:block-4]...)
	if len(c.Data) > 0 {
		buf = s.appendCryptogram(buf, c)
	}
	buf = appendLe(buf, c.Ne)
	covered := buf
	if len(buf) == 2*block { // the header alone is padded once, not twice: ISO 7816-4 §10.2.3.1
		covered = buf[:block+4]
	}
	tag := s.checksum(covered)
	buf = append(buf, tagChecksum, checksumSize)
	buf = append(buf, tag...)
	s.scratch = buf
	body := buf[2*block:]
	ne := apdu.MaxShortNe
	if len(body) > apdu.MaxShortNc || c.Ne > apdu.MaxShortNe {
		ne = apdu.MaxExtendedNe
	}
	return apdu.Command{CLA: cla, INS: c.INS, P1: c.P1, P2: c.P2, Data: body, Ne: ne}
}

// appendCryptogram pads and encrypts the data where it will be sent from.
func (s *Session) appendCryptogram(buf []byte, c apdu.Command) []byte {
	block := len(s.ssc)
	length := len(c.Data) + block - len(c.Data)%block
	if c.INS&1 == 1 {
		buf = tlv.AppendHeader(buf, tagPlainBERTLV, length)
	} else {
		buf = tlv.AppendHeader(buf, tagCryptogram, length+1)
		buf = append(buf, paddingIndicator)
	}
	start := len(buf)
	buf = append(buf, c.Data...)
	buf = append(buf, padding[:length-len(c.Data)]...)
	s.encrypter.SetIV(s.vector())
	s.encrypter.CryptBlocks(buf[start:], buf[start:])
	return buf
}

// appendLe writes Ne as the command would have: one byte in the short form, two
// in the extended form, all zero for the maximum.
func appendLe(buf []byte, ne int) []byte {
	switch {
	case ne == 0:
		return buf
	case ne <= apdu.MaxShortNe:
		return append(buf, tagLe, 1, byte(ne))
	}
	return append(buf, tagLe, 2, byte(ne>>8), byte(ne))
}

// checksum authenticates a message that starts with the SSC. The profile pads
// before CMAC too (Doc 9303-11 §9.8.1, note); the retail MAC pads by itself.
func (s *Session) checksum(message []byte) []byte {
	s.mac.Reset()
	s.mac.Write(message)
	if s.aes {
		s.mac.Write(padding[:len(s.ssc)-len(message)%len(s.ssc)])
	}
	return s.mac.Sum(s.tag[:0])[:checksumSize]
}

// advance counts one message. Doc 9303-11 §9.8.2: before each of them.
func (s *Session) advance() {
	for i := len(s.ssc) - 1; i >= 0; i-- {
		s.ssc[i]++
		if s.ssc[i] != 0 {
			return
		}
	}
}

// vector is the IV: zero for 3DES, the encrypted counter for AES. Doc 9303-11
// §9.8.6.1, §9.8.7.1.
func (s *Session) vector() []byte {
	if s.aes {
		s.block.Encrypt(s.iv, s.ssc)
	}
	return s.iv
}

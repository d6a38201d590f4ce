package piv

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"

	"cnie/apdu/tlv"
	"cnie/cardreader/esign"
)

// Key references, SP 800-78-5 table 6-1.
const (
	refSignature          = 0x9C
	refCardAuthentication = 0x9E
	firstRetired          = 0x82
	lastRetired           = 0x95
)

// slot is a key reference and the data object of its certificate.
type slot struct {
	key         byte
	certificate tlv.Tag
}

// slots are looked at in this order: the signature key is what people come for.
var slots = func() []slot {
	all := []slot{{refSignature, 0x5FC10A}, {0x9A, 0x5FC105}, {0x9D, 0x5FC10B}, {refCardAuthentication, 0x5FC101}}
	for key := byte(firstRetired); key <= lastRetired; key++ {
		all = append(all, slot{key, 0x5FC10D + tlv.Tag(key-firstRetired)})
	}
	return all
}()

// Keys implements esign.Device.
func (c *card) Keys(ctx context.Context) ([]esign.Description, error) {
	var found []esign.Description
	var bad error
	for _, s := range slots {
		object, there, err := c.get(ctx, s.certificate)
		if ctx.Err() != nil || gone(err) {
			return nil, err
		}
		if err == nil && !there {
			continue
		}
		var certificate *x509.Certificate
		if err == nil {
			certificate, err = parseCertificate(object)
		}
		if err != nil {
			bad = errors.Join(bad, fmt.Errorf("read certificate %02X: %w", s.key, err))
			continue
		}
		found = append(found, esign.Description{
			Token: c.serial, Slot: fmt.Sprintf("%02X", s.key), AlwaysPIN: c.alwaysPIN(s.key),
			Certificate: certificate, Handle: s.key,
		})
	}
	return found, bad
}

// parseCertificate reads the content of a certificate object, SP 800-73-5 part 1
// table 10: 70 the certificate, 71 how it is kept, FE a check that is empty.
func parseCertificate(object []byte) (*x509.Certificate, error) {
	fields, err := tlv.ReadAll(object, maxFields)
	if err != nil {
		return nil, err
	}
	der, there := tlv.Find(fields, 0x70)
	if !there {
		return nil, &tlv.SyntaxError{Tag: 0x70, Reason: "there is no certificate in the object"}
	}
	content := der.Value
	if kept, told := tlv.Find(fields, 0x71); told && len(kept.Value) == 1 && kept.Value[0]&0x03 != 0 {
		if content, err = unpack(content); err != nil {
			return nil, err
		}
	}
	return x509.ParseCertificate(content)
}

// unpack undoes gzip (bit 1 of the CertInfo byte), and stops a bomb.
func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	content, err := io.ReadAll(io.LimitReader(r, maxObject+1))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	if len(content) > maxObject {
		return nil, fmt.Errorf("unpack: %w", errTooLarge)
	}
	return content, nil
}

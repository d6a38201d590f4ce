package ca

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"
)

// ErrUnknown says that no certificate with this serial number was issued here.
var ErrUnknown = errors.New("no certificate of this authority has this serial number")

// Reason is why a certificate is revoked, a CRLReason of RFC 5280 §5.3.1. Those
// that would have to be taken back, or are about authorities, are not offered.
type Reason string

// Reasons lists them; the first is the default.
func Reasons() []Reason {
	return []Reason{"unspecified", "keyCompromise", "affiliationChanged", "superseded", "cessationOfOperation", "privilegeWithdrawn"}
}

func (r Reason) code() (int, bool) {
	code, is := map[Reason]int{
		"unspecified": ocsp.Unspecified, "keyCompromise": ocsp.KeyCompromise, "affiliationChanged": ocsp.AffiliationChanged,
		"superseded": ocsp.Superseded, "cessationOfOperation": ocsp.CessationOfOperation, "privilegeWithdrawn": ocsp.PrivilegeWithdrawn,
	}[r]
	return code, is
}

// ParseSerial reads a serial number as openssl prints it: hexadecimal, colons
// between the bytes or not, 0x in front or not.
func ParseSerial(text string) (*big.Int, error) {
	digits := strings.TrimPrefix(strings.ToLower(strings.ReplaceAll(text, ":", "")), "0x")
	serial, is := new(big.Int).SetString(digits, 16)
	if !is || len(digits) > 40 || serial.Sign() <= 0 || strings.ContainsAny(digits, "+-_") {
		return nil, fmt.Errorf("%q is no serial number: give it in hexadecimal, as `openssl x509 -serial` prints it", text)
	}
	return serial, nil
}

// Revoke revokes a certificate for good, that of the authority itself included,
// which issues nothing from then on. It returns when: now, or long ago, if
// it had been revoked already.
func (d *Door) Revoke(ctx context.Context, serial *big.Int, reason Reason) (at time.Time, already bool, err error) {
	code, is := reason.code()
	if !is {
		return at, false, fmt.Errorf("%q is no reason to revoke", reason)
	}
	issuing, err := readCertificate(filepath.Join(d.dir, issuingFile))
	if err != nil {
		return at, false, err
	}
	if serial.Cmp(issuing.SerialNumber) == 0 {
		return d.revokeAuthority(issuing, code)
	}
	before, err := d.status(ctx, serial)
	if err != nil {
		return at, false, err
	}
	switch before.Status {
	case ocsp.Unknown:
		return at, false, ErrUnknown
	case ocsp.Revoked:
		return before.RevokedAt, true, nil
	}
	if err := d.revoke(ctx, serial, code); err != nil {
		return at, false, err
	}
	after, err := d.status(ctx, serial)
	if err != nil {
		return at, false, err
	}
	if after.Status != ocsp.Revoked {
		return at, false, errors.New("the authority took the order and did not revoke the certificate")
	}
	return after.RevokedAt, false, nil
}

func (d *Door) revoke(ctx context.Context, serial *big.Int, code int) error {
	key, err := readOrderKey(d.dir, revoking)
	if err != nil {
		return err
	}
	token, err := d.config.sign(key, revoking, "/1.0/revoke", serial.String(), nil)
	if err != nil {
		return err
	}
	// Passive means that the list and the responder say so; there is no other way.
	body, err := json.Marshal(map[string]any{"serial": serial.String(), "ott": token, "reasonCode": code, "passive": true})
	if err != nil {
		return err
	}
	status, answer, err := d.post(ctx, "/1.0/revoke", "application/json", body)
	if err == nil && status != http.StatusOK {
		err = refusedBecause(answer)
	}
	return err
}

// status asks the authority's own responder.
func (d *Door) status(ctx context.Context, serial *big.Int) (*ocsp.Response, error) {
	issuing, err := readCertificate(filepath.Join(d.dir, issuingFile))
	if err != nil {
		return nil, err
	}
	question, err := ocsp.CreateRequest(&x509.Certificate{SerialNumber: serial}, issuing, &ocsp.RequestOptions{Hash: crypto.SHA256})
	if err != nil {
		return nil, err
	}
	_, answer, err := d.post(ctx, ocspPath, "application/ocsp-request", question)
	if err != nil {
		return nil, err
	}
	told, err := ocsp.ParseResponse(answer, issuing)
	if err != nil {
		return nil, fmt.Errorf("read the authority's answer: %w", err)
	}
	return told, nil
}

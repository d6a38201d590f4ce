package specimen

import (
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"cnie/internal/wholefile"
)

// CRLValidity is how long a list written by [Country.WriteTrust] is current;
// ICAO 9303-12 §4.1.5 asks for a new one every 90 days at the latest.
const CRLValidity = 90 * 24 * time.Hour

// CRL signs a revocation list (version 2, RFC 5280 §5, ICAO 9303-12 §7.1.4).
func (c *Country) CRL(thisUpdate, nextUpdate time.Time, revoked ...Revocation) ([]byte, error) {
	parts := [][]byte{small(1), c.key.algorithmIdentifier(), c.name(), moment(thisUpdate), moment(nextUpdate)}
	var entries [][]byte
	for _, r := range revoked {
		entries = append(entries, sequence(integer(r.Serial), moment(r.At)))
	}
	if len(entries) > 0 { // an empty list must be left out
		parts = append(parts, sequence(entries...))
	}
	number := integer(big.NewInt(max(thisUpdate.Unix(), 0))) // grows with every issue
	parts = append(parts, explicit(0, sequence(authorityKeyID(c.key), extension(oidCRLNumber, false, number))))
	list, err := signed(sequence(parts...), c.key)
	if err != nil {
		return nil, fmt.Errorf("issue CRL: %w", err)
	}
	return list, nil
}

// WriteTrust writes what a relying party needs into dir, which it makes if it
// must: CSCA-SPECIMEN-NAME.der and the revocation list of that day beside it.
// Each file appears whole or not at all.
func (c *Country) WriteTrust(dir string, now time.Time) error {
	today := now.UTC().Truncate(24 * time.Hour)
	list, err := c.CRL(today, today.Add(CRLValidity), c.Revoked...)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make trust folder: %w", err)
	}
	base := filepath.Join(dir, "CSCA-SPECIMEN-"+c.Name)
	if err := wholefile.Replace(base+".der", c.Certificate, 0o644); err != nil {
		return fmt.Errorf("write CSCA: %w", err)
	}
	if err := wholefile.Replace(base+".crl", list, 0o644); err != nil {
		return fmt.Errorf("write CRL: %w", err)
	}
	return nil
}

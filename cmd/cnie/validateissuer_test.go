package main

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ca"
	"cnie/pki/adsig"
	"cnie/simulator"
)

// TestValidateUnderTheRoot trusts nobody but the root, by its one file. That takes
// the issuing authority's certificate, which did not come with the signature, and
// the root's word that it still holds.
func TestValidateUnderTheRoot(t *testing.T) {
	o := newOffice(t)
	file := papers(t, "letter.txt")[0]
	got := atDesk(t, simulator.NewSystem("Simulated", o.chip()), amina(), "sign", file) // without --chain
	require.Equal(t, exitOK, got.code, got.stderr)
	published := strings.TrimSuffix(o.crl, "/crl")
	root := []string{file + ".p7s", "--trust", filepath.Join(o.dir, "root.crt")}
	issuer := []string{"--issuer", published + "/issuer.crt"}
	rootList := []string{"--ocsp", o.ocsp, "--crl", published + "/root.crl"}
	check := func(code int, indication adsig.Indication, sub adsig.SubIndication, more ...[]string) {
		t.Helper()
		args := root
		for _, m := range more {
			args = append(args[:len(args):len(args)], m...)
		}
		got, view := validated(t, args...)
		assert.Equal(t, code, got.code, got.stderr)
		s := view.Files[0].Signatures[0]
		assert.Equal(t, indication, s.Indication, s.Sentence)
		assert.Equal(t, sub, s.Sub)
	}
	check(exitInconclusive, adsig.Indeterminate, adsig.NoCertificateChainFound)
	// Addresses in certificates may not lead to this machine.
	check(exitInconclusive, adsig.Indeterminate, adsig.NoCertificateChainFound, []string{"--online"})
	check(exitInconclusive, adsig.Indeterminate, adsig.NoCertificateChainFound, []string{"--issuer", published + "/root.crt"})
	check(exitInconclusive, adsig.Indeterminate, adsig.TryLater, issuer)
	check(exitOK, adsig.TotalPassed, "", issuer, rootList)

	issuing, err := os.ReadFile(o.chain)
	require.NoError(t, err)
	block, _ := pem.Decode(issuing)
	certificate, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	door, err := ca.Dial(t.Context(), o.dir)
	require.NoError(t, err)
	_, _, err = door.Revoke(t.Context(), certificate.SerialNumber, ca.Reason("keyCompromise"))
	require.NoError(t, err)
	require.NoError(t, door.Close())
	check(exitInconclusive, adsig.Indeterminate, adsig.RevokedCANoPOE, issuer, rootList)
}

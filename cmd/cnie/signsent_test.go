package main

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/client"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pades"
	"cnie/pki/adsig/pdf/pdftest"
	"cnie/pki/cert"
	"cnie/simulator/piv"
)

// A service that makes the signature itself may put something in between: what comes
// back begins with the document, and all of it is signed, but it shows something else.
func TestSentDocumentAltered(t *testing.T) {
	o := newOffice(t)
	holder, err := cert.Parse(o.certificate.Raw)
	require.NoError(t, err)
	hand := cades.Signer{Key: o.card.Keys[piv.Signature].Private, Chain: []*cert.Certificate{holder}}
	given := pdftest.Page("SPECIMEN").Bytes()
	altered := (&pdftest.File{Objects: map[int]string{4: pdftest.Stream("", "BT /F1 24 Tf 72 720 Td (PAY) Tj ET")}}).Append(given)
	keep := func(content []byte) error {
		var signed bytes.Buffer
		signer := &pades.Signer{Signer: hand, Time: time.Now()}
		require.NoError(t, signer.Sign(t.Context(), &signed, bytes.NewReader(content), int64(len(content)), cades.BB, nil))
		require.True(t, bytes.HasPrefix(signed.Bytes(), given))
		out, err := os.Create(filepath.Join(t.TempDir(), "out.pdf"))
		require.NoError(t, err)
		defer out.Close()
		digest := sha256.Sum256(given)
		s := &signing{key: &openKey{chain: hand.Chain}, levelOptions: levelOptions{level: cades.BB, augmenter: &cades.Augmenter{}}}
		return s.keepPDF(t.Context(), &document{name: "given.pdf", size: int64(len(given)), digest: digest[:]}, signed.Bytes(), &draft{File: out})
	}
	require.NoError(t, keep(given))
	assert.ErrorIs(t, keep(altered), client.ErrSignature)
}

package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	answers "cnie/internal/answer"
	"cnie/lds"
	"cnie/pki"
)

// The scripts have desk.pem, the key of a desk, answer.jws, which it signed just
// now, trial.jws about a specimen card, and face.bin, a picture for a decoder.
func TestAnswerScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Files:               []string{filepath.Join("testdata", "answer.txtar"), filepath.Join("testdata", "photo.txtar")},
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			for name, content := range answerFiles(t) {
				if err := os.WriteFile(filepath.Join(e.WorkDir, name), content, 0o600); err != nil {
					return err
				}
			}
			return nil
		},
	})
}

func answerFiles(t *testing.T) map[string][]byte {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, 32))
	der, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	key, err := answers.NewKey(private)
	require.NoError(t, err)
	s := answers.Statement{
		Controller: "https://town.example", Desk: "desk-3", Audience: "https://bank.example", Purpose: "open-account", Transaction: "t-0001",
		Time: time.Now(), Expiry: time.Now().Add(time.Hour), Verdict: pki.Accepted, Match: "match",
		Question: answers.Question{ID: answers.Over18}, Answer: answers.Yes, Reasons: []string{"answer.age-reached"},
	}
	token, err := key.Sign(s)
	require.NoError(t, err)
	s.Specimen = true
	trial, err := key.Sign(s)
	require.NoError(t, err)
	var picture bytes.Buffer
	require.NoError(t, jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 50)), nil))
	return map[string][]byte{
		"desk.pem":   pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		"answer.jws": []byte(token + "\n"), "trial.jws": []byte(trial),
		"face.jpg": picture.Bytes(), "face.bin": append([]byte{byte(lds.JPEG)}, picture.Bytes()...),
	}
}

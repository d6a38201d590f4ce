package main

import (
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/client"
)

// A batch is one permission; what the service asks is asked at the terminal, once, and
// the documents are named to it.
func TestSignRemote(t *testing.T) {
	o := newOffice(t)
	s := newSigningService(t, o)
	files := papers(t, "a.txt", "b.txt", "c.txt")
	h := &holder{pins: []string{"4711"}}
	got := s.run(h, "sign", append(files, o.raised("B-T")...)...)
	require.Equal(t, exitOK, got.code, got.stderr)
	assert.Equal(t, []string{"The service asks: Signature PIN"}, h.questions)
	assert.Equal(t, []string{"3 documents: a.txt, b.txt, c.txt"}, s.described)
	assert.Equal(t, 3, strings.Count(got.stdout, ", B-T, with the certificate of SPECIMEN AMINA"))
	assert.Equal(t, 1, s.asked["signatures/signHash"])
	for _, file := range files {
		judgedBy(t, "cms", "-verify", "-binary", "-inform", "DER", "-in", file+".p7s", "-content", file, "-CAfile", filepath.Join(o.dir, "root.crt"), "-purpose", "any", "-out", os.DevNull)
	}
	got = s.run(h, "sign", files...)
	require.Equal(t, exitOK, got.code, got.stderr)
	assert.Equal(t, 3, strings.Count(got.stdout, "Was signed before: "))
	assert.Len(t, s.described, 1)

	s.several = 2
	more := papers(t, "d.txt", "e.txt", "f.txt")
	h = &holder{pins: []string{"4711"}}
	got = s.run(h, "sign", append(more, "--purpose", "a test")...)
	require.Equal(t, exitOK, got.code, got.stderr)
	assert.Len(t, h.questions, 2)
	assert.Equal(t, []string{"a test", "a test"}, s.described[1:])
}

// A level that was not reached keeps the signatures that were made, all of them.
func TestSignRemoteLowerLevel(t *testing.T) {
	o := newOffice(t)
	s := newSigningService(t, o)
	files := papers(t, "a.txt", "b.txt")
	got := s.run(&holder{pins: []string{"4711"}}, "sign", append(files, "--tsa", "http://"+free(t))...)
	assert.Equal(t, exitLowerLevel, got.code, got.stderr)
	assert.Equal(t, []string{"a.txt", "a.txt.B-B.p7s", "b.txt", "b.txt.B-B.p7s"}, names(t, filepath.Dir(files[0])))
	assert.NotContains(t, got.stderr, "not signed")
}

// Nothing is written where there is no signature, and each reason has its exit code.
func TestSignRemoteRefused(t *testing.T) {
	o := newOffice(t)
	for name, c := range map[string]struct {
		change func(*signingService)
		holder *holder
		args   []string
		code   int
		want   string
	}{
		"refused": {func(s *signingService) {
			s.answers["credentials/authorize"] = map[string]string{"error": "access_denied"}
		}, nil, nil, exitRefused, "refused; nothing was signed"},
		"a wrong PIN":      {nil, &holder{pins: []string{"0000"}}, nil, exitWrongPassword, "Wrong PIN; type it again with care (0 of 2 are signed"},
		"nobody to ask":    {nil, &holder{}, nil, exitUsage, "nobody is at a terminal to answer"},
		"spoilt":           {func(s *signingService) { s.spoils = true }, nil, nil, exitTryAgain, "no signature of this key"},
		"its own trouble":  {func(s *signingService) { s.answers["credentials/info"] = 503 }, nil, nil, exitTryAgain, "not now; try again later"},
		"another protocol": {func(s *signingService) { s.answers["credentials/info"] = 404 }, nil, nil, exitUnavailable, "check the address"},
		"another key": {func(s *signingService) {
			other, err := ecdsa.GenerateKey(s.key.Public().(*ecdsa.PublicKey).Curve, rand.Reader)
			require.NoError(t, err)
			s.key = other
		}, nil, nil, exitTryAgain, "no signature of this key"},
		"a secret that is wrong": {nil, nil, []string{"--client-secret", anyFile(t)}, exitNotPermitted, "check --client and --client-secret"},
		"an empty secret":        {nil, nil, []string{"--client-secret", os.DevNull}, exitUsage, "is empty"},
		"no secret":              {nil, nil, []string{"--client-secret", ""}, exitNotPermitted, "give --client-secret FILE"},
		"no such secret":         {nil, nil, []string{"--client-secret", "no/such"}, exitIO, "no/such"},
		"as nobody":              {nil, nil, []string{"--client", ""}, exitUsage, "give --client ID"},
		"in clear":               {nil, nil, []string{"--key", "remote:http://sign.example/amina"}, exitUsage, "remote:https://HOST"},
		"with a reader":          {nil, nil, []string{"--reader", "x"}, exitUsage, "leave them out"},
		"without a service":      {nil, nil, []string{"--key", "piv"}, exitUsage, "go with --key remote:"},
		"roots of nothing":       {nil, nil, []string{"--service-roots", anyFile(t)}, exitConfiguration, "PEM"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSigningService(t, o)
			if c.change != nil {
				c.change(s)
			}
			h := c.holder
			switch {
			case h == nil:
				h = &holder{pins: []string{"4711"}}
			case h.pins == nil:
				h = nil
			}
			files := papers(t, "a.txt", "b.txt")
			got := s.run(h, "sign", append(files, c.args...)...)
			assert.Equal(t, c.code, got.code, got.stderr)
			assert.Contains(t, got.stderr, c.want)
			assert.Empty(t, got.stdout)
			assert.Equal(t, []string{"a.txt", "b.txt"}, names(t, filepath.Dir(files[0])), "nothing is left")
			assert.NotContains(t, got.stderr, "s3cret")
			assert.NotContains(t, got.stderr, "4711")
		})
	}
}

func anyFile(t *testing.T) string {
	file := filepath.Join(t.TempDir(), "any")
	require.NoError(t, os.WriteFile(file, []byte("guess\n"), 0o600))
	return file
}

// The program's secret can be typed; the command line never has it.
func TestSignRemoteTypedSecret(t *testing.T) {
	o := newOffice(t)
	s := newSigningService(t, o)
	h := &holder{pins: []string{"s3cret", "4711"}}
	got := s.run(h, "sign", papers(t, "a.txt")[0], "--client-secret", "-")
	require.Equal(t, exitOK, got.code, got.stderr)
	assert.Equal(t, []string{"Secret of this program at the service", "The service asks: Signature PIN"}, h.questions)
	got = s.run(nil, "sign", papers(t, "a.txt")[0], "--client-secret", "-")
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.stderr, "nobody at a terminal to type the program's secret")
}

// A service's keys are listed with the name by which --key takes each.
func TestKeysRemote(t *testing.T) {
	o := newOffice(t)
	s := newSigningService(t, o)
	got := s.run(nil, "keys", "--json")
	require.Equal(t, exitOK, got.code, got.stderr)
	var list keyList
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &list))
	require.Len(t, list.Keys, 2)
	k := list.Keys[0]
	assert.Equal(t, "remote:"+s.server.URL+"/csc/v2/amina", k.URI)
	assert.Equal(t, []any{"amina", "SPECIMEN AMINA", true, "P-256"}, []any{k.Slot, k.Holder, k.Remote, k.Algorithm})
	assert.Contains(t, s.run(nil, "keys").stdout, "there")
	assert.Equal(t, exitUsage, s.run(nil, "keys", "--reader", "x").code)
	assert.Equal(t, exitUsage, s.run(nil, "keys", "--key", "").code)
	assert.Equal(t, exitUsage, s.run(nil, "keys", "--key", "piv").code)
	s.answers["credentials/info"] = map[string]any{"error": "invalid_request"}
	got = s.run(nil, "keys")
	assert.Equal(t, exitUnavailable, got.code)
	assert.Contains(t, got.stderr, "the service refused credentials/info")

}

// A service that asks without words is quoted by its identifier, which steers no
// terminal either.
func TestPromptTextIsPlain(t *testing.T) {
	assert.Equal(t, "The service asks: PIN?[2J", promptText(client.Prompt{ID: "PIN\x1b[2J"}))
}

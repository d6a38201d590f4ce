//go:build cgo

package e2e_test

import (
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// access are the arguments by which a program outside is let in.
func (w *town) access() []string {
	return []string{"--client", "program", "--client-secret", "service/program.secret"}
}

// sign runs `cnie sign` outside, without a terminal.
func (w *town) sign(args ...string) (code int, said string) { return w.signAs(w.access(), args...) }

func (w *town) signAs(access []string, args ...string) (code int, said string) {
	all := append([]string{"sign", "--key", "remote:" + w.doors[0].url() + "/csc/v2/" + w.credential, "--service-roots", "service/server.crt"}, access...)
	return w.try("cnie", append(all, args...)...)
}

var (
	signatureMade = regexp.MustCompile(`header=0087..9C .* status=9000`)
	pinGiven      = regexp.MustCompile(`header=00200080 sent=(?:[6-9]|1\d) `)
)

// onCard counts the signatures that the card made with the key for documents, and the
// PINs that it was given, by its own log.
func (w *town) onCard() (signatures, pins int) {
	log, err := os.ReadFile(w.chip.log)
	require.NoError(w.t, err)
	return len(signatureMade.FindAll(log, -1)), len(pinGiven.FindAll(log, -1))
}

func judged(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	assert.NoError(t, err, "%s %v: %s", name, args, out)
	return string(out)
}

package client

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/oauth2"
)

// What a service says is shown on terminals, and steers none: also where it is an
// address to be opened, or the name of a key. C1 controls are letters to net/url.
func TestNothingSteersTerminals(t *testing.T) {
	for _, page := range []string{"https://signer.example/\u009b2J", "https://signer.example/\u202egnp"} {
		_, err := checked(oauth2.Endpoint{AuthURL: page, TokenURL: "https://signer.example/token"})
		assert.ErrorIs(t, err, ErrAccess)
	}
	for _, name := range []string{"", "amina\x1b]0;x\a", string(make([]rune, maxName+1))} {
		assert.False(t, isName(name))
	}
	assert.True(t, isName("amina/1"))
}

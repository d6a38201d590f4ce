package adsig_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNoNetwork keeps the network in one room: whoever validates or signs links
// none unless it asks for package online.
func TestNoNetwork(t *testing.T) {
	deps := func(rooms ...string) []string {
		out, err := exec.Command("go", append([]string{"list", "-deps"}, rooms...)...).Output()
		require.NoError(t, err)
		return strings.Fields(string(out))
	}
	assert.NotContains(t, deps("cnie/pki/adsig", "cnie/pki/adsig/cades", "cnie/pki/adsig/tsp", "cnie/pki/adsig/revocation"), "net/http")
	assert.Contains(t, deps("cnie/pki/adsig/online"), "net/http")
}

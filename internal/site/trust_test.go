package site_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/site"
	"cnie/pki/specimen"
	"cnie/pki/trust"
)

func TestPermitsTrust(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, specimen.Default().WriteTrust(dir, time.Now()))
	specimens, err := trust.LoadDir(dir)
	require.NoError(t, err)
	serving := parsed(t, "production: false", production)
	assert.ErrorIs(t, serving.PermitsTrust(specimens), site.ErrSpecimen)
	assert.NoError(t, serving.PermitsTrust(trust.NewStore(nil, nil)))
	assert.NoError(t, parsed(t).PermitsTrust(specimens))
}

package ca_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// reply is an HTTP response that was read.
type reply struct {
	*http.Response
	body []byte
}

func post(t *testing.T, url, kind string, body []byte) reply {
	t.Helper()
	return posted(t, http.DefaultClient, url, kind, body)
}

func posted(t *testing.T, client *http.Client, url, kind string, body []byte) reply {
	t.Helper()
	response, err := client.Post(url, kind, bytes.NewReader(body))
	require.NoError(t, err)
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return reply{response, content}
}

func parsed(t *testing.T, text []byte) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(text)
	require.NotNil(t, block)
	c, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	return c
}

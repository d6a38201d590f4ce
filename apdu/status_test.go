package apdu_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
)

func TestStatusFamilies(t *testing.T) {
	cases := []struct {
		sw     apdu.Status
		family error
	}{
		{0x6A82, apdu.ErrNotFound}, {0x6A83, apdu.ErrNotFound}, {0x6A88, apdu.ErrNotFound},
		{0x6982, apdu.ErrSecurityStatus},
		{0x6983, apdu.ErrAuthBlocked}, {0x63C0, apdu.ErrAuthBlocked},
		{0x6300, apdu.ErrWrongSecret}, {0x63C2, apdu.ErrWrongSecret}, {0x63CF, apdu.ErrWrongSecret},
		{0x6700, apdu.ErrWrongLength}, {0x6C10, apdu.ErrWrongLength},
		{0x6985, apdu.ErrConditions}, {0x6986, apdu.ErrConditions},
		{0x6987, apdu.ErrSecureMessage}, {0x6988, apdu.ErrSecureMessage},
		{0x6D00, apdu.ErrNotSupported}, {0x6E00, apdu.ErrNotSupported},
	}
	all := []error{apdu.ErrNotFound, apdu.ErrSecurityStatus, apdu.ErrAuthBlocked, apdu.ErrWrongSecret, apdu.ErrWrongLength, apdu.ErrConditions, apdu.ErrSecureMessage, apdu.ErrNotSupported}
	for _, c := range cases {
		err := fmt.Errorf("select: %w", apdu.Response{SW: c.sw}.Err(0xA4))
		for _, family := range all {
			assert.Equal(t, family == c.family, errors.Is(err, family), "%v against %v", c.sw, family)
		}
		assert.ErrorContains(t, err, c.sw.String())
	}
	assert.NoError(t, apdu.Response{SW: 0x9000}.Err(0xA4))
	assert.ErrorContains(t, apdu.Response{SW: 0x6F00}.Err(0xB0), "6F00", "a word of no family is named as it is")
}

func TestRetries(t *testing.T) {
	for sw, want := range map[apdu.Status]int{0x63C0: 0, 0x63C1: 1, 0x63CF: 15, 0x6983: 0, 0x6300: -1, 0x6982: -1} {
		n, known := (&apdu.StatusError{SW: sw}).Retries()
		assert.Equal(t, want >= 0, known, sw)
		if known {
			assert.Equal(t, want, n, sw)
		}
	}
}

func TestParseResponse(t *testing.T) {
	r, err := apdu.ParseResponse([]byte{1, 2, 0x90, 0x00})
	require.NoError(t, err)
	assert.Equal(t, apdu.Response{Data: []byte{1, 2}, SW: 0x9000}, r)
	assert.Equal(t, []byte{1, 2, 0x90, 0x00}, r.Encode())
	_, err = apdu.ParseResponse([]byte{0x90})
	assert.ErrorIs(t, err, apdu.ErrMalformed)
}

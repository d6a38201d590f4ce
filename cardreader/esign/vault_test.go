package esign

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVault(t *testing.T) {
	secret := []byte("123456")
	v, err := newVault(secret)
	require.NoError(t, err)
	secret[0] = 'x'
	assert.Equal(t, "123456", string(v.bytes()), "a copy of its own")
	mapped := flags(t, v.page)
	require.NoError(t, v.close())
	assert.Empty(t, v.page)
	if mapped != "" { // a system that shows it
		assert.Contains(t, mapped, " lo", "locked")
		assert.Contains(t, mapped, " dd", "not dumped")
	}
	_, err = newVault(make([]byte, 1<<20))
	assert.ErrorIs(t, err, errTooLong)
}

// flags finds what Linux notes of the memory in which a page is; "" elsewhere.
func flags(t *testing.T, page []byte) string {
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return ""
	}
	start := fmt.Sprintf("(?m)^%08x-", uintptr(unsafe.Pointer(&page[0])))
	at := regexp.MustCompile(start).FindIndex(maps)
	require.NotNil(t, at, "the page has no mapping of its own")
	_, after, found := strings.Cut(string(maps[at[0]:]), "VmFlags:")
	require.True(t, found)
	line, _, _ := strings.Cut(after, "\n")
	return line
}

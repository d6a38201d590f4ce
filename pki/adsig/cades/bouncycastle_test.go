package cades_test

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/cades"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestBouncyCastle has BouncyCastle verify signatures of every kind of key,
// detached and attached in pieces, and the timestamps of one of each level. It
// is Debian's libbcpkix-java, and runs once for all.
func TestBouncyCastle(t *testing.T) {
	jars := []string{"bcprov.jar", "bcutil.jar", "bcpkix.jar"}
	for i, jar := range jars {
		jars[i] = filepath.Join("/usr/share/java", jar)
	}
	arguments := []string{"-cp", strings.Join(jars, ":"), filepath.Join("testdata", "Judge.java")}
	plain := adsigtest.File(t, "content", content)
	var want []string
	add := func(message []byte, at, line string) {
		arguments = append(arguments, adsigtest.File(t, "message", message), at)
		want = append(want, line)
	}
	for _, k := range kinds(t) {
		d := newDesk(t, k)
		var attached bytes.Buffer
		require.NoError(t, d.Envelop(t.Context(), &attached, bytes.NewReader(content), cades.BB, nil))
		line := "verified " + algorithmOIDs[k.name] + " timestamps 0 archives 0"
		add(d.detached(t), plain, line)
		add(attached.Bytes(), "-", line)
	}
	d := newDesk(t, kinds(t)[2])
	for level, archives := range map[cades.Level]int{cades.BT: 0, cades.BLT: 0, cades.BLTA: 1} {
		raised, err := d.augmenter().Augment(t.Context(), d.detached(t), level, digests)
		require.NoError(t, err)
		line := func(n int) string {
			return fmt.Sprintf("verified %s timestamps 1 archives %d", algorithmOIDs["rsa-pss"], n)
		}
		add(raised, plain, line(archives))
		if level == cades.BLTA {
			again, err := d.augmenter().Augment(t.Context(), raised, level, digests)
			require.NoError(t, err)
			add(again, plain, line(archives+1))
		}
	}
	command := exec.Command("java", arguments...)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	output, err := command.Output()
	require.NoError(t, err, "%s%s", output, &complaints)
	assert.Equal(t, want, strings.Split(strings.TrimSpace(string(output)), "\n"))
}

var algorithmOIDs = map[string]string{
	"rsa": "1.2.840.113549.1.1.11", "rsa-sha512": "1.2.840.113549.1.1.13",
	"rsa-pss": "1.2.840.113549.1.1.10", "rsa-pss-sha384": "1.2.840.113549.1.1.10",
	"p256": "1.2.840.10045.4.3.2", "p384": "1.2.840.10045.4.3.3", "p521": "1.2.840.10045.4.3.4",
	"brainpoolP256r1": "1.2.840.10045.4.3.2", "brainpoolP384r1": "1.2.840.10045.4.3.3", "brainpoolP512r1": "1.2.840.10045.4.3.4",
}

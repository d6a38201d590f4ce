package packaging

import (
	"archive/zip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const release = "9.8.7"

// run gives what a program said; the test ends where it fails.
func run(t *testing.T, program string, args ...string) string {
	t.Helper()
	command := exec.Command(program, args...)
	command.Env = append(os.Environ(), "VERSION="+release, "SOURCE_DATE_EPOCH=1790000000", "LC_ALL=C")
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s: %s", program, out)
	return string(out)
}

// What the script builds is what is installed: contents, rights, and a program
// that runs from the place where it is unpacked.
func TestPackage(t *testing.T) {
	dir := t.TempDir()
	run(t, "../scripts/package.sh", dir)
	deb := filepath.Join(dir, "cnie_"+release+"-1_amd64.deb")

	t.Run("contents", func(t *testing.T) {
		listed := run(t, "dpkg-deb", "--contents", deb)
		for file, mode := range map[string]string{
			"usr/bin/cnie": "-rwxr-xr-x", "usr/lib/cnie/open-screen": "-rwxr-xr-x",
			"usr/lib/systemd/system/cnie-counter.service": "-rw-r--r--", "usr/lib/systemd/system/cnie-agent@.service": "-rw-r--r--",
			"usr/lib/tmpfiles.d/cnie.conf": "-rw-r--r--", "usr/share/polkit-1/rules.d/50-cnie-counter.rules": "-rw-r--r--",
			"usr/share/man/man1/cnie-counter.1.gz": "-rw-r--r--", "usr/share/bash-completion/completions/cnie": "-rw-r--r--",
			"usr/share/zsh/vendor-completions/_cnie": "-rw-r--r--", "usr/share/fish/vendor_completions.d/cnie.fish": "-rw-r--r--",
			"usr/share/doc/cnie/copyright": "-rw-r--r--", "usr/share/doc/cnie/third-party-licences.gz": "-rw-r--r--",
			"etc/cnie/site.example.yaml": "-rw-r--r--", "etc/default/cnie-counter": "-rw-r--r--",
		} {
			assert.Regexp(t, `(?m)^`+mode+` root/root .* \./`+regexp.QuoteMeta(file)+`$`, listed)
		}
		assert.NotContains(t, listed, "cnie-sim", "what makes forged cards is not installed beside what judges them")
		for line := range strings.Lines(listed) {
			assert.Regexp(t, `^[dl-]\S{9} root/root `, line)
			assert.NotRegexp(t, `^-....w|^-.......w|^-..s|^-.....s`, line, "nobody but root may write, and nothing runs as somebody else")
		}
	})
	t.Run("control", func(t *testing.T) {
		about := run(t, "dpkg-deb", "--field", deb)
		assert.Contains(t, about, "Package: cnie\n")
		assert.Contains(t, about, "Version: "+release+"-1\n")
		assert.Regexp(t, `(?m)^Depends: adduser, libc6 \(>= 2\.\d+\), libpcsclite1$`, about)
		assert.Equal(t, "/etc/cnie/site.example.yaml\n/etc/default/cnie-counter\n", run(t, "dpkg-deb", "--info", deb, "conffiles"))
	})
	t.Run("unpacked", func(t *testing.T) {
		root := filepath.Join(t.TempDir(), "root")
		run(t, "dpkg-deb", "--extract", deb, root)
		assert.Equal(t, "cnie "+release+"\n", run(t, filepath.Join(root, "usr/bin/cnie"), "version"))
		run(t, filepath.Join(root, "usr/bin/cnie"), "site", "check", filepath.Join(root, "etc/cnie/site.example.yaml"))
	})
	t.Run("windows", func(t *testing.T) {
		archive, err := zip.OpenReader(filepath.Join(dir, "cnie_"+release+"_windows_amd64.zip"))
		require.NoError(t, err)
		defer archive.Close()
		var names []string
		for _, f := range archive.File {
			names = append(names, f.Name)
		}
		assert.ElementsMatch(t, []string{"LICENSE.txt", "README.txt", "cnie.exe", "site.example.yaml"}, names)
	})
}

// The maintainers' scripts are what sh takes, and the units what systemd does.
func TestScriptsAndUnits(t *testing.T) {
	for _, script := range []string{"debian/postinst", "debian/prerm", "debian/postrm", "desktop/open-screen"} {
		run(t, "sh", "-n", script)
	}
	unit, err := os.ReadFile("systemd/cnie-counter.service")
	require.NoError(t, err)
	for _, promise := range []string{"NoNewPrivileges=yes", "ProtectSystem=strict", "DynamicUser=yes", "IPAddressDeny=any", "IPAddressAllow=localhost", "LimitCORE=0", "MemorySwapMax=0"} {
		assert.Regexp(t, `(?m)^`+regexp.QuoteMeta(promise)+`$`, string(unit))
	}
}

// Package vectors hands published test vectors to tests.
//
// Two kinds exist. Worked examples of the standards live in this repository,
// one file per example in testdata/vectors, as lines of `key: hex`; a line
// `clause:` names where the example is printed and `#` starts a comment. Data
// sets that others publish (specimen dumps, master lists, Wycheproof) are not
// committed: they are read from the folder shared/data beside the checkout and
// a test that needs them says so and skips when it is not there.
package vectors

import (
	"bufio"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Load reads testdata/vectors/NAME.txt of this repository. White space inside
// the hex is ignored; a malformed line fails the test.
func Load(t testing.TB, name string) map[string][]byte {
	t.Helper()
	file, err := os.Open(filepath.Join(root(t), "testdata", "vectors", name+".txt"))
	if err != nil {
		t.Fatalf("open vector: %v", err)
	}
	defer file.Close()
	values := map[string][]byte{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		key, value, found := strings.Cut(line, ":")
		if line == "" || line[0] == '#' || key == "clause" || key == "note" {
			continue
		}
		raw, err := hex.DecodeString(strings.Join(strings.Fields(value), ""))
		if !found || err != nil {
			t.Fatalf("vector %s: line %q is not `key: hex`", name, line)
		}
		values[key] = raw
	}
	if err := lines.Err(); err != nil {
		t.Fatalf("read vector %s: %v", name, err)
	}
	return values
}

// Shared returns the path of a file or folder below shared/data, or skips.
func Shared(t testing.TB, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{root(t), "..", "shared", "data"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("published data %s is not beside this checkout (shared/data)", filepath.Join(elem...))
	}
	return path
}

// File returns the content of a file below shared/data, or skips.
func File(t testing.TB, elem ...string) []byte {
	t.Helper()
	content, err := os.ReadFile(Shared(t, elem...))
	if err != nil {
		t.Fatalf("read published data: %v", err)
	}
	return content
}

// root is the folder that holds go.mod, found upwards from the test's folder.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test's folder")
		}
		dir = parent
	}
}

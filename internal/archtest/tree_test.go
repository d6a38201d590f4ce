package archtest

import (
	"bytes"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const top = "../.."

// files lists what belongs to the repository: what git tracks or would track,
// or, in an export without git, everything.
func files(t *testing.T) []string {
	t.Helper()
	command := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard")
	command.Dir = top
	if out, err := command.Output(); err == nil {
		return strings.Split(strings.TrimSpace(string(out)), "\n")
	}
	var found []string
	require.NoError(t, filepath.WalkDir(top, func(name string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			relative, _ := filepath.Rel(top, name)
			found = append(found, filepath.ToSlash(relative))
		}
		return err
	}))
	return found
}

// Every file of test data says where it comes from. A row may use * for a
// family of files.
func TestEveryVectorHasARow(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(top, "testdata", "README.md"))
	require.NoError(t, err)
	var rows []string
	for _, match := range regexp.MustCompile("(?m)^\\| `([^`]+)`").FindAllSubmatch(readme, -1) {
		rows = append(rows, "testdata/"+string(match[1]))
	}
	used := map[string]bool{}
	for _, file := range files(t) {
		if !strings.HasPrefix(file, "testdata/") || file == "testdata/README.md" {
			continue
		}
		covered := false
		for _, row := range rows {
			if ok, _ := path.Match(row, file); ok {
				covered, used[row] = true, true
			}
		}
		assert.True(t, covered, "%s has no row in testdata/README.md", file)
	}
	for _, row := range rows {
		assert.True(t, used[row], "the row %s has no file", row)
	}
}

// A first line of a Moroccan machine-readable zone. Document numbers ZZZ… are
// given to nobody.
var moroccanZone = regexp.MustCompile(`[IACP][A-Z<]MAR([A-Z0-9<]{9})[0-9<][A-Z0-9<]{15}`)

// No real person stands in this tree, by mistake or out of laziness.
func TestNoRealPerson(t *testing.T) {
	for _, file := range files(t) {
		content, err := os.ReadFile(filepath.Join(top, file))
		if err != nil || bytes.IndexByte(content, 0) >= 0 {
			continue // deleted, or not text
		}
		for _, match := range moroccanZone.FindAllSubmatch(content, -1) {
			number := string(match[1])
			if !strings.ContainsAny(number, "0123456789") {
				continue // a line of names
			}
			assert.True(t, strings.HasPrefix(number, "ZZZ"), "%s has a machine-readable zone with document number %s", file, number)
		}
	}
}

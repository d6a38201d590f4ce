package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"
)

// A page leads to what is there: every relative link and picture.
func TestLinksResolve(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#\s]+)[^)]*\)`)
	found := 0
	for _, file := range files(t) {
		if filepath.Ext(file) != ".md" {
			continue
		}
		content, err := os.ReadFile(filepath.Join(top, file))
		require.NoError(t, err)
		for _, match := range link.FindAllStringSubmatch(string(content), -1) {
			if strings.Contains(match[1], ":") { // somewhere else
				continue
			}
			found++
			_, err := os.Stat(filepath.Join(top, filepath.Dir(file), match[1]))
			assert.NoError(t, err, file)
		}
	}
	assert.Greater(t, found, 30)
}

// docs/dependencies.md tells of each module that is required directly, and of no
// other: a name is a module's path, or a package's, without github.com and /v2.
func TestDependencies(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(top, "go.mod"))
	require.NoError(t, err)
	mod, err := modfile.Parse("go.mod", text, nil)
	require.NoError(t, err)
	short := regexp.MustCompile(`^github\.com/|/v\d+$`)
	var direct []string
	for _, r := range mod.Require {
		if !r.Indirect {
			direct = append(direct, short.ReplaceAllString(r.Mod.Path, ""))
		}
	}
	page, err := os.ReadFile(filepath.Join(top, "docs", "dependencies.md"))
	require.NoError(t, err)
	var told []string
	for _, row := range regexp.MustCompile(`(?m)^\| ([^|]+) \|`).FindAllStringSubmatch(string(page), -1)[2:] { // without the head
		if !strings.Contains(row[1], "not linked") {
			told = append(told, strings.Split(row[1], ", ")...)
		}
	}
	for _, name := range direct {
		assert.True(t, slices.ContainsFunc(told, func(row string) bool { return within(row, name) }), "%s has no row", name)
	}
	for _, row := range told {
		assert.True(t, slices.ContainsFunc(direct, func(name string) bool { return within(row, name) }), "%s is not required", row)
	}
}

func within(path, module string) bool { return path == module || strings.HasPrefix(path, module+"/") }

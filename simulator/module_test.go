package simulator_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// theirs is all that a test in somebody else's module needs.
const theirs = `package desk

import (
	"testing"

	"cnie/cardreader"
	"cnie/simulator"
)

func TestCard(t *testing.T) {
	var system cardreader.System
	system, err := simulator.Open("specimen")
	if err != nil {
		t.Fatal(err)
	}
	card, err := system.Connect(t.Context(), simulator.Reader)
	if err != nil {
		t.Fatal(err)
	}
	defer card.Close()
	answer, err := card.TransmitRaw(t.Context(), []byte{0x00, 0xB0, 0x9C, 0x00, 0x02})
	if err != nil || len(answer) != 4 {
		t.Fatalf("answer %x, %v", answer, err)
	}
}
`

// TestAnotherModule builds one that uses the simulator, offline.
func TestAnotherModule(t *testing.T) {
	repository, err := filepath.Abs("..")
	require.NoError(t, err)
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":       theirModule(t, repository),
		"go.sum":       read(t, filepath.Join(repository, "go.sum")),
		"desk_test.go": theirs,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	command := exec.Command("go", "test", "-v", "./...")
	command.Dir = dir
	command.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "PWD="+dir)
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, string(out), "--- PASS: TestCard")
}

// theirModule requires ours, and what ours requires, at the same versions: go
// would have to ask the network which these are.
func theirModule(t *testing.T, repository string) string {
	ours := read(t, filepath.Join(repository, "go.mod"))
	_, rest, found := strings.Cut(ours, "\n\n")
	require.True(t, found)
	return "module example.org/desk\n\n" + rest + "\nrequire cnie v0.0.0\n\nreplace cnie => " + repository + "\n"
}

func read(t *testing.T, name string) string {
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(content)
}

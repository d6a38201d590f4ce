package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain keeps the tests away from the settings of whoever runs them: their
// trust store and their terminal's key. Scripts run this binary as cnie.
func TestMain(m *testing.M) {
	testscript.Main(sheltered{m}, map[string]func(){"cnie": main})
}

type sheltered struct{ *testing.M }

// Run implements testscript.TestingM.
func (s sheltered) Run() int {
	settings, err := os.MkdirTemp("", "cnie-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(settings)
	for _, name := range []string{"XDG_CONFIG_HOME", "HOME", "AppData"} {
		_ = os.Setenv(name, settings)
	}
	return s.M.Run()
}

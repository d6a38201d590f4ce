package main

import (
	"fmt"
	"os"
	"testing"
)

// TestMain keeps the tests away from the settings of whoever runs them: their
// trust store and their terminal's key.
func TestMain(m *testing.M) {
	settings, err := os.MkdirTemp("", "cnie-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, name := range []string{"XDG_CONFIG_HOME", "HOME", "AppData"} {
		_ = os.Setenv(name, settings)
	}
	code := m.Run()
	_ = os.RemoveAll(settings)
	os.Exit(code)
}

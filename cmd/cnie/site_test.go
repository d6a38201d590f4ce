package main

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

// TestSiteScript runs the program itself on site files.
func TestSiteScript(t *testing.T) {
	scripts, err := filepath.Glob("testdata/site_*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	testscript.Run(t, testscript.Params{
		Files: scripts,
		Cmds:  map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits is a command of scripts: exits CODE ARG… runs cnie and wants this exit
// code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("cnie", args[1:]...)
	got := "exit status 0"
	if err != nil {
		got = err.Error()
	}
	if got != "exit status "+args[0] {
		ts.Fatalf("%s, want %s", got, args[0])
	}
}

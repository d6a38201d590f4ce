package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"cnie/pki/seal"
)

func (p *program) terminalCommand() *cobra.Command {
	var file string
	var asJSON bool
	c := &cobra.Command{
		Use: "terminal", Short: "Print the public key with which this terminal signs evidence",
		Long: "Print the public key with which this terminal signs evidence, for those who\n" +
			"will check it with `cnie check --terminal`. The private key is made on first\n" +
			"use and stays on this machine.",
		Example: "  cnie terminal > counter-7.pub\n  cnie terminal | ssh-keygen -lf -",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			key, err := terminalKey(file)
			if err != nil {
				return err
			}
			public := key.Public()
			if asJSON {
				return p.printJSON(map[string]string{"key": public.String(), "fingerprint": public.Fingerprint()})
			}
			_, err = fmt.Fprintln(p.lines(), public)
			return err
		},
	}
	c.Flags().StringVar(&file, "terminal-key", "", "the OpenSSH Ed25519 key `FILE` to use instead of this account's own")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// terminalKey reads the key with which this terminal signs: the one in the file
// that was named, else this account's own, which is made on first use.
func terminalKey(file string) (*seal.Key, error) {
	if file != "" {
		key, err := readKey(file)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, usage("there is no terminal key %s; make one with `ssh-keygen -t ed25519 -N \"\" -f %s`, or leave --terminal-key out", file, file)
		}
		return key, err
	}
	settings, err := os.UserConfigDir()
	if err != nil {
		return nil, &failure{code: exitIO, sentence: "this account has no folder for settings, so the terminal's key needs a place: give --terminal-key FILE", cause: err}
	}
	file = filepath.Join(settings, "cnie", "terminal.key")
	key, err := readKey(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := createKey(file); err != nil {
		return nil, cannotWrite(file, err)
	}
	return readKey(file)
}

// readKey reads a private key that nobody but its owner can read.
func readKey(name string) (*seal.Key, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, cannotRead(name, err)
	}
	defer file.Close()
	state, err := file.Stat()
	if err != nil {
		return nil, cannotRead(name, err)
	}
	if runtime.GOOS != "windows" && state.Mode().Perm()&0o077 != 0 { // Windows has no such bits
		return nil, &failure{code: exitNotPermitted, sentence: fmt.Sprintf("others can read the terminal's key %s, so its signature would prove nothing; run `chmod 600 %s`, or make a new key if they may have", name, name)}
	}
	content, err := io.ReadAll(io.LimitReader(file, maxKeyFile))
	if err != nil {
		return nil, cannotRead(name, err)
	}
	defer clear(content)
	key, err := seal.ParseKey(content)
	if err != nil {
		return nil, &failure{code: exitMalformed, sentence: fmt.Sprintf("%s: %v; make a key with `ssh-keygen -t ed25519 -N \"\"`", name, err), cause: err}
	}
	return key, nil
}

// createKey makes a key file, whole and for its owner only, unless another
// program is faster: a terminal has one key.
func createKey(name string) error {
	_, content, err := seal.GenerateKey()
	if err != nil {
		return err
	}
	defer clear(content)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(name), ".terminal-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(content)
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	if err := os.Link(temporary.Name(), name); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

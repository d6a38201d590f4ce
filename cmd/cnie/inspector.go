package main

import (
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"cnie/cardreader/emrtd/access"
	"cnie/pki/cvc"
)

// What a folder with the rights of a terminal holds.
const (
	certificatePattern = "*.cvcert" // card verifiable certificates, in any order
	maxCertificate     = 16 << 10   // bytes of one
	maxCertificates    = 32
)

// keyPatterns are the names of its one key, PKCS #8 in PEM or DER.
var keyPatterns = []string{"*.pem", "*.pk8", "*.key"}

// inspector reads the folder that --terminal-certificates names: what this
// terminal can prove to chips that ask for it. nil: it has nothing to prove.
func inspector(dir string) (*access.Terminal, error) {
	if dir == "" {
		return nil, nil
	}
	files, err := filepath.Glob(filepath.Join(dir, certificatePattern))
	if err != nil || len(files) == 0 || len(files) > maxCertificates {
		return nil, usage("--terminal-certificates takes a folder with card verifiable certificates (%s, up to %d) and their key; %s has %d", certificatePattern, maxCertificates, dir, len(files))
	}
	terminal := &access.Terminal{}
	for _, file := range files {
		content, err := readSome(file, maxCertificate)
		if err != nil {
			return nil, cannotRead(file, err)
		}
		certificate, err := cvc.Parse(content)
		if err != nil {
			return nil, &failure{code: exitMalformed, sentence: file + " is no card verifiable certificate (TR-03110-3, DER); leave it out of the folder", cause: err}
		}
		terminal.Certificates = append(terminal.Certificates, certificate)
	}
	terminal.Key, err = inspectorKey(dir)
	return terminal, err
}

func inspectorKey(dir string) (*cvc.PrivateKey, error) {
	var found []string
	for _, pattern := range keyPatterns {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return nil, usage("--terminal-certificates takes a folder")
		}
		found = append(found, files...)
	}
	if len(found) != 1 {
		return nil, usage("--terminal-certificates takes a folder with one private key (PKCS #8, such as terminal.pem) beside the certificates; %s has %d", dir, len(found))
	}
	name := found[0]
	if err := ownersOnly(name); err != nil {
		return nil, err
	}
	content, err := readSome(name, maxKeyFile)
	if err != nil {
		return nil, cannotRead(name, err)
	}
	defer clear(content)
	der := content
	if block, _ := pem.Decode(content); block != nil {
		der = block.Bytes
		defer clear(der)
	}
	key, err := cvc.ParsePrivateKey(der)
	if err != nil {
		return nil, &failure{code: exitMalformed, sentence: name + " is no private key of a terminal; give it in PKCS #8, unencrypted, as `openssl pkcs8 -topk8 -nocrypt` writes it", cause: err}
	}
	return key, nil
}

// ownersOnly refuses a private key that others can read.
func ownersOnly(name string) error {
	state, err := os.Stat(name)
	if err != nil {
		return cannotRead(name, err)
	}
	if runtime.GOOS != "windows" && state.Mode().Perm()&0o077 != 0 { // Windows has no such bits
		return &failure{
			code: exitNotPermitted, cause: errors.New("mode of a private key"),
			sentence: fmt.Sprintf("others can read the terminal's key %s; run `chmod 600 %s`, or have new certificates made if they may have", name, name),
		}
	}
	return nil
}

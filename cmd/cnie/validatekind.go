package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cnie/pki/adsig/asic"
	"cnie/pki/adsig/cades"
)

// fileKind is what a file is by how it begins.
type fileKind int

const (
	kindOther fileKind = iota
	kindPDF
	kindContainer // ASiC
	kindJSON      // a JSON signature
	kindCMS       // a signed message in BER or DER
	kindPEM       // one in PEM
)

// kindOf looks at the beginning of a file.
func kindOf(name string) (fileKind, error) {
	file, err := os.Open(name)
	if err != nil {
		return kindOther, cannotRead(name, err)
	}
	defer file.Close()
	head := make([]byte, 1024)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return kindOther, cannotRead(name, err)
	}
	return kindOfBytes(head[:n]), nil
}

// signedData is the type with which a CMS message begins (RFC 5652 §5.1), before any
// content.
var signedData = []byte("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02")

// kindOfBytes looks for signatures first: there may be a PDF in them.
func kindOfBytes(head []byte) fileKind {
	text, begin := bytes.TrimLeft(head, " \t\r\n"), head[:min(len(head), 120)]
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) && bytes.Contains(begin, []byte(asic.MIMEType)):
		return kindContainer
	case bytes.HasPrefix(head, []byte("0")) && bytes.Contains(begin[:min(len(begin), 20)], signedData):
		return kindCMS
	case bytes.Contains(head, []byte("%PDF-")): // ISO 32000-2 §7.5.2: some write something before
		return kindPDF
	case bytes.HasPrefix(text, []byte("-----BEGIN CMS-----")), bytes.HasPrefix(text, []byte("-----BEGIN PKCS7-----")):
		return kindPEM
	case bytes.HasPrefix(text, []byte("eyJ")), bytes.HasPrefix(text, []byte("{")) && bytes.Contains(head, []byte(`"`)):
		return kindJSON // base64url of {"
	case len(head) > 2 && head[0] == 0x30 && (head[1] >= 0x80 || int(head[1]) >= 11):
		return kindCMS
	}
	return kindOther
}

func isContainer(name string) bool {
	kind, err := kindOf(name)
	return err == nil && kind == kindContainer
}

// besides is the file that a signature lies beside, by its name: letter.txt for
// letter.txt.p7s and letter.txt.B-B.p7s. Empty when there is none.
func besides(signature string) string {
	base := strings.TrimSuffix(signature, filepath.Ext(signature))
	candidates := []string{base}
	for _, level := range []cades.Level{cades.BB, cades.BT, cades.BLT, cades.BLTA} {
		if shorter, cut := strings.CutSuffix(base, "."+level.String()); cut {
			candidates = append(candidates, shorter)
		}
	}
	for _, name := range candidates {
		if about, err := os.Stat(name); err == nil && about.Mode().IsRegular() && name != signature {
			return name
		}
	}
	return ""
}

// inFolder opens files that a signature names, if they lie in one folder: it is a
// stranger who names them.
func inFolder(dir string) func(name string) (io.ReadCloser, error) {
	return func(name string) (io.ReadCloser, error) {
		if name == "" || name != filepath.Base(name) || !fs.ValidPath(name) || name == "." {
			return nil, fs.ErrNotExist
		}
		return os.Open(filepath.Join(dir, name))
	}
}

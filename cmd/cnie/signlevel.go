package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/online"
	"cnie/pki/adsig/revocation"
	"cnie/pki/cert"
)

// levelOptions say to which level signatures are brought, and with whose help.
type levelOptions struct {
	levelName, tsa string
	trustDir       string
	responders     []string
	lists          []string

	signer    []byte // the certificate whose signatures count; nil: everybody's
	level     cades.Level
	augmenter *cades.Augmenter // never nil after prepare
}

func (l *levelOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&l.levelName, "level", "", "B-B, B-T (with a timestamp), B-LT (and what validating takes), B-LTA (and a timestamp over that); default: B-B, or B-T with --tsa")
	f.StringVar(&l.tsa, "tsa", "", "`URL` of the time-stamp authority")
	f.StringVar(&l.trustDir, "trust", "", "`DIR` with root certificates (PEM or DER), for B-LT and B-LTA")
	onlineFlags(f, &l.responders, &l.lists)
}

func onlineFlags(f *pflag.FlagSet, responders, lists *[]string) {
	f.StringArrayVar(responders, "ocsp", nil, "ask this OCSP `URL` instead of those in certificates")
	f.StringArrayVar(lists, "crl", nil, "fetch revocation lists from this `URL` instead of those in certificates")
}

// prepare finds out, before anybody is asked anything, whether the level can be
// aimed at.
func (l *levelOptions) prepare() error {
	l.level = cades.BB
	switch {
	case l.levelName != "":
		if err := l.level.UnmarshalText([]byte(l.levelName)); err != nil {
			return usage("--level takes B-B, B-T, B-LT or B-LTA")
		}
	case l.tsa != "":
		l.level = cades.BT
	}
	switch {
	case l.level > cades.BB && l.tsa == "":
		return usage("--level %v needs a time-stamp authority; name one with --tsa URL", l.level)
	case l.level > cades.BT && l.trustDir == "":
		return usage("--level %v needs to know up to which root certificates are collected; give --trust DIR", l.level)
	case l.level == cades.BB && l.tsa != "":
		return usage("--tsa is for timestamps, which B-B has none of; leave one of them out")
	}
	client := onlineClient(append([]string{l.tsa}, slices.Concat(l.responders, l.lists)...)...)
	l.augmenter = &cades.Augmenter{
		Stamp:     func(ctx context.Context, request []byte) ([]byte, error) { return client.Stamp(ctx, l.tsa, request) },
		Collector: revocation.Collector{Source: client, Responders: l.responders, Lists: l.lists},
	}
	if l.trustDir == "" {
		return nil
	}
	roots, err := loadRoots(l.trustDir)
	l.augmenter.Anchors = roots.certificates
	return err
}

// onlineClient reaches public addresses, and those that the command line names
// wherever they are.
func onlineClient(named ...string) *online.Client { return &online.Client{Operator: named} }

// rootStore is what is in a folder of trust anchors.
type rootStore struct {
	certificates []*cert.Certificate
	lists        [][]byte // revocation lists
}

// Bounds on a folder of trust anchors.
const (
	maxRoots    = 4096
	maxRootFile = 16 << 20
)

// loadRoots reads certificates and revocation lists, in PEM or DER, by the endings
// of their names.
func loadRoots(dir string) (rootStore, error) {
	var s rootStore
	if about, err := os.Stat(dir); err == nil && about.Mode().IsRegular() {
		err := s.load(dir) // before s is returned as it is
		return s, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return s, cannotRead(dir, err)
	}
	for _, e := range entries {
		ending := strings.ToLower(filepath.Ext(e.Name()))
		if e.IsDir() || !slices.Contains([]string{".pem", ".crt", ".cer", ".der", ".crl"}, ending) {
			continue
		}
		name := filepath.Join(dir, e.Name())
		if err := s.load(name); err != nil {
			return s, err
		}
		if len(s.certificates)+len(s.lists) > maxRoots {
			return s, usage("%s holds more than %d certificates and lists; give --trust a folder with roots alone", dir, maxRoots)
		}
	}
	if len(s.certificates) == 0 {
		return s, &failure{code: exitConfiguration, sentence: fmt.Sprintf("%s holds no certificate; put root certificates there (*.pem, *.crt, *.cer, *.der)", dir)}
	}
	return s, nil
}

func (s *rootStore) load(name string) error {
	content, err := readSome(name, maxRootFile)
	if err != nil {
		return cannotRead(name, err)
	}
	for _, der := range blocks(content) {
		c, err := cert.Parse(der)
		if err == nil {
			s.certificates = append(s.certificates, c)
			continue
		}
		if _, listErr := cert.ParseCRL(der); listErr != nil {
			return &failure{code: exitMalformed, sentence: fmt.Sprintf("%s: neither a certificate nor a revocation list; take it out of the folder", name), cause: errors.Join(err, listErr)}
		}
		s.lists = append(s.lists, der)
	}
	return nil
}

// blocks takes PEM apart; what is none is DER.
func blocks(content []byte) (all [][]byte) {
	if !bytes.Contains(content, []byte("-----BEGIN ")) {
		return [][]byte{content}
	}
	for {
		var b *pem.Block
		if b, content = pem.Decode(content); b == nil {
			return all
		}
		if b.Type == "CERTIFICATE" || b.Type == "X509 CRL" || b.Type == "TRUSTED CERTIFICATE" {
			all = append(all, b.Bytes)
		}
	}
}

// chainOf takes certificates over from the standard library's form.
func chainOf(all []*x509.Certificate) ([]*cert.Certificate, error) {
	var chain []*cert.Certificate
	for _, c := range all {
		parsed, err := cert.Parse(c.Raw)
		if err != nil {
			return nil, err
		}
		chain = append(chain, parsed)
	}
	return chain, nil
}

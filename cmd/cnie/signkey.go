package main

import (
	"context"
	"crypto"
	"crypto/x509"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/esign"
	"cnie/cardreader/esign/piv"
	"cnie/cardreader/esign/pkcs11"
	"cnie/pki/cert"
)

// keyOptions say which key signs.
type keyOptions struct {
	name, reader, chainFile string
	useLastTry, pinPad      bool
	remote                  remoteOptions
}

func (k *keyOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&k.name, "key", "piv", "the key: piv, piv:9A for another slot than 9C, a pkcs11: `URI` with module-path, or remote:https://HOST/csc/v2/CREDENTIAL")
	f.StringVar(&k.reader, "reader", "", "use the reader whose name contains this `TEXT`")
	f.StringVar(&k.chainFile, "chain", "", "`FILE` (PEM) with the issuers' certificates, and the key's own where its token has none")
	f.BoolVar(&k.useLastTry, "use-last-try", false, "give the PIN even when it would be blocked if it were wrong")
	f.BoolVar(&k.pinPad, "pin-pad", false, "type the PIN on the keys of the card's reader, never here")
	k.remote.flags(f)
}

// batch is a key for as many signatures as were agreed to.
type batch interface {
	crypto.Signer
	io.Closer
}

// openKey is a key that can sign, wherever it is. Further kinds are a case in
// openKey and one of these.
type openKey struct {
	chain   []*cert.Certificate
	where   string
	asks    bool // for a PIN before the first signature, for sure
	session func(ctx context.Context, signatures int, reason string) batch
	close   func()
	remote  *remoteKey // nil: the key is here, and session makes a batch
}

// holder is whose certificate it is, safe to print.
func (k *openKey) holder() string {
	subject := k.chain[0].Subject
	if subject.CommonName != "" {
		return subject.CommonName
	}
	return subject.String()
}

// openKey opens the key that --key names.
func (p *program) openKey(ctx context.Context, k keyOptions, ask esign.Asker) (*openKey, error) {
	options := esign.Options{Ask: ask, UseLastTry: k.useLastTry}
	kind, rest, _ := strings.Cut(k.name, ":")
	if k.pinPad && kind != "piv" {
		return nil, usage("--pin-pad is for cards in readers; a module and a service say themselves where the PIN is typed, so leave it out")
	}
	if kind != "remote" && k.remote.given() {
		return nil, usage("--client and the other flags of a service go with --key remote:…; leave them out")
	}
	switch kind {
	case "remote":
		return p.openRemote(ctx, k)
	case "piv":
		return p.openPIV(ctx, k, strings.ToUpper(rest), options)
	case "pkcs11":
		if k.reader != "" {
			return nil, usage("--reader is for cards and --key pkcs11: for a module, which has readers of its own; give one of them")
		}
		return p.openModule(ctx, k, options)
	}
	return nil, usage("--key takes piv, piv:SLOT, a pkcs11: URI or remote:URL/CREDENTIAL; look with `cnie keys`")
}

// openPIV opens the card in a reader.
func (p *program) openPIV(ctx context.Context, k keyOptions, slot string, o esign.Options) (*openKey, error) {
	if slot == "" {
		slot = "9C"
	}
	reader, err := p.choose(ctx, k.reader, p.patience())
	if err != nil {
		return nil, err
	}
	card, err := p.system.Connect(ctx, reader)
	if err != nil {
		return nil, err
	}
	if pad, is := card.(cardreader.PINPad); k.pinPad && is {
		o.Pad = pad
	} else if k.pinPad {
		_ = card.Close()
		return nil, keyFailure(cardreader.ErrNoPINPad)
	}
	log := p.log()
	channel := apdu.NewChannel(card, apdu.WithTrace(func(e apdu.Exchange) { log.Debug("apdu", "exchange", e) }))
	token, err := piv.Open(ctx, channel, o)
	if err != nil {
		_ = card.Close() // what there is to say is in err
		return nil, keyFailure(err)
	}
	closing := func() { _, _ = token.Close(), card.Close() }
	key, err := theKey(ctx, []*esign.Token{token}, func(d esign.Description) bool { return d.Slot == slot }, "in slot "+slot)
	if err == nil {
		return finishKey(key, k.chainFile, "key "+slot+" in "+reader, closing)
	}
	closing()
	return nil, err
}

// openModule opens what a URI means in a PKCS #11 module.
func (p *program) openModule(ctx context.Context, k keyOptions, o esign.Options) (*openKey, error) {
	uri, err := pkcs11.ParseURI(k.name)
	if err == nil && uri.Module == "" {
		err = usage("--key pkcs11: needs to know the module; add ?module-path=FILE to the URI")
	}
	if err != nil {
		return nil, keyFailure(err)
	}
	tokens, err := pkcs11.Open(ctx, uri, o)
	if err != nil {
		return nil, keyFailure(err)
	}
	closing := func() {
		for _, t := range tokens {
			_ = t.Close()
		}
	}
	usable := func(d esign.Description) bool { return d.Certificate != nil || k.chainFile != "" }
	key, err := theKey(ctx, tokens, usable, "with a certificate in the module")
	if err == nil {
		return finishKey(key, k.chainFile, "key "+key.Description().Name(), closing)
	}
	closing()
	return nil, err
}

// theKey finds the one key that is meant.
func theKey(ctx context.Context, tokens []*esign.Token, meant func(esign.Description) bool, words string) (*esign.Key, error) {
	var found []*esign.Key
	var bad error
	for _, t := range tokens {
		keys, err := t.Keys(ctx)
		if err != nil && len(keys) == 0 {
			return nil, keyFailure(err)
		}
		bad = err
		for _, key := range keys {
			if meant(key.Description()) {
				found = append(found, key)
			}
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, &failure{code: exitUnavailable, sentence: "there is no key " + words + "; look with `cnie keys`", cause: bad}
	}
	return nil, usage("there are %d keys %s; say which by the URI that `cnie keys --json` shows", len(found), words)
}

// finishKey puts the certificates together: those of the card, and those of a
// file.
func finishKey(key *esign.Key, chainFile, where string, closing func()) (*openKey, error) {
	chain, err := completeChain(key.Chain(), key.Public(), chainFile)
	if err != nil {
		closing()
		return nil, err
	}
	return &openKey{
		chain: chain, where: where, asks: key.Description().AlwaysPIN, close: closing,
		session: func(ctx context.Context, signatures int, reason string) batch {
			return key.Session(ctx, signatures, reason)
		},
	}, nil
}

func completeChain(all []*x509.Certificate, public crypto.PublicKey, file string) ([]*cert.Certificate, error) {
	if file != "" {
		content, err := readSome(file, maxRootFile)
		if err != nil {
			return nil, cannotRead(file, err)
		}
		for _, der := range blocks(content) {
			c, err := x509.ParseCertificate(der)
			if err != nil {
				return nil, &failure{code: exitMalformed, sentence: file + " holds something that is no certificate; give --chain a file of certificates in PEM", cause: err}
			}
			switch {
			case len(all) == 0 && !sameKey(c.PublicKey, public), slices.ContainsFunc(all, c.Equal):
			default:
				all = append(all, c)
			}
		}
	}
	if len(all) == 0 {
		return nil, &failure{code: exitUnavailable, sentence: "the key has no certificate; give one with --chain FILE, the key's own first"}
	}
	return chainOf(all)
}

func sameKey(a, b crypto.PublicKey) bool {
	comparable, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && comparable.Equal(b)
}

func describeCertificate(c *cert.Certificate) string {
	return fmt.Sprintf("issued by %s, until %s", c.Issuer, day(c.NotAfter))
}

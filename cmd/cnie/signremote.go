package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"cnie/internal/remote/client"
	"cnie/internal/secret"
)

// remoteOptions say how a service of remote signing is reached, and as whom.
type remoteOptions struct {
	client, secretFile string
	roots              string
	redirect, browser  string
	purpose            string
	send               bool
}

func (r *remoteOptions) accessFlags(f *pflag.FlagSet) {
	f.StringVar(&r.client, "client", "", "remote key: the `ID` under which the service knows this program")
	f.StringVar(&r.secretFile, "client-secret", "", "remote key: `FILE` with this program's secret, - to be asked for it; without, somebody agrees in a browser")
	f.StringVar(&r.roots, "service-roots", "", "remote key: `FILE` (PEM) with those who certify the service, instead of this machine's")
	f.StringVar(&r.redirect, "redirect", "", "remote key: the `URL` of this machine to which the service lets browsers come back (default: http://127.0.0.1/authorized at any port)")
	f.StringVar(&r.browser, "browser", "", "remote key: the `PROGRAM` that shows pages of the service; it gets the address")
}

func (r *remoteOptions) flags(f *pflag.FlagSet) {
	r.accessFlags(f)
	f.StringVar(&r.purpose, "purpose", "", "remote key: what the signatures are for, shown to the holder (default: the files' names)")
	f.BoolVar(&r.send, "send-documents", false, "remote key: send whole documents, where the holder signs only what can be shown there")
}

// given tells whether any of it was.
func (r remoteOptions) given() bool { return r != remoteOptions{} }

// isRemote tells a remote key's name from others.
func isRemote(name string) bool { return strings.HasPrefix(name, "remote:") }

// openRemote finds the key at its service. What the holder is asked there is no
// matter of this terminal, so nobody has to sit at it.
func (p *program) openRemote(ctx context.Context, k keyOptions) (*openKey, error) {
	if k.reader != "" || k.useLastTry {
		return nil, usage("--reader and --use-last-try are for cards, and a remote key has none here; leave them out")
	}
	reference, err := client.ParseReference(k.name)
	if err != nil {
		return nil, err
	}
	service, err := p.dialRemote(ctx, k.remote, reference.Service, reference.Credential)
	if err != nil {
		return nil, err
	}
	key, err := service.Key(ctx, reference.Credential)
	if err != nil {
		return nil, err
	}
	chain, err := completeChain(key.Chain(), key.Public(), k.chainFile)
	if err != nil {
		return nil, err
	}
	return &openKey{
		chain: chain, where: "key " + reference.String(), asks: true, close: func() {},
		remote: &remoteKey{Key: key, service: service, host: hostOf(reference.Service), options: k.remote},
	}, nil
}

// remoteKey is a key that is somewhere else.
type remoteKey struct {
	*client.Key
	service *client.Client
	host    string
	options remoteOptions
}

// maxSecretFile is in bytes.
const maxSecretFile = 4096

// dialRemote reaches a service, as the program that it knows.
func (p *program) dialRemote(ctx context.Context, r remoteOptions, service, credential string) (*client.Client, error) {
	if r.client == "" {
		return nil, usage("a remote key needs to know as which program the service is asked; give --client ID, as its operator registered it")
	}
	web, err := webClient(r.roots)
	if err != nil {
		return nil, err
	}
	desk := p.sitting()
	o := client.Options{HTTP: web, ID: r.client, Redirect: r.redirect, Credential: credential}
	if o.Secret, err = clientSecret(ctx, r.secretFile, desk); err != nil {
		return nil, err
	}
	o.Browse, o.Return = p.browse(r, desk), copies(desk)
	if desk != nil {
		o.Answer = func(ctx context.Context, q client.Prompt) (secret.Bytes, error) {
			return desk.secret(ctx, promptText(q))
		}
	}
	return client.Dial(ctx, service, o)
}

// clientSecret comes from a file or a person, and never from the command line, which
// others on the machine can read.
func clientSecret(ctx context.Context, file string, desk person) (secret.Bytes, error) {
	switch {
	case file == "":
		return secret.Bytes{}, nil
	case file == "-" && desk == nil:
		return secret.Bytes{}, usage("there is nobody at a terminal to type the program's secret; name its file with --client-secret FILE")
	case file == "-":
		return desk.secret(ctx, "Secret of this program at the service")
	}
	text, err := readSome(file, maxSecretFile)
	if err != nil {
		return secret.Bytes{}, cannotRead(file, err)
	}
	kept := bytes.TrimSpace(text)
	if len(kept) == 0 {
		return secret.Bytes{}, usage("%s is empty; --client-secret names the file with this program's secret", file)
	}
	return secret.New(kept), nil
}

// promptText is what a service wants to hear, in its own words.
func promptText(q client.Prompt) string {
	text := q.Label
	for _, more := range []string{q.Description, q.Challenge} {
		if more != "" {
			text = strings.TrimPrefix(text+" · "+more, " · ")
		}
	}
	if text == "" {
		text = shortened(q.ID) // which goes back as it came, and is shown as it can be
	}
	return "The service asks: " + text
}

// webClient trusts this machine's roots, or those of a file. It has no limit for
// an answer as a whole: holders take their time.
func webClient(rootsFile string) (*http.Client, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if rootsFile != "" {
		var pool *x509.CertPool
		var err error
		if pool, err = roots(rootsFile); err != nil {
			return nil, err
		}
		config.RootCAs = pool
	}
	return &http.Client{Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: config, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 15 * time.Second,
		DialContext: (&net.Dialer{Timeout: 15 * time.Second}).DialContext, ResponseHeaderTimeout: 3 * time.Minute, IdleConnTimeout: time.Minute,
	}}, nil
}

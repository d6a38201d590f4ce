package client

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// ErrReference says that a text names no key of a service.
var ErrReference = errors.New("a remote key is written remote:https://HOST/csc/v2/CREDENTIAL")

// Reference names a key at a service.
type Reference struct {
	Service    string // the base of the API, which ends in /csc/v2
	Credential string
}

// apiPath is where an API of this version begins, by convention and in all the
// standard's examples.
const apiPath = "/csc/v2"

// ParseReference takes remote:URL/CREDENTIAL apart. The path of the API may be
// left out. Without TLS only this machine is talked to.
func ParseReference(text string) (Reference, error) {
	rest, is := strings.CutPrefix(text, "remote:")
	at := strings.LastIndexByte(rest, '/')
	if !is || at < 0 {
		return Reference{}, ErrReference
	}
	credential, err := url.PathUnescape(rest[at+1:])
	if err != nil || credential == "" || len(credential) > maxName {
		return Reference{}, ErrReference
	}
	base, err := serviceURL(rest[:at])
	if err != nil {
		return Reference{}, err
	}
	return Reference{Service: base, Credential: credential}, nil
}

// serviceURL completes and checks the base of an API.
func serviceURL(text string) (string, error) {
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !secureOrHere(u) {
		return "", ErrReference
	}
	if !strings.HasSuffix(u.Path, apiPath) {
		u.Path += apiPath
	}
	return u.String(), nil
}

// secureOrHere allows HTTP on the loopback only: tokens go with every request.
func secureOrHere(u *url.URL) bool {
	if u.Scheme == "https" {
		return true
	}
	address := net.ParseIP(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || address != nil && address.IsLoopback())
}

// String is the inverse of ParseReference.
func (r Reference) String() string {
	return "remote:" + r.Service + "/" + url.PathEscape(r.Credential)
}

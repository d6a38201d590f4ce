package ca

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io/fs"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	rootListFile = "root.crl"
	// The root's key may be kept elsewhere once the authority is founded, so its
	// list has to hold for long. It is made anew when half of that is over and the
	// key is there.
	rootListLife = 365 * 24 * time.Hour
)

// ErrNoRootKey says that the root's key is not in the folder, and was needed.
var ErrNoRootKey = errors.New("the root's key is not in the folder; put keys/root.key back for this")

// writeRootList signs what the root has to say of those under it.
func writeRootList(dir string, root *pair, entries []x509.RevocationListEntry) error {
	now := time.Now().UTC()
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(now.UnixMilli()), ThisUpdate: now.Truncate(time.Second), NextUpdate: now.Truncate(time.Second).Add(rootListLife),
		RevokedCertificateEntries: entries,
	}, root.certificate, root.key)
	if err != nil {
		return err
	}
	// Whoever fetches it meanwhile gets the old one or the new one.
	draft := filepath.Join(dir, "."+rootListFile)
	if err := os.WriteFile(draft, der, 0o644); err != nil {
		return err
	}
	return os.Rename(draft, filepath.Join(dir, rootListFile))
}

// readRootList reads the list, which has to be of this root: it also says whether
// anything may be issued. An authority from before there were lists has none.
func readRootList(dir string, root *x509.Certificate) (*x509.RevocationList, error) {
	path := filepath.Join(dir, rootListFile)
	der, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil || list.CheckSignatureFrom(root) != nil {
		return nil, &ConfigError{File: path, Reason: "this is no revocation list of the root"}
	}
	return list, nil
}

// renewRootList makes the list, or makes it anew, when it is time and the root's
// key is there.
func (ca *CA) renewRootList() error {
	list, err := readRootList(ca.dir, ca.root)
	if err != nil || list != nil && time.Now().Before(list.ThisUpdate.Add(rootListLife/2)) {
		return err
	}
	root, err := readPair(ca.dir, rootFile, rootKey)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var entries []x509.RevocationListEntry
	if list != nil {
		entries = list.RevokedCertificateEntries
	}
	return writeRootList(ca.dir, root, entries)
}

// revokeAuthority revokes the issuing authority itself. It needs no server: the
// list is a file, and a server looks at it.
func (d *Door) revokeAuthority(issuing *x509.Certificate, code int) (at time.Time, already bool, err error) {
	rootCertificate, err := readCertificate(filepath.Join(d.dir, rootFile))
	if err != nil {
		return at, false, err
	}
	list, err := readRootList(d.dir, rootCertificate)
	if err != nil {
		return at, false, err
	}
	if at, already = revokedOn(list, issuing); already {
		return at, already, nil
	}
	root, err := readPair(d.dir, rootFile, rootKey)
	if errors.Is(err, fs.ErrNotExist) {
		return at, false, ErrNoRootKey
	}
	if err != nil {
		return at, false, err
	}
	at = time.Now().UTC().Truncate(time.Second)
	entry := x509.RevocationListEntry{SerialNumber: issuing.SerialNumber, RevocationTime: at, ReasonCode: code}
	return at, false, writeRootList(d.dir, root, []x509.RevocationListEntry{entry})
}

func revokedOn(list *x509.RevocationList, c *x509.Certificate) (at time.Time, revoked bool) {
	if list == nil {
		return at, false
	}
	for _, entry := range list.RevokedCertificateEntries {
		if entry.SerialNumber.Cmp(c.SerialNumber) == 0 {
			return entry.RevocationTime, true
		}
	}
	return at, false
}

// serveRootList publishes the list as it is in the folder.
func (ca *CA) serveRootList(w http.ResponseWriter, _ *http.Request) {
	if err := ca.renewRootList(); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	list, err := readRootList(ca.dir, ca.root)
	if err != nil || list == nil {
		http.Error(w, http.StatusText(http.StatusNotFound), http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/pkix-crl") // RFC 5280 §4.2.1.13
	_, _ = w.Write(list.Raw)                               // nobody is left to tell
}

// unlessRevoked issues nothing under an authority that is revoked; revoking goes
// on.
func (ca *CA) unlessRevoked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path != ocspPath && !strings.HasSuffix(r.URL.Path, "/revoke") {
			list, err := readRootList(ca.dir, ca.root)
			if _, revoked := revokedOn(list, ca.issuing.certificate); err != nil || revoked {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusForbidden)
				_ = json.NewEncoder(w).Encode(map[string]any{"status": http.StatusForbidden, "message": "the authority itself is revoked"}) // nobody is left to tell
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

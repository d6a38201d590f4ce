package agent

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"cnie/internal/remote/gate"
	"cnie/internal/remote/order"
)

// Files in the agent's folder, all of mode 0600.
const (
	keyFile        = "agent.key"    // PKCS #8, PEM
	chainFile      = "agent.crt"    // the agent's certificate and its issuers, PEM
	credentialFile = "holder.crt"   // the signing certificate of the card, and its issuers
	serviceFile    = "service.json" // the service's keys for tokens, as first seen
	sessionFile    = "session"      // the last session, to be taken over
)

// ErrNotEnrolled says that a folder is not that of an agent that has enrolled.
var ErrNotEnrolled = errors.New("the agent has not enrolled")

// Identity is who an agent is: its own certificate and key, with which it connects,
// and the signing certificate of the card that it sits beside.
type Identity struct {
	Agent  tls.Certificate
	Holder []*x509.Certificate // the card's, then its issuers
}

// Name is the agent's, as activation tokens address it.
func (i *Identity) Name() string { return gate.Name(i.Agent.Leaf) }

// Credential is the name of the signing certificate.
func (i *Identity) Credential() order.Credential { return order.CredentialOf(i.Holder[0]) }

// usable refuses what no service would take.
func (i *Identity) usable(now time.Time) error {
	leaf := i.Agent.Leaf
	switch {
	case i.Name() == "":
		return fmt.Errorf("%w: the certificate that was issued is not an agent's", ErrNotEnrolled)
	case !now.Before(leaf.NotAfter):
		return fmt.Errorf("%w: the agent's certificate expired on %s", ErrNotEnrolled, leaf.NotAfter.UTC().Format(time.DateTime))
	case !gate.Names(leaf, i.Holder[0]):
		return fmt.Errorf("%w: the agent's certificate names somebody else than the card's signing certificate", ErrNotEnrolled)
	}
	return nil
}

// LoadIdentity reads what Enrol has left in a folder.
func LoadIdentity(folder string) (*Identity, error) {
	pair, err := tls.LoadX509KeyPair(filepath.Join(folder, chainFile), filepath.Join(folder, keyFile))
	var file *fs.PathError
	if err != nil && !errors.As(err, &file) {
		return nil, fmt.Errorf("%w: %w", ErrNotEnrolled, err)
	}
	var content []byte
	if err == nil {
		content, err = os.ReadFile(filepath.Join(folder, credentialFile))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotEnrolled
	}
	if err != nil {
		return nil, err
	}
	holder, err := ParseCertificates(content)
	return &Identity{Agent: pair, Holder: holder}, err
}

// store keeps an identity. The key is written first: without a certificate it is
// nothing.
func (i *Identity) store(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	key, err := x509.MarshalPKCS8PrivateKey(i.Agent.PrivateKey)
	if err != nil {
		return fmt.Errorf("encode the agent's key: %w", err)
	}
	if err := replace(folder, keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})); err != nil {
		return err
	}
	var holder [][]byte
	for _, c := range i.Holder {
		holder = append(holder, c.Raw)
	}
	if err := replace(folder, credentialFile, encodeCertificates(holder)); err != nil {
		return err
	}
	return i.storeChain(folder)
}

func (i *Identity) storeChain(folder string) error {
	return replace(folder, chainFile, encodeCertificates(i.Agent.Certificate))
}

func (i *Identity) key() crypto.Signer { return i.Agent.PrivateKey.(crypto.Signer) } // as it was loaded, or made

func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

func encodeCertificates(ders [][]byte) []byte {
	var text bytes.Buffer
	for _, der := range ders {
		_ = pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: der}) // to memory
	}
	return text.Bytes()
}

// ParseCertificates reads PEM with one certificate or more.
func ParseCertificates(text []byte) ([]*x509.Certificate, error) {
	var chain []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("read a certificate: %w", err)
		}
		chain = append(chain, c)
	}
	if len(chain) == 0 {
		return nil, errors.New("there is no certificate in it (PEM)")
	}
	return chain, nil
}

// pinned is what an agent remembers of the service.
type pinned struct {
	Issuer string             `json:"issuer"`
	Keys   jose.JSONWebKeySet `json:"keys"`
}

// ErrPin says that the service signs its tokens with other keys than the agent
// knows it by.
var ErrPin = errors.New("the service has other keys for activation tokens than before")

// ErrServiceKey says that the service signs its tokens with another key than the
// agent's file names.
var ErrServiceKey = errors.New("the service has another key for activation tokens than the agent's file names")

// pin remembers a service at the first meeting, and holds it to that ever after. The
// first meeting has no other proof than the service's TLS certificate, unless somebody
// has told the agent the key.
func pin(folder, key string, w *gate.Welcome) (p *pinned, first bool, err error) {
	p = &pinned{Issuer: w.Issuer, Keys: w.Keys}
	if key != "" && !slices.Equal(p.names(), []string{strings.ToLower(key)}) {
		return nil, false, ErrServiceKey
	}
	now, err := json.Marshal(p)
	if err != nil {
		return nil, false, err
	}
	before, err := os.ReadFile(filepath.Join(folder, serviceFile))
	if errors.Is(err, fs.ErrNotExist) {
		return p, true, replace(folder, serviceFile, now)
	}
	if err == nil && !bytes.Equal(bytes.TrimSpace(before), now) {
		err = ErrPin
	}
	return p, false, err
}

// names are the thumbprints of the keys (RFC 7638), by which people compare them.
func (p *pinned) names() []string {
	var names []string
	for _, key := range p.Keys.Keys {
		if sum, err := key.Thumbprint(crypto.SHA256); err == nil {
			names = append(names, hex.EncodeToString(sum))
		}
	}
	return names
}

// readSession gives the session that the last run was in, "" when there was none.
func readSession(folder string) (order.ID, error) {
	text, err := os.ReadFile(filepath.Join(folder, sessionFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return order.ParseID(string(text))
}

// replace writes a file as a whole or not at all, also when the power fails.
func replace(folder, name string, content []byte) error {
	file, err := os.CreateTemp(folder, "."+name+"-") // of mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // gone already when all went well
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), filepath.Join(folder, name)); err != nil {
		return err
	}
	return syncFolder(folder)
}

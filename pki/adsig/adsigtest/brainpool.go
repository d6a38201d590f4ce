package adsigtest

import (
	"crypto"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"cnie/internal/ec"
	"cnie/pki/cert"

	"github.com/stretchr/testify/require"
)

// curveKey is a private key on a curve that crypto/ecdsa lacks.
type curveKey struct {
	curve  *ec.Curve
	scalar []byte
	public *ec.Point
}

func (k curveKey) Public() crypto.PublicKey { return k.public }

func (k curveKey) Sign(_ io.Reader, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	r, s, err := ec.Sign(k.curve, k.scalar, digest)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(struct{ R, S *big.Int }{r, s})
}

// OnCurve issues a signer's certificate for a key on any named curve. OpenSSL
// makes it, at the machine's clock, which the lab's is set to.
func (l *Lab) OnCurve(curve *ec.Curve) *Identity {
	l.t.Helper()
	scalar, err := curve.RandomScalar(nil)
	require.NoError(l.t, err)
	public, err := curve.Generator().Mul(scalar)
	require.NoError(l.t, err)
	point := asn1.BitString{Bytes: public.Bytes(), BitLength: 8 * len(public.Bytes())}
	private, err := asn1.Marshal(struct {
		Version int
		Scalar  []byte
		Curve   asn1.ObjectIdentifier `asn1:"explicit,tag:0"`
		Public  asn1.BitString        `asn1:"explicit,tag:1"`
	}{1, scalar, curve.OID(), point})
	require.NoError(l.t, err)
	key := File(l.t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}))
	id := &Identity{Key: curveKey{curve, scalar, public}, Cert: l.openSSLIssue(key)}
	l.Now = time.Now().UTC().Truncate(time.Second)
	return id
}

// openSSLIssue certifies a key under the authority.
func (l *Lab) openSSLIssue(key string) *cert.Certificate {
	l.t.Helper()
	dir := l.t.TempDir()
	request, out := filepath.Join(dir, "request"), filepath.Join(dir, "certificate")
	extensions := File(l.t, "extensions", []byte("keyUsage=critical,nonRepudiation\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n"))
	OpenSSL(l.t, "req", "-new", "-key", key, "-subj", "/C=ZZ/CN=CURVE SPECIMEN", "-out", request)
	l.serial++
	OpenSSL(l.t, "x509", "-req", "-in", request, "-CA", CertFile(l.t, l.CA), "-CAkey", KeyFile(l.t, l.CA), "-set_serial", fmt.Sprint(1000+l.serial),
		"-days", "300", "-extfile", extensions, "-outform", "DER", "-out", out)
	der, err := os.ReadFile(out)
	require.NoError(l.t, err)
	c, err := cert.Parse(der)
	require.NoError(l.t, err)
	return c
}

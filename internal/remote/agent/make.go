package agent

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"time"

	"cnie/internal/remote/order"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pades"
	"cnie/pki/cert"
)

// work is one signature to be made: with what, and of what.
type work struct {
	key      crypto.Signer
	chain    []*cert.Certificate
	order    *order.Order
	document order.Document
	file     io.ReaderAt // the document, whose digest was checked
	at       time.Time
}

// makers make the signature of a document in each format, the value that goes into
// the answer.
var makers = map[order.Format]func(work) ([]byte, error){
	order.CAdES: makeCAdES,
	order.PAdES: makePAdES,
}

// makeCAdES is a detached signature. What is signed are the attributes, which are
// made here and name the digest that the holder saw.
func makeCAdES(w work) ([]byte, error) {
	s := cades.Signer{Key: w.key, Chain: w.chain, Hash: w.order.Hash.Hash(), PSS: w.order.Signature == order.RSAPSS, At: w.at}
	return s.SignDigest(w.document.Digest)
}

// makePAdES is the revision that a signature appends to the file. The byte range is
// computed here, from the file that the holder saw.
func makePAdES(w work) ([]byte, error) {
	s := w.pades()
	appended := &tail{skip: w.document.Size}
	if err := s.Sign(context.Background(), appended, w.file, w.document.Size, cades.BB, nil); err != nil {
		return nil, err
	}
	return appended.kept, nil
}

func (w work) pades() *pades.Signer {
	return &pades.Signer{Time: w.at, Signer: cades.Signer{
		Key: w.key, Chain: w.chain, Hash: w.order.Hash.Hash(), PSS: w.order.Signature == order.RSAPSS,
	}}
}

// signable refuses, before the holder is asked, a file into which no signature can
// be put. It takes no key to find out.
func (a *Agent) signable(o *order.Order, files *documents) error {
	chain, err := parsed(a.identity().Holder)
	if err != nil {
		return err
	}
	for i, d := range o.Documents {
		if d.Format != order.PAdES {
			continue
		}
		w := work{chain: chain, order: o, document: d, at: a.now()}
		if _, err := w.pades().Prepare(files.files[i], d.Size, cades.BB); err != nil {
			return refuse(order.Unsupported, err)
		}
	}
	return nil
}

// tail keeps what comes after so many bytes.
type tail struct {
	skip int64
	kept []byte
}

func (t *tail) Write(p []byte) (int, error) {
	skipped := min(t.skip, int64(len(p)))
	t.skip -= skipped
	if int64(len(t.kept)+len(p))-skipped > order.MaxValue {
		return 0, errors.New("the signature is larger than any may be")
	}
	t.kept = append(t.kept, p[skipped:]...)
	return len(p), nil
}

// makeHash is the key's bare signature.
func makeHash(w work) ([]byte, error) {
	return w.key.Sign(nil, w.document.Digest, w.order.Signature.Options(w.order.Hash))
}

// make makes all signatures of an order, or none.
func (a *Agent) make(o *order.Order, key crypto.Signer, files *documents) ([][]byte, error) {
	chain, err := parsed(a.identity().Holder)
	if err != nil {
		return nil, err
	}
	var values [][]byte
	for i, d := range o.Documents {
		w := work{key: key, chain: chain, order: o, document: d, at: a.now()}
		one := makeHash
		if o.Kind == order.Doc {
			one, w.file = makers[d.Format], files.files[i]
		}
		value, err := one(w)
		if err != nil {
			return nil, fmt.Errorf("sign document %d of %d: %w", i+1, len(o.Documents), err)
		}
		values = append(values, value)
	}
	return values, nil
}

// parsed are certificates as signatures have them.
func parsed(chain []*x509.Certificate) ([]*cert.Certificate, error) {
	var all []*cert.Certificate
	for _, c := range chain {
		p, err := cert.Parse(c.Raw)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

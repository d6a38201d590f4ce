package agent

import (
	"context"
	"errors"
	"strings"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/esign"
	"cnie/cardreader/esign/piv"
	"cnie/cardreader/esign/pkcs11"
)

// Readers are the PIV cards in a machine's readers.
type Readers struct {
	System cardreader.System
	Name   string // only readers whose name contains it; "" all
	Option []apdu.Option
}

// Open implements Cards. Cards of another kind are passed over.
func (r Readers) Open(ctx context.Context, o esign.Options) (Tokens, error) {
	readers, err := r.System.Readers(ctx)
	if err != nil {
		return nil, err
	}
	var opened bunch
	failed := cardreader.ErrNoCard
	for _, reader := range readers {
		if !reader.HasCard || !strings.Contains(strings.ToLower(reader.Name), strings.ToLower(r.Name)) {
			continue
		}
		token, err := r.open(ctx, reader.Name, o)
		if err != nil {
			failed = err
			continue
		}
		opened = append(opened, token)
	}
	if len(opened) == 0 {
		return nil, failed
	}
	return opened, nil
}

func (r Readers) open(ctx context.Context, reader string, o esign.Options) (Tokens, error) {
	card, err := r.System.Connect(ctx, reader)
	if err != nil {
		return nil, err
	}
	token, err := piv.Open(ctx, apdu.NewChannel(card, r.Option...), o)
	if err != nil {
		return nil, errors.Join(err, card.Close())
	}
	return &inReader{token, card}, nil
}

// inReader is a token, and the connection to its card.
type inReader struct {
	*esign.Token
	card cardreader.Card
}

func (t *inReader) Close() error { return errors.Join(t.Token.Close(), t.card.Close()) }

// Module are the tokens of a PKCS #11 module.
type Module struct{ URI pkcs11.URI }

// Open implements Cards.
func (m Module) Open(ctx context.Context, o esign.Options) (Tokens, error) {
	tokens, err := pkcs11.Open(ctx, m.URI, o)
	if errors.Is(err, pkcs11.ErrNoToken) {
		err = errors.Join(cardreader.ErrNoCard, err)
	}
	if err != nil {
		return nil, err
	}
	var opened bunch
	for _, token := range tokens {
		opened = append(opened, token)
	}
	return opened, nil
}

// bunch is several tokens as one.
type bunch []Tokens

// Keys lists the keys of all of them.
func (b bunch) Keys(ctx context.Context) (all []*esign.Key, err error) {
	for _, t := range b {
		keys, failed := t.Keys(ctx)
		all, err = append(all, keys...), errors.Join(err, failed)
	}
	return all, err
}

// Close closes all of them.
func (b bunch) Close() (err error) {
	for _, t := range b {
		err = errors.Join(err, t.Close())
	}
	return err
}

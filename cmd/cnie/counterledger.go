package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	desks "cnie/internal/counter"
	"cnie/internal/ledger"
	"cnie/internal/ledger/remote"
	"cnie/internal/site"
)

// book is where a desk's entries go.
type book interface {
	desks.Ledger
	Close() error
}

// openBook opens the ledger of this desk, in a folder or on a host, and tells what it
// is called.
func (d *counterRun) openBook(ctx context.Context, place *site.Site) (book, string, error) {
	if place.Ledger.URL != "" && !d.ownBook {
		return d.farBook(ctx, place)
	}
	open, err := ledger.Open(ctx, ledger.Options{Dir: d.ledgerDir, DSN: place.Ledger.DSN, Witness: place.Ledger.Witness, Vouch: place.Ledger.WitnessKey})
	if err != nil {
		return nil, "", err
	}
	b := &nearBook{Ledger: open}
	var daily context.Context
	daily, b.stop = context.WithCancel(context.WithoutCancel(ctx))
	b.done.Go(func() { open.ExpireDaily(daily, tellExpired(d.counterLog())) })
	return b, open.Origin(), nil
}

// noteSite records which site file the desk works by from now on, so that going back
// to an older, wider one that was once signed shows.
func noteSite(ctx context.Context, b book, place *site.Site) error {
	if place.Digest == "" {
		return nil // there is no file
	}
	detail := map[string]string{"site-sha256": place.Digest, "program": "cnie " + version}
	for key, value := range map[string]string{"site-signer": place.Signer, "policy-sha256": place.PolicySHA256} {
		if value != "" {
			detail[key] = value
		}
	}
	_, err := b.Add(ctx, ledger.Record{Kind: ledger.Configuration, Desk: place.Desk.ID, Detail: detail})
	return err
}

// nearBook is a ledger of this desk's own, which erases what is kept beyond its day.
type nearBook struct {
	*ledger.Ledger
	stop context.CancelFunc
	done sync.WaitGroup
}

// Close implements book.
func (b *nearBook) Close() error {
	b.stop()
	b.done.Wait()
	return b.Ledger.Close()
}

// farBook is a ledger that a host keeps for many desks. It has to be reached when the
// desk opens: a desk that cannot record is of no use.
func (d *counterRun) farBook(ctx context.Context, place *site.Site) (book, string, error) {
	far, err := remote.New(remote.Options{
		URL: place.Ledger.URL, CA: place.Resolve(place.Ledger.CA), Cert: place.Resolve(place.Ledger.Cert), Key: place.Resolve(place.Ledger.Key), LedgerKey: place.Ledger.LedgerKey,
	})
	if err != nil {
		return nil, "", err
	}
	if far.Desk() != place.Desk.ID {
		return nil, "", &failure{code: exitConfiguration, sentence: fmt.Sprintf("the certificate in ledger.cert is of %q, and the site file of desk %q; order one from cnie-ca with this common name, profile counter", far.Desk(), place.Desk.ID)}
	}
	asking, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	state, err := far.Status(asking)
	if err != nil {
		return nil, "", errors.Join(err, far.Close())
	}
	return far, state.Origin, nil
}

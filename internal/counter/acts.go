package counter

import "cnie/cardreader/emrtd/access"

// in is the latest transaction of a reader; the lock is held.
func (d *Desk) in(reader string) *transaction {
	for _, t := range d.active {
		if t.request.Reader == reader {
			return t
		}
	}
	return nil
}

// noticed tells the transaction in a reader that its card came or went.
func (d *Desk) noticed(reader string, card bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if t := d.in(reader); t != nil {
		t.update(func(n *Transaction) { n.Card = card })
	}
}

func (d *Desk) find(id string) (*transaction, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t, ok := d.active[id]
	if !ok {
		return nil, ErrUnknown
	}
	return t, nil
}

// forget wipes a transaction.
func (d *Desk) forget(t *transaction) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.active[t.id()] == t {
		delete(d.active, t.id())
	}
	t.vanish()
}

// Readers lists the readers and the transaction in each.
func (d *Desk) Readers() []Reader {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []Reader
	for _, name := range d.slots.names() {
		at, _, _ := d.slots.look(name)
		r := Reader{Name: name, Card: at.card}
		if t := d.in(name); t != nil {
			r.Transaction = t.id()
		}
		all = append(all, r)
	}
	return all
}

// Password opens the card; it may come before the card does. The desk wipes it.
func (d *Desk) Password(id string, p access.Password) error {
	return d.tell(id, func(t *transaction) error { return t.takePassword(p) })
}

// Consent is what the holder answered, or that he did not object. A no counts
// until the transaction has ended.
func (d *Desk) Consent(id string, agreed bool) error {
	return d.tell(id, func(t *transaction) error { return t.takeConsent(agreed) })
}

// Match is what the clerk decided about face and photo.
func (d *Desk) Match(id string, m Match) error {
	return d.tell(id, func(t *transaction) error { return t.takeMatch(m) })
}

// Extend gives people the whole time of the step again, as often as they like.
func (d *Desk) Extend(id string) error {
	return d.tell(id, func(t *transaction) error { return t.takeTime() })
}

// Cancel ends a transaction and wipes what was seen.
func (d *Desk) Cancel(id string) error {
	return d.tell(id, func(t *transaction) error { return t.abandon(errCancelled) })
}

// Close forgets a transaction that has ended.
func (d *Desk) Close(id string) error {
	return d.tell(id, func(t *transaction) error {
		if !t.snapshot().State.Ended() {
			return ErrState
		}
		d.forget(t)
		return nil
	})
}

func (d *Desk) tell(id string, what func(*transaction) error) error {
	t, err := d.find(id)
	if err != nil {
		return err
	}
	return what(t)
}

// Get is a transaction as it stands.
func (d *Desk) Get(id string) (Transaction, error) {
	t, err := d.find(id)
	if err != nil {
		return Transaction{}, err
	}
	return t.snapshot(), nil
}

// Signals are counts that may tell of misuse.
func (d *Desk) Signals() Signals { return d.signals.count(d.o.Now()) }

package piv

import (
	"fmt"

	"cnie/simulator"
	"cnie/simulator/persona"
)

// ForCard makes the application that a persona's card has beside the travel
// document, as its `piv:` block says; a card without one is an error. The keys
// are those of [Specimen] for the holder's name.
func ForCard(card *persona.Card, options ...Option) (*Applet, error) {
	if card.PIV == nil {
		return nil, fmt.Errorf("make the signature application of %s: its persona has none", card.Name)
	}
	contents, err := ordered(card.PIV)
	if err != nil {
		return nil, fmt.Errorf("make the signature application of %s: %w", card.Name, err)
	}
	if card.PIV.Token == "yubikey" {
		options = append([]Option{WithYubico()}, options...)
	}
	return New(contents, options...), nil
}

var algorithms = map[string]Algorithm{"RSA-2048": RSA2048, "RSA-3072": RSA3072, "P-256": P256, "P-384": P384}

// ordered are the contents that a persona orders.
func ordered(order *persona.PIV) (*Contents, error) {
	keys := map[Slot]Algorithm{}
	for slot, name := range map[Slot]string{
		Authentication: order.Keys.Authentication, Signature: order.Keys.Signature,
		KeyManagement: order.Keys.KeyManagement, CardAuthentication: order.Keys.CardAuthentication,
	} {
		if algorithm, wanted := algorithms[name]; wanted {
			keys[slot] = algorithm
		}
	}
	c, err := Specimen(order.Holder, keys)
	if err != nil {
		return nil, err
	}
	c.PIN, c.PUK = newPassword(order.PIN, order.Tries), newPassword(order.PUK, order.Tries)
	c.PIN.Left -= order.Spent
	return c, nil
}

// WithContents puts these contents in the place of those that the application
// would begin with: a card that was used before goes on where it stopped.
func WithContents(contents *Contents) Option {
	return func(a *Applet) { a.contents = contents.clone() }
}

// WithKeeper has keep called with a copy of the contents whenever a command has
// changed them, before the card answers: a try that was spent stays spent,
// whatever happens to the card next.
func WithKeeper(keep func(*Contents)) Option { return func(a *Applet) { a.keep = keep } }

// tries are the counters, which a command changes that fails.
func (c *Contents) tries() [2]int { return [2]int{c.PIN.Left, c.PUK.Left} }

// kept hands the contents to the keeper if a command has changed them.
func (a *Applet) kept(before [2]int, ins byte, sw simulator.Status) {
	if a.keep == nil || a.contents.tries() == before && (sw != swOK || !changes(ins)) {
		return
	}
	a.keep(a.contents.clone())
}

// changes tells whether an instruction that succeeds changes the contents; VERIFY
// changes the counters alone.
func changes(ins byte) bool {
	switch ins {
	case insChangeReference, insResetRetryCounter, insGenerate, insPutData,
		insImport, insSetManagementKey, insSetRetries, insReset:
		return true
	}
	return false
}

// Package remake plays recorded sessions to the reader, and rebuilds them about
// people who do not exist.
//
// A reading that failed at a counter far away is worth keeping as a test, and
// nobody may keep it: it has a person in it. [Trace] reads the recording as the
// reader did then, makes a card of the same shape (the same files with the same
// lengths, the same protocols, keys of the same kinds, the same faults as far as
// they can be seen) for somebody named SPECIMEN, signs it with the specimen
// country's keys, and has the reader read that one while it records. What comes
// out has the commands, lengths, status words and times of the original, and
// nothing of its content but what is the same on every card of its kind:
// EF.CardAccess, EF.COM, the answer to reset, the protocols in EF.DG14.
//
// Where the two sessions cannot be made equal, the header of the result says so,
// step by step ([trace.Header] Unequal). Nothing is equal by assertion: the two
// recordings are compared, command by command.
package remake

import (
	"context"
	"fmt"

	"cnie/apdu"
	"cnie/apdu/trace"
	"cnie/cardreader"
	"cnie/cardreader/emrtd"
	"cnie/cardreader/emrtd/access"
	"cnie/cardreader/recording"
	"cnie/lds"
	"cnie/pki"
)

// Read plays a full trace to the reader. An error is that of the recorded
// session, unless player.Err tells of a deviation.
func Read(ctx context.Context, t *trace.Trace, password access.Password) (*pki.Evidence, *recording.Player, error) {
	player, err := recording.Replay(t)
	if err != nil {
		return nil, nil, err
	}
	options, err := optionsOf(t.Header.Session, password)
	if err != nil {
		return nil, nil, err
	}
	options.Rand = player.Rand()
	evidence, err := read(ctx, player, options)
	return evidence, player, err
}

// optionsOf asks for what was asked for then.
func optionsOf(s trace.Session, password access.Password) (emrtd.Options, error) {
	o := emrtd.Options{Password: password, AllowBAC: s.AllowBAC, Challenge: s.Challenge}
	for _, name := range s.Files {
		f, err := lds.ParseFile(name)
		if err != nil {
			return o, fmt.Errorf("%w: it asks for a file that there is not", trace.ErrMalformed)
		}
		o.Files = append(o.Files, f)
	}
	return o, nil
}

// read reads the card in the only reader of a system.
func read(ctx context.Context, system cardreader.System, o emrtd.Options) (*pki.Evidence, error) {
	readers, err := system.Readers(ctx)
	if err != nil {
		return nil, err
	}
	if len(readers) != 1 {
		return nil, cardreader.ErrNoReader
	}
	card, err := system.Connect(ctx, readers[0].Name)
	if err != nil {
		return nil, err
	}
	defer card.Close()
	o.Reset, o.ATR = card.Reset, card.ATR()
	var options []apdu.Option
	if card.ATR().ExtendedLength() { // as `cnie verify` does
		options = append(options, apdu.WithExtendedLength())
	}
	evidence, err := emrtd.Read(ctx, apdu.NewChannel(card, options...), o)
	if err != nil {
		return nil, err
	}
	evidence.ATR = card.ATR()
	return evidence, nil
}

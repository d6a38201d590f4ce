package remake

import (
	"bytes"
	"context"
	"errors"
	"time"

	"cnie/apdu/trace"
	"cnie/cardreader/emrtd"
	"cnie/cardreader/emrtd/access"
	"cnie/cardreader/recording"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/cms"
)

// original is the recorded card, as far as its recording shows it.
type original struct {
	header    trace.Header
	exchanges []trace.Entry
	files     map[lds.File][]byte
	sizes     map[lds.File]int // of files that were begun
	denied    map[lds.File]bool
	evidence  pki.Evidence // empty when the card did not open
	object    lds.SecurityObject
	signed    *cms.SignedData // nil: EF.SOD was not read, or is malformed
	signature cms.Result      // when it verified
	failed    map[pki.CheckID]bool
	wrong     bool // the password was
}

// examine reads the recording once more to see what the reader saw. A session
// that was cut off is made to end in a way after which the reader hands over
// what it has: with an answer that secure messaging does not cover.
func examine(ctx context.Context, t *trace.Trace, password access.Password) (*original, error) {
	o := &original{header: t.Header, files: map[lds.File][]byte{}, sizes: map[lds.File]int{}, denied: map[lds.File]bool{}, failed: map[pki.CheckID]bool{}}
	for _, e := range t.Entries {
		if e.IsExchange() {
			o.exchanges = append(o.exchanges, e)
		}
	}
	short, cut := ended(t)
	player, err := recording.Replay(short)
	if err != nil {
		return nil, err
	}
	options, err := optionsOf(t.Header.Session, password)
	if err != nil {
		return nil, err
	}
	options.Rand = player.Rand()
	options.Progress = func(p emrtd.Progress) {
		if p.BytesTotal > 0 {
			o.sizes[p.File] = p.BytesTotal
		}
	}
	evidence, err := read(ctx, player, options)
	var deviation *recording.DeviationError
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(player.Err(), &deviation) && !(cut && deviation.Name == ""):
		return nil, deviation
	case err == nil:
		o.saw(ctx, evidence)
	default:
		o.wrong = errors.Is(err, access.ErrWrongPassword)
	}
	if content := o.cardAccess(); len(content) > 0 {
		o.files[lds.CardAccess] = content
	}
	return o, nil
}

// ended is the trace up to its first failure, which becomes an answer, and
// whether there was one. A reader that goes on after it finds nothing more.
func ended(t *trace.Trace) (short *trace.Trace, cut bool) {
	short = &trace.Trace{Header: t.Header}
	for _, e := range t.Entries {
		if cut = e.Failure != ""; !cut {
			short.Entries = append(short.Entries, e)
			continue
		}
		if e.Event == "" {
			e.Failure, e.Receive = "", trace.Hex{0x69, 0x88} // secure messaging objects incorrect
			short.Entries = append(short.Entries, e)
		}
		break
	}
	return short, cut
}

// saw takes over what was read, and which checks it fails on its own.
func (o *original) saw(ctx context.Context, e *pki.Evidence) {
	o.evidence = *e
	for f, content := range e.Files {
		o.files[f] = content
	}
	for f := range e.Denied {
		o.denied[f] = true
	}
	judge, err := pki.NewVerifier(nil, pki.Policy{At: o.header.At})
	if err == nil {
		for _, c := range judge.Verify(ctx, e).Checks {
			o.failed[c.ID] = c.Outcome == pki.Failed
		}
	}
	message, err := lds.ParseSOD(o.files[lds.SOD])
	if err != nil {
		return
	}
	signed, err := cms.Parse(message)
	if err != nil || len(signed.Signers) != 1 {
		return
	}
	if o.object, err = lds.ParseSecurityObject(signed.Content); err != nil {
		return
	}
	o.signed = signed
	signer, _ := signed.SignerCertificate(0)
	o.signature, _ = signed.Verify(0, signer) // its algorithm matters, not its truth
}

// cardAccess joins the plain answers that began with its short identifier.
func (o *original) cardAccess() (content []byte) {
	if known := o.files[lds.CardAccess]; len(known) > 0 {
		return known
	}
	for i, e := range o.exchanges {
		header := e.Outline().Header
		begins := header[0] == 0 && header[1] == 0xB0 && header[2] == 0x80|lds.CardAccess.SFI()
		continues := header[0] == 0 && header[1] == 0xB0 && header[2]&0x80 == 0
		if i == 0 && !begins || !begins && !continues || len(e.Receive) < 2 {
			return content
		}
		content = append(content, e.Receive[:len(e.Receive)-2]...)
	}
	return content
}

// atrInfo is the plain answer that EF.ATR/INFO came in: whole, by its short
// identifier.
func (o *original) atrInfo() []byte {
	for _, e := range o.exchanges {
		header := e.Outline().Header
		if header[0] == 0 && header[1] == 0xB0 && header[2] == 0x80|lds.ATRInfo.SFI() && len(e.Receive) > 2 {
			return bytes.Clone(e.Receive[:len(e.Receive)-2])
		}
	}
	return nil
}

// listed are the data groups of the card: those that EF.SOD lists, or, where
// that was not read, those that were begun.
func (o *original) listed() (all []lds.File) {
	for f := lds.DG1; f <= lds.DG16; f++ {
		_, hash := o.object.Hashes[f]
		_, begun := o.sizes[f]
		if hash || begun || o.files[f] != nil {
			all = append(all, f)
		}
	}
	return all
}

// inForce reports whether the document was on the day of the recording.
func (o *original) inForce(zone lds.MRZ) bool {
	expiry, known := zone.Expiry(o.header.At)
	return !known || !expiry.Before(o.header.At.Truncate(24*time.Hour))
}

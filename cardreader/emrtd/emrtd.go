// Package emrtd reads an ICAO Doc 9303 chip and writes down what it did. It
// judges nothing: [Read] returns evidence, package pki turns that into a report.
//
// The order of steps is the one that leaves least to a dishonest card:
//
//  1. EF.CardAccess, in the clear: does the card speak PACE? And EF.ATR/INFO,
//     where long answers can pass: how long?
//  2. PACE. Basic Access Control only where the caller allows it and the card
//     offers no PACE at all; a PACE run that fails is never followed by BAC.
//  3. The eMRTD application, EF.SOD, and EF.DG14 if EF.SOD lists it.
//  4. Chip Authentication, so that everything personal is read under keys that a
//     copied chip does not have, unless the chip proved itself in PACE already;
//     Terminal Authentication, where the operator gave the terminal certificates.
//  5. The data groups that were asked for and that EF.SOD lists. EF.COM, which
//     nothing signs, decides nothing.
//  6. Active Authentication, if EF.SOD lists an EF.DG15: the chip signs a nonce,
//     which may be bound to the challenge of somebody who is elsewhere.
//
// Where people have to agree first (Options.Release), 6 comes before 5, and
// between them the card is kept awake while they make up their minds.
//
// A card that misbehaves is a result: what it refused, and where secure
// messaging broke, is part of the evidence. An error means that there is no
// evidence worth judging (wrong password, card removed, nothing but refusals
// before the chip was open), and then none is returned. A card without PACE
// where BAC is not allowed gives evidence that says no more than that.
//
// Any [apdu.Transmitter] will do: PC/SC, a simulated card, a recording. Every
// length that the card names is bounded here; what a session may cost is bounded
// by [apdu.Limits] and Options.Timeout.
package emrtd

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"cnie/apdu"
	"cnie/apdu/securemsg"
	"cnie/cardreader"
	"cnie/cardreader/emrtd/access"
	"cnie/lds"
	"cnie/pki"
)

// ErrForbidden refuses to read DG3 and DG4, whoever asks.
var ErrForbidden = errors.New("fingerprints and irises are not read")

// errNoPACE ends a reading before it began: the card offers no PACE and Basic
// Access Control is not allowed. Evidence without an access protocol says so.
var errNoPACE = errors.New("the card offers no PACE")

// Options say how to open the chip and what to read. The zero value of every
// field but Password will do.
type Options struct {
	Password access.Password
	// CAN resumes a PIN that the card suspended; SpendLastTry says that a person
	// wants the last try of a PIN or PUK spent.
	CAN          access.Password
	SpendLastTry bool
	Patience     time.Duration // after which StepWait is reported; 0: two seconds
	Files        []lds.File    // data groups, EF.COM; EF.SOD, DG14 and DG15 are always read
	Release      Release       // says instead which, once the chip has proved itself; nil: Files
	AllowBAC     bool          // only for cards without PACE
	Timeout      time.Duration // what reading may take in all; 0: DefaultTimeout
	// ATR says whether the card takes extended length; nil: as the transmitter does.
	ATR cardreader.ATR
	// MaxData is how many bytes of data the reader passes in one APDU: up to 256
	// when it knows no extended length, 0 when it does not say.
	MaxData int
	// Challenge is of whoever will judge from afar: Active Authentication answers
	// it, see pki.ActiveNonce. Nil: the chip signs a random number.
	Challenge []byte
	// Terminal proves to chips that ask for it what this terminal may read, after
	// Chip Authentication; nil: it has nothing to prove.
	Terminal *access.Terminal
	Progress func(Progress)
	Rand     io.Reader                       // nil: crypto/rand
	Reset    func(ctx context.Context) error // warm reset of the card; nil: it has none
	Log      *slog.Logger                    // step names, lengths and status words; never content
}

// Step is a part of reading, as shown to a person who waits.
type Step string

// The steps.
const (
	StepAccess Step = "access"
	StepWait   Step = "wait" // the card takes its time to open, as after wrong passwords
	StepFile   Step = "read"
	StepChip   Step = "chip"
	StepActive Step = "active" // File is EF.DG15
	// StepRelease waits for Options.Release.
	StepRelease Step = "release"
)

// Progress tells how far reading has come. The byte counts are those of File and
// zero outside StepFile.
type Progress struct {
	Step                  Step
	File                  lds.File
	BytesRead, BytesTotal int
}

// DefaultTimeout is what reading a card may take: a slow card with a large
// portrait needs a third of it.
const DefaultTimeout = 30 * time.Second

// Read opens the chip on t and reads it. On an error there is no evidence.
func Read(ctx context.Context, t apdu.Transmitter, o Options) (*pki.Evidence, error) {
	r, err := newReading(t, o)
	if err != nil {
		return nil, err
	}
	defer r.close()
	if o.Release != nil {
		err = r.runReleased(ctx)
	} else {
		err = within(ctx, cmp.Or(o.Timeout, DefaultTimeout), r.run)
	}
	r.evidence.ReadUntil = time.Now().UTC()
	if broken(err) {
		r.log.DebugContext(ctx, "card broke the protocol", "step", r.doing)
		r.evidence.Broken = r.doing
		return r.evidence, nil
	}
	if errors.Is(err, errNoPACE) {
		return r.evidence, nil // nothing was opened, and that is for the judge to say
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.doing, err)
	}
	return r.evidence, nil
}

// reading is one call of Read.
type reading struct {
	Options
	card     apdu.Transmitter // without secure messaging
	opening  *access.Opening
	session  *securemsg.Session // of opening
	offered  lds.SecurityInfos  // EF.CardAccess
	evidence *pki.Evidence
	doing    string
	habits   habits
	answer   int // bytes of data in the longest answer
	log      *slog.Logger
}

func newReading(t apdu.Transmitter, o Options) (*reading, error) {
	if err := readable(o.Files); err != nil {
		return nil, err
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &reading{
		Options: o, card: t, log: o.Log, answer: apdu.MaxShortNe,
		evidence: &pki.Evidence{
			ReadAt:   time.Now().UTC(),
			Files:    map[lds.File][]byte{},
			Denied:   map[lds.File]uint16{},
			Replayed: replayed(t),
		},
	}, nil
}

// readable refuses files that nobody may ask for.
func readable(files []lds.File) error {
	for _, f := range files {
		switch {
		case f == lds.DG3 || f == lds.DG4: // law 09-08; EAC protects them anyway
			return fmt.Errorf("read %v: %w", f, ErrForbidden)
		case !f.IsDataGroup() && f != lds.COM && f != lds.SOD:
			return fmt.Errorf("read %v: not a file of the eMRTD application", f)
		}
	}
	return nil
}

// replayed asks the transmitter whether a recording is behind it. No option says
// so, for none shall say otherwise.
func replayed(t apdu.Transmitter) bool {
	player, says := t.(interface{ Replayed() bool })
	return says && player.Replayed()
}

func (r *reading) close() {
	if r.session != nil {
		r.session.Close()
	}
}

// begin names the step that follows, for errors, the log and whoever waits.
func (r *reading) begin(ctx context.Context, step Step, f lds.File, doing string) {
	r.doing = doing
	r.log.DebugContext(ctx, "begin", "step", doing)
	r.report(Progress{Step: step, File: f})
}

func (r *reading) report(p Progress) {
	if r.Progress != nil {
		r.Progress(p)
	}
}

func (r *reading) run(ctx context.Context) error {
	if err := r.begun(ctx); err != nil {
		return err
	}
	plan := r.plan()
	r.evidence.Asked = append(r.evidence.Asked, plan...)
	for _, f := range plan {
		if err := r.group(ctx, f); err != nil {
			return err
		}
	}
	return r.authenticateActively(ctx)
}

// begun opens the chip and reads EF.SOD, which says what else there is.
func (r *reading) begun(ctx context.Context) error {
	for _, step := range []func(context.Context) error{r.cardAccess, r.measure, r.open} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	r.evidence.Asked = []lds.File{lds.SOD}
	return r.file(ctx, lds.SOD)
}

// group reads a data group. With EF.DG14 the chip can prove itself, before
// anything else is read.
func (r *reading) group(ctx context.Context, f lds.File) error {
	if err := r.file(ctx, f); err != nil {
		return err
	}
	if f == lds.DG14 {
		return r.authenticateChip(ctx)
	}
	return nil
}

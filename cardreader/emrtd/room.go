package emrtd

import (
	"context"
	"errors"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/lds"
)

// source is where a file is read from: a transmitter, and how much of a file fits
// one of its answers.
type source struct {
	apdu.Transmitter
	most  int // at best
	short int // in an answer of the short form
}

// fit makes n the length of a block that one answer can hold: a little less than
// the short form has room for, protection included, must not be asked for by a
// command of the short form.
func (s source) fit(n int) int {
	if s.short < n && n <= apdu.MaxShortNe {
		return s.short
	}
	return n
}

// clear reads without secure messaging, where files are small.
func (r *reading) clear() source {
	return source{r.card, apdu.MaxShortNe, apdu.MaxShortNe}
}

// protected reads under secure messaging, whose overhead depends on the cipher.
func (r *reading) protected() source {
	return source{r.session, min(r.session.MaxNe(r.answer), MaxFile), r.session.MaxNe(min(r.answer, apdu.MaxShortNe))}
}

// Lengths of answers. Cards that announce extended length and do not say how much
// of it have had buffers of 1,520 bytes and more.
const (
	assumedAnswer = 1024
	leastAnswer   = 128       // less would not hold a point of a large curve
	longestAnswer = 65535 - 2 // what readers frame with 16 bits, status word included
)

// extender is a transmitter that can be told which form of commands to use.
type extender interface {
	ExtendedLength() bool
	UseExtendedLength(on bool)
}

// measure finds out how long an answer can be: what the card says in its answer
// to reset and in EF.ATR/INFO (ICAO 9303-10 §3.11.1), and what the reader lets
// pass. Whatever is not said is tried now, in the clear, where a refusal costs
// nothing; under secure messaging it would end the session.
func (r *reading) measure(ctx context.Context) error {
	x, can := r.card.(extender)
	if !can {
		return nil
	}
	if 0 < r.MaxData && r.MaxData <= apdu.MaxShortNe {
		x.UseExtendedLength(false)
	}
	announced := x.ExtendedLength()
	silent := len(r.ATR) > 0 && r.ATR.Capabilities() == nil && (r.MaxData == 0 || r.MaxData > apdu.MaxShortNe)
	if !announced && !silent {
		return nil
	}
	r.begin(ctx, StepAccess, lds.ATRInfo, "read EF.ATR/INFO")
	said, passes, err := r.ask(ctx, x)
	if err == nil && passes && !announced && said.ExtendedLength() {
		x.UseExtendedLength(true)
		_, passes, err = r.ask(ctx, x)
	}
	if err != nil {
		return err
	}
	if said.Functions != nil && !said.ExtendedLength() {
		passes = false
	}
	x.UseExtendedLength(passes && x.ExtendedLength())
	r.answer = longest(said, x.ExtendedLength(), r.MaxData)
	r.log.DebugContext(ctx, "answers", "extended", x.ExtendedLength(), "bytes", r.answer)
	return nil
}

// longest is the smallest of what was said.
func longest(said lds.Capabilities, extended bool, reader int) int {
	n := apdu.MaxShortNe
	if extended {
		n = assumedAnswer
		if said.Answer > 0 {
			n = longestAnswer
		}
	}
	if said.Answer > 0 {
		n = min(n, max(said.Answer-2, leastAnswer)) // the status word is part of it
	}
	if reader > 0 {
		n = min(n, reader)
	}
	return n
}

// ask reads EF.ATR/INFO, by a command of the extended form if that is on. passes
// says that the command came through; a card that refuses the length does not
// know the form.
func (r *reading) ask(ctx context.Context, x extender) (said lds.Capabilities, passes bool, err error) {
	n := apdu.MaxShortNe
	if x.ExtendedLength() {
		n = assumedAnswer
	}
	content, err := readBlock(ctx, r.card, apdu.Command{INS: apdu.INSReadBinary, P1: 0x80 | lds.ATRInfo.SFI(), Ne: n})
	switch {
	case tooLong(err):
		return said, false, nil
	case refused(err) != nil:
		return said, true, nil // it has no such file
	case err != nil:
		return said, false, r.afresh(ctx, x, err)
	}
	said, err = lds.ParseATRInfo(content)
	if err != nil {
		r.log.DebugContext(ctx, "EF.ATR/INFO says nothing", "why", err.Error())
	}
	return said, true, nil
}

// afresh goes on without the extended form after a command of that form got lost
// on the way: some readers drop the card over it. Any other loss is final.
func (r *reading) afresh(ctx context.Context, x extender, lost error) error {
	gone := errors.Is(lost, cardreader.ErrCardRemoved) || errors.Is(lost, cardreader.ErrReaderGone)
	if !x.ExtendedLength() || r.Reset == nil || gone || ctx.Err() != nil {
		return lost
	}
	x.UseExtendedLength(false)
	if r.Reset(ctx) != nil {
		return lost
	}
	return nil
}

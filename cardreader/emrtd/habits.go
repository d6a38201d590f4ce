package emrtd

import (
	"context"

	"cnie/apdu"
	"cnie/lds"
)

// habits are what a card turned out to dislike. Each is found out once, by a
// refusal, and kept to for the rest of the reading: a card is asked in the way
// that costs least until it says no.
type habits struct {
	selects bool // files must be selected; short identifiers are refused
	answers bool // SELECT must ask for an answer
	exact   bool // a read must not ask for more than the file has
	most    int  // bytes that a read may ask for; 0: as many as fit
}

// fallbackBlock is what a card is asked for that finds a full block too long.
const fallbackBlock = 128

// first reads the beginning of a file: by its short identifier, or selected by
// its identifier if the card wants that.
func (h *habits) first(ctx context.Context, s source, f lds.File) ([]byte, error) {
	if !h.selects {
		content, err := h.beginning(ctx, s, 0x80|f.SFI())
		if !unsupported(err) {
			return content, err
		}
	}
	id := f.FID()
	if err := h.choose(ctx, s, apdu.Command{P1: 0x02, Data: []byte{byte(id >> 8), byte(id)}}); err != nil {
		return nil, err
	}
	content, err := h.beginning(ctx, s, 0)
	h.selects = h.selects || err == nil
	return content, err
}

// beginning asks for a full block; of a card that refuses the length, or finds
// that the file ends before, for one of the short form and then for a header, so
// that no later command asks beyond the end.
func (h *habits) beginning(ctx context.Context, s source, p1 byte) ([]byte, error) {
	c := apdu.Command{INS: apdu.INSReadBinary, P1: p1, Ne: h.limit(s.most)}
	if h.exact {
		c.Ne = maxHeader
	}
	content, err := readBlock(ctx, s, c)
	if short := h.limit(s.short); beyond(err) && c.Ne > short {
		c.Ne = short
		if content, err = readBlock(ctx, s, c); err == nil && len(content) < short {
			h.most = short // it may be asked beyond the end, but not for so much
		}
	}
	if !beyond(err) || c.Ne <= maxHeader {
		return content, err
	}
	c.Ne = maxHeader
	if content, err = readBlock(ctx, s, c); err == nil {
		h.exact = true
	}
	return content, err
}

func (h *habits) limit(block int) int {
	if h.most > 0 {
		return min(block, h.most)
	}
	return block
}

// choose selects, at first without asking for an answer: nothing in it is of
// use. Some cards take no SELECT that does not ask, and some none without Le.
func (h *habits) choose(ctx context.Context, t apdu.Transmitter, c apdu.Command) error {
	c.INS, c.P2 = apdu.INSSelect, 0x0C
	if !h.answers {
		_, err := apdu.Do(ctx, t, c)
		if !unsupported(err) && !tooLong(err) {
			return err
		}
	}
	c.P2, c.Ne = 0x00, fallbackBlock
	_, err := apdu.Do(ctx, t, c)
	if short := refused(err); short != nil && short.SW.SW1() == 0x6C {
		c.Ne = int(short.SW.SW2())
		_, err = apdu.Do(ctx, t, c)
	}
	h.answers = h.answers || err == nil
	return err
}

// unsupported says that the card does not know this way to ask.
func unsupported(err error) bool {
	refusal := refused(err)
	if refusal == nil {
		return false
	}
	switch refusal.SW {
	case apdu.StatusWrongP1P2, apdu.StatusFunctionNotSupported, apdu.StatusINSNotSupported, apdu.StatusOffsetOutside:
		return true
	}
	return false
}

// tooLong says that the card refuses the length, and names no other.
func tooLong(err error) bool {
	refusal := refused(err)
	return refusal != nil && refusal.SW == apdu.StatusWrongLength
}

// beyond says that the card may refuse to be asked for more than the file has:
// by the length, or as if the place were outside of it. Of a read by short
// identifier, the latter can mean that the card knows no such thing.
func beyond(err error) bool {
	refusal := refused(err)
	return tooLong(err) || refusal != nil && refusal.SW == apdu.StatusOffsetOutside
}

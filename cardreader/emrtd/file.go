package emrtd

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"cnie/apdu"
	"cnie/apdu/securemsg"
	"cnie/apdu/tlv"
	"cnie/cardreader/emrtd/access"
	"cnie/lds"
	"cnie/pki/cms"
)

// MaxFile is the longest file that is read.
const MaxFile = 64 << 10

// broken says that the card left the protocol, so that what it says is no answer.
func broken(err error) bool {
	return errors.Is(err, securemsg.ErrIntegrity) || errors.Is(err, access.ErrProtocol)
}

// plan lists what to read after EF.SOD: DG14 first, since Chip Authentication
// protects the rest. Whatever is wrong with EF.SOD is for the judge to say; what
// it does not list is not read.
func (r *reading) plan() []lds.File {
	object, err := securityObject(r.evidence.Files[lds.SOD])
	if err != nil {
		return nil
	}
	var plan []lds.File
	add := func(f lds.File) {
		_, listed := object.Hashes[f]
		if (listed || f == lds.COM) && !slices.Contains(plan, f) {
			plan = append(plan, f)
		}
	}
	add(lds.DG14)
	for _, f := range r.Files {
		add(f)
	}
	add(lds.DG15)
	return plan
}

func securityObject(sod []byte) (lds.SecurityObject, error) {
	message, err := lds.ParseSOD(sod)
	if err != nil {
		return lds.SecurityObject{}, err
	}
	signed, err := cms.Parse(message)
	if err != nil {
		return lds.SecurityObject{}, err
	}
	return lds.ParseSecurityObject(signed.Content)
}

// file reads one file into the evidence, or the status word with which the card
// refused it.
func (r *reading) file(ctx context.Context, f lds.File) error {
	r.begin(ctx, StepFile, f, fmt.Sprintf("read %v", f))
	content, err := readFile(ctx, r.session, f, r.session.MaxNe(apdu.MaxShortNe), func(read, total int) {
		r.report(Progress{Step: StepFile, File: f, BytesRead: read, BytesTotal: total})
	})
	if refusal := refused(err); refusal != nil {
		r.log.DebugContext(ctx, "refused", "file", f.String(), "sw", refusal.SW.String())
		r.evidence.Denied[f] = uint16(refusal.SW)
		return nil
	}
	if err != nil {
		return err
	}
	r.log.DebugContext(ctx, "read", "file", f.String(), "bytes", len(content))
	r.evidence.Files[f] = content
	return nil
}

// authenticateChip runs Chip Authentication if the EF.DG14 just read offers it.
func (r *reading) authenticateChip(ctx context.Context) error {
	offered, err := lds.ParseDG14(r.evidence.Files[lds.DG14])
	if err != nil { // refused or malformed, which the judge sees too
		return nil
	}
	r.begin(ctx, StepChip, 0, "authenticate the chip")
	session, transcript, err := access.ChipAuthentication(ctx, r.card, r.session, offered, r.Rand)
	if err != nil {
		return err
	}
	r.session, r.evidence.Chip = session, transcript
	if transcript != nil {
		r.log.DebugContext(ctx, "chip authentication", "outcome", string(transcript.Outcome))
	}
	if session == nil {
		return r.reopen(ctx)
	}
	return nil
}

// readFile reads a whole file of the current directory. The first command
// selects it by its short identifier and asks for a full block at once; the
// block's first bytes tell how long the file is. A file that is not what its
// header announces (absurd, too long, cut short) is returned as far as it came:
// its hash will not fit.
func readFile(ctx context.Context, t apdu.Transmitter, f lds.File, block int, progress func(read, total int)) ([]byte, error) {
	content, err := readBlock(ctx, t, apdu.Command{INS: apdu.INSReadBinary, P1: 0x80 | f.SFI(), Ne: block})
	if err != nil {
		return nil, err
	}
	header, err := tlv.ReadHeader(content)
	total := header.Size + header.Length
	if err != nil || total > MaxFile {
		return content, nil
	}
	content = slices.Grow(content, max(0, total-len(content)))
	for len(content) < total {
		if progress != nil {
			progress(len(content), total)
		}
		piece, err := readAt(ctx, t, len(content), block, total-len(content))
		if err != nil {
			return nil, err
		}
		if len(piece) == 0 {
			break
		}
		content = append(content, piece...)
	}
	content = content[:min(total, len(content))]
	if progress != nil {
		progress(len(content), total)
	}
	return content, nil
}

// maxEvenOffset is what P1-P2 can say with the bit for short identifiers clear.
const maxEvenOffset = 0x7FFF

// readAt reads a block of the current file, or what is left of it; none at or
// beyond its end.
func readAt(ctx context.Context, t apdu.Transmitter, offset, block, left int) ([]byte, error) {
	if offset > maxEvenOffset {
		return readFar(ctx, t, offset, block, left)
	}
	piece, err := readBlock(ctx, t, apdu.Command{INS: apdu.INSReadBinary, P1: byte(offset >> 8), P2: byte(offset), Ne: min(block, left)})
	return endOfFile(piece, err)
}

// readFar reads with the odd instruction, whose offset and answer are data
// objects. ISO 7816-4 §11.3.3.
func readFar(ctx context.Context, t apdu.Transmitter, offset, block, left int) ([]byte, error) {
	const header = 4 // of DO'53', at most, within a short answer
	n := min(block-header, left)
	answer, err := readBlock(ctx, t, apdu.Command{
		INS: apdu.INSReadBinaryOdd, Data: tlv.Encode(0x54, []byte{byte(offset >> 8), byte(offset)}),
		Ne: len(tlv.AppendHeader(nil, 0x53, n)) + n,
	})
	if answer, err = endOfFile(answer, err); err != nil || len(answer) == 0 {
		return nil, err
	}
	object, err := tlv.One(answer, 0x53)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", access.ErrProtocol, err)
	}
	return object.Value, nil
}

// readBlock is one READ BINARY. 6282 comes with the data that there was before
// the end of the file; 6Cxx names the length to ask for instead.
func readBlock(ctx context.Context, t apdu.Transmitter, c apdu.Command) ([]byte, error) {
	r, err := t.Transmit(ctx, c)
	if err == nil && r.SW.SW1() == 0x6C && r.SW.SW2() != 0 && int(r.SW.SW2()) < c.Ne {
		c.Ne = int(r.SW.SW2())
		r, err = t.Transmit(ctx, c)
	}
	if err != nil {
		return nil, err
	}
	if r.SW == apdu.StatusEndOfFile {
		return r.Data, nil
	}
	return r.Data, r.Err(c.INS)
}

// endOfFile turns the refusal of an offset beyond the end into no data.
func endOfFile(piece []byte, err error) ([]byte, error) {
	if refusal := refused(err); refusal != nil && refusal.SW == apdu.StatusOffsetOutside {
		return nil, nil
	}
	return piece, err
}

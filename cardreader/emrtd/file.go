package emrtd

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"cnie/apdu/securemsg"
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
	content, err := r.habits.readFile(ctx, r.protected(), f, func(read, total int) {
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

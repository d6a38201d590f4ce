package emrtd

import (
	"context"

	"cnie/apdu"
	"cnie/lds"
)

const (
	insReadRecord     = 0xB2
	statusNoBinary    = apdu.Status(0x6981) // the file is made of records, ISO 7816-4 §5.6
	maxOpenFile       = 2048                // of a row of data objects: EF.DIR, EF.ATR/INFO
	maxRecords        = 16
	recordsOfThisFile = 0x04 // P2: the number in P1 counts
)

// openFile reads a file of the master file that needs no key. EF.CardAccess is
// one data object; the others are a row of them, so that no header says how long
// they are: they are read until the card gives no more. EF.DIR may consist of
// records instead.
func (r *reading) openFile(ctx context.Context, f lds.File) ([]byte, error) {
	if f == lds.CardAccess {
		return r.habits.readFile(ctx, r.clear(), f, nil)
	}
	content, err := r.habits.first(ctx, r.clear(), f)
	if refusal := refused(err); refusal != nil && refusal.SW == statusNoBinary {
		return r.records(ctx, f)
	}
	for err == nil && len(content) > 0 && len(content) < maxOpenFile {
		var piece []byte
		piece, err = r.habits.readAt(ctx, r.clear(), len(content), maxOpenFile-len(content))
		if refused(err) != nil || err == nil && len(piece) == 0 {
			return content, nil // some cards refuse to be asked beyond the end
		}
		content = append(content, piece...)
	}
	return content, err
}

// records reads them one by one, until the card has no more.
func (r *reading) records(ctx context.Context, f lds.File) (content []byte, err error) {
	for n := byte(1); n <= maxRecords && len(content) < maxOpenFile; n++ {
		record, err := apdu.Do(ctx, r.card, apdu.Command{INS: insReadRecord, P1: n, P2: f.SFI()<<3 | recordsOfThisFile, Ne: apdu.MaxShortNe})
		if refused(err) != nil {
			break
		}
		if err != nil {
			return nil, err
		}
		content = append(content, record...)
	}
	return content, nil
}

package access

import (
	"context"
	"encoding/asn1"
	"errors"
	"fmt"

	"cnie/apdu"
	"cnie/lds"
)

// Tries asks a card how a PIN or PUK stands, so that whoever is asked for it can
// know before. Nothing is tried: the card says so on being told which password
// will be used, BSI TR-03110-3 §B.11.1. It returns how many tries are left, -1
// when none is gone or the card does not say, and a *PasswordError where the
// password cannot be given as things stand.
func Tries(ctx context.Context, t apdu.Transmitter, kind string, offered lds.SecurityInfos) (left int, err error) {
	best, err := choose(offered)
	if err != nil {
		return -1, err
	}
	oid, err := asn1.Marshal(best.info.OID)
	if err != nil {
		return -1, fmt.Errorf("encode protocol: %w", err)
	}
	run := &pace{choice: best, oid: oid[2:], card: t, password: Password{kind: kind}}
	err = run.announceTemplate(ctx)
	left = -1
	var remark *apdu.StatusError
	if errors.As(err, &remark) {
		if n, counts := remark.Retries(); counts {
			left = n
		}
	}
	return left, run.password.standing(err, false, false)
}

package emrtd

import (
	"context"
	"errors"

	"cnie/cardreader/emrtd/access"
	"cnie/lds"
)

// terminalAuthVersion is the version of the protocol in the eMRTD application,
// ICAO 9303-11 §9.2.8; cards may announce others beside it.
const terminalAuthVersion = 1

// authenticateTerminal proves to the chip what this terminal may read, where the
// operator gave it the certificates and the chip asks for them. It opens
// fingerprints and irises to a terminal with that right; this reader asks for
// neither all the same.
func (r *reading) authenticateTerminal(ctx context.Context, offered lds.SecurityInfos) error {
	if r.Terminal == nil || !asksForTerminal(offered) {
		return nil
	}
	r.begin(ctx, StepChip, lds.CVCA, "authenticate the terminal")
	content, err := r.authorities(ctx)
	if err != nil || content == nil {
		return err
	}
	known, err := lds.ParseCVCA(content)
	if err != nil {
		r.log.DebugContext(ctx, "EF.CVCA names nobody", "why", err.Error())
		return nil
	}
	r.evidence.Terminal, err = access.TerminalAuthentication(ctx, r.opening, *r.Terminal, known)
	if errors.Is(err, access.ErrTerminal) {
		r.log.WarnContext(ctx, "no terminal authentication", "why", err.Error())
		return nil
	}
	return err
}

func asksForTerminal(offered lds.SecurityInfos) bool {
	for _, info := range offered.TerminalAuth {
		if info.Version == terminalAuthVersion {
			return true
		}
	}
	return false
}

// sizeCVCA is the length of EF.CVCA, Doc 9303-11 §K.2, which no header tells.
const sizeCVCA = 36

// authorities reads EF.CVCA; nil when the card refuses it.
func (r *reading) authorities(ctx context.Context) ([]byte, error) {
	content, err := r.habits.first(ctx, r.protected(), lds.CVCA)
	for err == nil && 0 < len(content) && len(content) < sizeCVCA {
		var piece []byte
		piece, err = r.habits.readAt(ctx, r.protected(), len(content), sizeCVCA-len(content))
		if len(piece) == 0 {
			break
		}
		content = append(content[:len(content):len(content)], piece...)
	}
	if refusal := refused(err); refusal != nil {
		r.evidence.Denied[lds.CVCA] = uint16(refusal.SW)
		return nil, nil
	}
	return content, err
}

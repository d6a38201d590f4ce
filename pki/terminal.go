package pki

// TerminalAuthentication says how the terminal's proof to the chip ended, ICAO
// 9303-11 §7.1. It is the terminal's standing with the card, not the card's with
// anybody: no check asks for it.
type TerminalAuthentication struct {
	Outcome ChipOutcome `json:"outcome"`
	Status  uint16      `json:"status,omitempty"` // of a refusal
	Holder  string      `json:"holder"`           // the name in the terminal's certificate
}

// Package mac computes the two message authentication codes of secure messaging: AES-CMAC (NIST SP 800-38B, RFC 4493)
// and the "retail" MAC with DES (ISO/IEC 9797-1, MAC algorithm 3).
//
// Both are objects to be kept for a session: Write and Sum allocate nothing, Reset starts the next message. Sum leaves
// the state alone, so that more may be written after it. Neither is safe for concurrent use.
//
// The two treat padding differently, as their standards do. CMAC has its own; where secure messaging wants ISO/IEC 9797-1
// method 2 padding before a CMAC (ICAO 9303-11 §9.8.6.1) the caller writes it. The retail MAC is defined only over padded
// text, so Sum always adds method 2 padding.
//
// Compare codes with crypto/subtle, never with bytes.Equal.
package mac

// MAC is what secure messaging needs of either code.
type MAC interface {
	// Reset forgets what was written.
	Reset()
	// Write adds to the message; its error is always nil.
	Write(p []byte) (int, error)
	// Sum appends the code of what was written so far to dst.
	Sum(dst []byte) []byte
}

var (
	_ MAC = (*CMAC)(nil)
	_ MAC = (*Retail)(nil)
)

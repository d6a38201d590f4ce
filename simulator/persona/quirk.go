package persona

import "cnie/lds"

// Quirk is a habit of a chip that the standard does not give it: what it does to
// the commands that fit all that is set. Of several that fit, a refusal goes
// first, then the order counts.
type Quirk struct {
	// Which commands.
	INS     byte     // the instruction; 0: any
	P12     uint16   // both parameter bytes; 0: any
	Plain   bool     // only outside secure messaging
	ShortID bool     // READ BINARY that names its file by a short identifier
	Silent  bool     // SELECT that asks for no file control information
	NoLe    bool     // no answer data is expected
	MaxLe   bool     // Le is zero, which stands for the most
	Above   int      // more bytes are expected than this; 0: no matter
	File    lds.File // READ BINARY of this file; 0: any
	Got     uint16   // the chip's own answer has this status; 0: any

	// What becomes of the answer.
	SW   uint16 // its status; 0: stays. 6C00 is completed with the right length
	Data []byte // instead of what the chip would say; with SW only
	Keep bool   // the data stay although the status is another
	Most int    // the data are cut to so many bytes; 0: not
}

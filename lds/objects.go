package lds

import (
	"fmt"

	"cnie/apdu/tlv"
)

// objects splits a file that is a row of data objects. Between and behind them
// there may be filler: zeros, or the FF of memory that nobody has written.
// ISO 7816-4 §8.1.1.
func objects(b []byte, limit int) (all []tlv.Element, err error) {
	for len(b) > 0 {
		if b[0] == 0x00 || b[0] == 0xFF {
			b = b[1:]
			continue
		}
		if len(all) == limit {
			return nil, fmt.Errorf("more than %d data objects", limit)
		}
		e, rest, err := tlv.Read(b)
		if err != nil {
			return nil, err
		}
		all, b = append(all, e), rest
	}
	return all, nil
}

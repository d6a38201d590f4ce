package esign

import "errors"

// vault is one page of memory for a secret. The system is asked not to swap it
// out nor to put it into a core dump; one that refuses, for want of a right or of
// room, is no reason not to sign.
type vault struct {
	page   []byte
	length int
}

var errTooLong = errors.New("a secret of this length is not kept")

// newVault copies a secret into a page of its own.
func newVault(b []byte) (*vault, error) {
	page, err := newPage()
	if err != nil {
		return nil, err
	}
	if len(b) > len(page) {
		return nil, errors.Join(errTooLong, freePage(page))
	}
	return &vault{page: page, length: copy(page, b)}, nil
}

func (v *vault) bytes() []byte { return v.page[:v.length] }

// close wipes the page and gives it back.
func (v *vault) close() error {
	clear(v.page)
	page := v.page
	v.page, v.length = nil, 0
	return freePage(page)
}

//go:build !cgo && !windows

package pcsc

import (
	"context"
	"fmt"
	"iter"

	"cnie/cardreader"
)

var errNoPCSC = fmt.Errorf("%w: this build of cnie has no PC/SC support (built without cgo); rebuild with CGO_ENABLED=1 and libpcsclite-dev", cardreader.ErrNoService)

// System is the machine's PC/SC service, out of reach in this build.
type System struct{}

// New returns a System all of whose calls fail with ErrNoService.
func New() *System { return &System{} }

// Readers fails.
func (*System) Readers(context.Context) ([]cardreader.Reader, error) { return nil, errNoPCSC }

// Watch yields one error.
func (*System) Watch(context.Context) iter.Seq2[cardreader.Event, error] {
	return func(yield func(cardreader.Event, error) bool) { yield(cardreader.Event{}, errNoPCSC) }
}

// Connect fails.
func (*System) Connect(context.Context, string) (cardreader.Card, error) { return nil, errNoPCSC }

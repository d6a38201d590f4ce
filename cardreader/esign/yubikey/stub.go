//go:build !cgo && !windows

package yubikey

import (
	"context"

	"cnie/cardreader"
	"cnie/cardreader/esign"
)

// Open fails with ErrUnavailable in this build.
func Open(context.Context, cardreader.System, string, esign.Options) (*esign.Token, error) {
	return nil, ErrUnavailable
}

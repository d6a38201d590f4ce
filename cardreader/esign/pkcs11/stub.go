//go:build !cgo || windows

package pkcs11

import (
	"context"

	"cnie/cardreader/esign"
)

// Open fails with ErrUnavailable in this build.
func Open(context.Context, URI, esign.Options) ([]*esign.Token, error) { return nil, ErrUnavailable }

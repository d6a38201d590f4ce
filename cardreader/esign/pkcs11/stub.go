//go:build !cgo && !windows && !dlopen

package pkcs11

import "cnie/cardreader/esign/pkcs11/internal/cryptoki"

func loadModule(string) (cryptoki.Module, error) { return nil, ErrUnavailable }

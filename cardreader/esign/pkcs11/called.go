//go:build windows || dlopen

package pkcs11

import "cnie/cardreader/esign/pkcs11/internal/cryptoki"

func loadModule(path string) (cryptoki.Module, error) { return cryptoki.Load(path) }

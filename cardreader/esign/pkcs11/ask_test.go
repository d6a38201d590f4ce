package pkcs11_test

import (
	"context"

	"cnie/cardreader/esign"
	"cnie/internal/secret"
)

// typed answers every time with the same PIN.
func typed(pin string) esign.Asker {
	return func(context.Context, esign.Ask) (secret.Bytes, error) { return secret.New([]byte(pin)), nil }
}

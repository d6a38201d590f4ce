//go:build dlopen && (linux || freebsd || darwin) && (amd64 || arm64)

package cryptoki

import (
	"fmt"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Load opens a module for good.
func Load(path string) (Module, error) {
	library, err := purego.Dlopen(path, purego.RTLD_LAZY|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoModule, err)
	}
	get, err := purego.Dlsym(library, "C_GetFunctionList")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoModule, err)
	}
	return bind(Unix(int(unsafe.Sizeof(uintptr(0)))), dial, get)
}

func dial(function uintptr, arguments ...uintptr) uintptr {
	code, _, _ := purego.SyscallN(function, arguments...)
	return code
}

package cryptoki

import (
	"fmt"
	"path/filepath"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Load opens a module for good. What it needs is looked for beside it and where the
// system has its own, never in the folder the program happens to be in, nor in PATH.
func Load(path string) (Module, error) {
	whole, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoModule, err)
	}
	handle, err := windows.LoadLibraryEx(whole, 0, windows.LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR|windows.LOAD_LIBRARY_SEARCH_DEFAULT_DIRS)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoModule, err)
	}
	get, err := windows.GetProcAddress(handle, "C_GetFunctionList")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoModule, err)
	}
	return bind(Windows(int(unsafe.Sizeof(uintptr(0)))), dial, get)
}

func dial(function uintptr, arguments ...uintptr) uintptr {
	code, _, _ := syscall.SyscallN(function, arguments...)
	return code
}

package cryptoki

import (
	"runtime"
	"unsafe"
)

// frame is the memory of one call: pinned, so that addresses may lie in it that the
// collector does not know, and the module may write to it.
type frame struct {
	layout Layout
	pins   runtime.Pinner
}

// memory is empty memory for the module.
func (f *frame) memory(n int) []byte {
	b := make([]byte, n)
	f.pin(b)
	return b
}

// pin keeps bytes where they are and tells their address, 0 of none.
func (f *frame) pin(b []byte) uintptr {
	if len(b) == 0 {
		return 0
	}
	f.pins.Pin(&b[0])
	return uintptr(unsafe.Pointer(&b[0]))
}

// end lets the memory go.
func (f *frame) end() { f.pins.Unpin() }

// foreign is memory of the module's, whose address it told.
func foreign(address uintptr, n int) []byte {
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&address)), n)
}

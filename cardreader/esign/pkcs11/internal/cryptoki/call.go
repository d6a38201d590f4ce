package cryptoki

import "fmt"

// The places of functions in CK_FUNCTION_LIST, in the order of pkcs11f.h (PKCS #11
// v2.40 §5).
const (
	fInitialize = iota
	fFinalize
	fGetInfo
	fGetFunctionList
	fGetSlotList
	fGetSlotInfo
	fGetTokenInfo
	fGetMechanismList
	fOpenSession       = 12
	fCloseSession      = 13
	fGetSessionInfo    = 15
	fLogin             = 18
	fLogout            = 19
	fGetAttributeValue = 24
	fFindObjectsInit   = 26
	fFindObjects       = 27
	fFindObjectsFinal  = 28
	fSignInit          = 42
	fSign              = 43
	lastFunction       = fSign
)

// needed are those that a module must have.
var needed = []int{
	fInitialize, fFinalize, fGetInfo, fGetSlotList, fGetSlotInfo, fGetTokenInfo, fGetMechanismList, fOpenSession, fCloseSession, fGetSessionInfo,
	fLogin, fLogout, fGetAttributeValue, fFindObjectsInit, fFindObjects, fFindObjectsFinal, fSignInit, fSign,
}

// caller calls a C function by its address.
type caller func(function uintptr, arguments ...uintptr) uintptr

// called is a module behind addresses. It implements Module.
type called struct {
	layout    Layout
	call      caller
	functions [lastFunction + 1]uintptr
}

// bind asks C_GetFunctionList, given by its address, for all others.
func bind(layout Layout, call caller, getFunctionList uintptr) (*called, error) {
	m := &called{layout: layout, call: call}
	m.functions[fGetFunctionList] = getFunctionList
	f := m.frame()
	defer f.end()
	out := f.memory(layout.Pointer)
	if err := m.do(fGetFunctionList, f.pin(out)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoModule, err)
	}
	list := uintptr(get(out, layout.Pointer))
	if list == 0 {
		return nil, ErrNoModule
	}
	_, size := layout.offsets(functionFields)
	all := layout.in(foreign(list, size), functionFields)
	if major := all.memory[0]; major != 2 && major != 3 { // 3.x keeps this list as it was, and adds others
		return nil, fmt.Errorf("%w: version %d of the standard", ErrNoModule, major)
	}
	for i := range m.functions {
		m.functions[i] = uintptr(all.number(1 + i))
	}
	for _, i := range needed {
		if m.functions[i] == 0 {
			return nil, fmt.Errorf("%w: function %d is missing", ErrNoModule, i)
		}
	}
	return m, nil
}

func (m *called) frame() *frame { return &frame{layout: m.layout} }

// do calls a function. Of what it returns, only the width of a CK_RV counts.
func (m *called) do(function int, arguments ...uintptr) error {
	code := uint64(m.call(m.functions[function], arguments...))
	if m.layout.Long == 4 {
		code = uint64(uint32(code))
	}
	if code != uint64(OK) {
		return Error(code)
	}
	return nil
}

// Bounds of what is read, each far above what is real.
const (
	maxNumbers = 4096    // slots, or mechanisms of one
	maxValue   = 1 << 20 // bytes of an attribute or a signature
)

// numbers has a module list numbers: first how many, then which. What comes
// meanwhile makes it begin anew.
func (m *called) numbers(ask func(list, count uintptr) error) ([]uint, error) {
	f := m.frame()
	defer f.end()
	count := f.memory(m.layout.Long)
	for range 5 {
		if err := ask(0, f.pin(count)); err != nil {
			return nil, err
		}
		room := get(count, m.layout.Long)
		if room > maxNumbers {
			return nil, ErrBounds
		}
		list := f.memory(int(room) * m.layout.Long)
		err := ask(f.pin(list), f.pin(count))
		if err == bufferTooSmall {
			continue
		}
		if err != nil {
			return nil, err
		}
		return m.list(list, count)
	}
	return nil, bufferTooSmall
}

// list reads so many of the numbers as the module says it has written.
func (m *called) list(memory, count []byte) ([]uint, error) {
	n := get(count, m.layout.Long)
	if n > uint64(len(memory)/m.layout.Long) {
		return nil, ErrBounds
	}
	all := make([]uint, n)
	for i := range all {
		all[i] = uint(get(memory[i*m.layout.Long:], m.layout.Long))
	}
	return all, nil
}

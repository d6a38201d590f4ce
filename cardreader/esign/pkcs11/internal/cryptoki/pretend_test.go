package cryptoki

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// pretend is a module written in Go whose structures lie as a layout has it: what a
// C compiler would make of the standard's header there. Its functions' addresses are
// their places in the list, plus one.
type pretend struct {
	t       testing.TB
	layout  Layout
	version byte
	missing int // the function that its list does not have; 0: none
	lie     func(function int, size uint64) uint64
	list    []byte
	pins    runtime.Pinner

	calls   []int
	flags   uint64 // of C_Initialize
	pin     string
	user    uintptr
	class   uint64 // of the last search
	id      []byte
	left    int // objects to be found
	pss     []uint64
	refuse  map[int]Error
	garbage uintptr // above the width of a CK_RV
}

func newPretend(t testing.TB, l Layout) *pretend {
	p := &pretend{t: t, layout: l, version: 2, lie: func(_ int, n uint64) uint64 { return n }, left: 3, refuse: map[int]Error{}}
	t.Cleanup(p.pins.Unpin)
	return p
}

func (p *pretend) bind() (*called, error) { return bind(p.layout, p.call, fGetFunctionList+1) }

func (p *pretend) call(function uintptr, a ...uintptr) uintptr {
	which := int(function) - 1
	p.calls = append(p.calls, which)
	if e := p.refuse[which]; e != 0 {
		return uintptr(e) | p.garbage
	}
	p.answer(which, a)
	return p.garbage
}

// at is a structure whose address the caller gave.
func (p *pretend) at(address uintptr, fields []field) record {
	_, size := p.layout.offsets(fields)
	return p.layout.in(foreign(address, size), fields)
}

// tell writes a length, or a lie.
func (p *pretend) tell(function int, address uintptr, n uint64) {
	put(foreign(address, p.layout.Long), p.layout.Long, p.lie(function, n))
}

func (p *pretend) answer(which int, a []uintptr) {
	switch which {
	case fGetFunctionList:
		put(foreign(a[0], p.layout.Pointer), p.layout.Pointer, uint64(p.functions()))
	case fInitialize:
		p.flags = p.at(a[0], startFields).number(4)
	case fGetInfo:
		r := p.at(a[0], infoFields)
		copy(r.memory[r.at[1]:], "SPECIMEN maker")
		copy(r.memory[r.at[3]:], "SPECIMEN module")
		copy(r.memory[r.at[4]:], []byte{3, 14})
	case fGetSlotList:
		p.tellNumbers(which, a[1], a[2], 7, 9)
	case fGetMechanismList:
		p.tellNumbers(which, a[1], a[2], RSA, ECDSA)
	case fGetSlotInfo:
		r := p.at(a[1], slotFields)
		copy(r.memory, "SPECIMEN slot")
		r.put(2, TokenPresent)
	case fGetTokenInfo:
		r := p.at(a[1], tokenFields)
		for i, text := range []string{"SPECIMEN token", "maker", "model", "serial"} {
			copy(r.memory[r.at[i]:], text)
		}
		for i, n := range []uint64{LoginRequired, 90, 91, 92, 93, 8, 4} {
			r.put(4+i, n)
		}
	case fOpenSession:
		p.tell(which, a[4], 0x11)
	case fGetSessionInfo:
		p.at(a[1], sessionFields).put(1, ReadOnlyUser)
	case fLogin:
		p.user, p.pin = a[1], ""
		if a[3] > 0 {
			p.pin = string(foreign(a[2], int(a[3])))
		}
	default:
		p.objects(which, a)
	}
}

func (p *pretend) objects(which int, a []uintptr) {
	switch which {
	case fFindObjectsInit:
		require.Equal(p.t, uintptr(2), a[2])
		_, size := p.layout.offsets(attributeFields)
		first, second := p.at(a[1], attributeFields), p.at(a[1]+uintptr(size), attributeFields)
		p.class = get(foreign(uintptr(first.number(1)), int(first.number(2))), p.layout.Long)
		p.id = bytes.Clone(foreign(uintptr(second.number(1)), int(second.number(2))))
	case fFindObjects: // two at a time
		n := min(p.left, 2, int(a[2]))
		for i := range n {
			put(foreign(a[1]+uintptr(i*p.layout.Long), p.layout.Long), p.layout.Long, uint64(100+p.left-i))
		}
		p.left -= n
		p.tell(which, a[3], uint64(n))
	case fGetAttributeValue:
		r := p.at(a[2], attributeFields)
		if value := uintptr(r.number(1)); value != 0 {
			copy(foreign(value, int(r.number(2))), "SPECIMEN")
		}
		r.put(2, p.lie(which, 8))
	case fSignInit:
		r := p.at(a[1], mechanismFields)
		p.pss = nil
		if r.number(2) > 0 {
			pss := p.at(uintptr(r.number(1)), pssFields)
			p.pss = []uint64{pss.number(0), pss.number(1), pss.number(2)}
		}
	case fSign:
		data := foreign(a[1], int(a[2]))
		copy(foreign(a[3], int(get(foreign(a[4], p.layout.Long), p.layout.Long))), append([]byte("signed "), data...))
		p.tell(which, a[4], uint64(7+len(data)))
	}
}

// tellNumbers answers in the two steps that lists have.
func (p *pretend) tellNumbers(function int, list, count uintptr, all ...uint64) {
	if list != 0 {
		for i, n := range all {
			put(foreign(list+uintptr(i*p.layout.Long), p.layout.Long), p.layout.Long, n)
		}
	}
	p.tell(function, count, uint64(len(all)))
}

// functions writes CK_FUNCTION_LIST.
func (p *pretend) functions() uintptr {
	at, size := p.layout.offsets(functionFields)
	p.list = make([]byte, size)
	p.list[0] = p.version
	for i := range lastFunction + 1 {
		if i != p.missing || i == 0 {
			put(p.list[at[1+i]:], p.layout.Pointer, uint64(1+i))
		}
	}
	f := frame{}
	p.pins.Pin(&p.list[0])
	address := f.pin(p.list)
	f.end()
	return address
}

package cryptoki

import "encoding/binary"

// Layout is how a module's structures lie in memory.
type Layout struct {
	Long    int  // bytes of a CK_ULONG
	Pointer int  // bytes of an address
	Packed  bool // without gaps, on Windows
}

// Windows and Unix are the layouts of systems with addresses of so many bytes.
func Windows(pointer int) Layout { return Layout{Long: 4, Pointer: pointer, Packed: true} }

// Unix is where long has the width of an address.
func Unix(pointer int) Layout { return Layout{Long: pointer, Pointer: pointer} }

// field is a part of a structure: so many bytes of text, or one of the kinds below.
type field int

const (
	long    field = -1
	address field = -2
	version field = 2 // two bytes, CK_VERSION
)

// The structures, with the names of the standard.
var (
	infoFields      = []field{version, 32, long, 32, version}                                                                         // CK_INFO
	slotFields      = []field{64, 32, long, version, version}                                                                         // CK_SLOT_INFO
	tokenFields     = []field{32, 32, 16, 16, long, long, long, long, long, long, long, long, long, long, long, version, version, 16} // CK_TOKEN_INFO
	sessionFields   = []field{long, long, long, long}                                                                                 // CK_SESSION_INFO
	attributeFields = []field{long, address, long}                                                                                    // CK_ATTRIBUTE
	mechanismFields = []field{long, address, long}                                                                                    // CK_MECHANISM
	pssFields       = []field{long, long, long}                                                                                       // CK_RSA_PKCS_PSS_PARAMS
	startFields     = []field{address, address, address, address, long, address}                                                      // CK_C_INITIALIZE_ARGS
	functionFields  = append([]field{version}, repeat(address, lastFunction+1)...)                                                    // CK_FUNCTION_LIST, its beginning
)

func repeat(f field, n int) []field {
	all := make([]field, n)
	for i := range all {
		all[i] = f
	}
	return all
}

func (l Layout) width(f field) int {
	switch f {
	case long:
		return l.Long
	case address:
		return l.Pointer
	}
	return int(f)
}

// offsets tells where each field begins, and how long the whole is: in an array one
// follows the other, aligned like the widest field.
func (l Layout) offsets(fields []field) (at []int, size int) {
	widest := 1
	for _, f := range fields {
		align := 1
		if f < 0 && !l.Packed {
			align = l.width(f)
		}
		widest = max(widest, align)
		size = up(size, align)
		at = append(at, size)
		size += l.width(f)
	}
	return at, up(size, widest)
}

func up(n, align int) int { return (n + align - 1) / align * align }

// put writes a number of that width in the machine's byte order.
func put(b []byte, width int, n uint64) {
	switch width {
	case 4:
		binary.NativeEndian.PutUint32(b, uint32(n))
	case 8:
		binary.NativeEndian.PutUint64(b, n)
	}
}

// get reads what put wrote.
func get(b []byte, width int) uint64 {
	if width == 4 {
		return uint64(binary.NativeEndian.Uint32(b))
	}
	return binary.NativeEndian.Uint64(b)
}

// number is a CK_ULONG.
func (l Layout) number(n uint) []byte {
	b := make([]byte, l.Long)
	put(b, l.Long, uint64(n))
	return b
}

// unavailable is what a module writes for a length that it does not tell:
// CK_UNAVAILABLE_INFORMATION, a number of ones only.
func (l Layout) unavailable() uint64 { return 1<<(8*l.Long) - 1 }

// record is one structure in memory.
type record struct {
	layout Layout
	fields []field
	at     []int
	memory []byte
}

// record makes an empty structure in memory that a frame pins.
func (f *frame) record(fields []field) record {
	at, size := f.layout.offsets(fields)
	return record{f.layout, fields, at, f.memory(size)}
}

// in is the structure that lies at the beginning of that memory.
func (l Layout) in(memory []byte, fields []field) record {
	at, _ := l.offsets(fields)
	return record{l, fields, at, memory}
}

func (r record) put(i int, n uint64) { put(r.memory[r.at[i]:], r.layout.width(r.fields[i]), n) }

func (r record) number(i int) uint64 { return get(r.memory[r.at[i]:], r.layout.width(r.fields[i])) }

func (r record) text(i int) string { return string(r.memory[r.at[i]:][:r.fields[i]]) }

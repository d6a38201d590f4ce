package cryptoki

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whoever lays the structures out as Windows does is understood, on any system; so
// is whoever does as Unix.
func TestCalls(t *testing.T) {
	for name, l := range map[string]Layout{"windows": Windows(8), "unix": Unix(8)} {
		t.Run(name, func(t *testing.T) {
			p := newPretend(t, l)
			m, err := p.bind()
			require.NoError(t, err)
			if l.Long == 4 {
				p.garbage = 0xDEAD << 32 // a register is wider than what is returned in it
			}
			asks(t, p, m)
			signs(t, p, m)
		})
	}
}

func asks(t *testing.T, p *pretend, m Module) {
	require.NoError(t, m.Initialize())
	assert.Equal(t, uint64(lockers), p.flags)
	info, err := m.Info()
	require.NoError(t, err)
	assert.Equal(t, "SPECIMEN module", info.Description[:15])
	assert.Equal(t, "SPECIMEN maker", info.Manufacturer[:14])
	assert.Equal(t, [2]byte{3, 14}, [2]byte{info.Major, info.Minor})
	slots, err := m.Slots()
	require.NoError(t, err)
	assert.Equal(t, []uint{7, 9}, slots)
	slot, err := m.SlotInfo(7)
	require.NoError(t, err)
	assert.Equal(t, "SPECIMEN slot", slot.Description[:13])
	assert.Equal(t, uint(TokenPresent), slot.Flags)
	token, err := m.TokenInfo(7)
	require.NoError(t, err)
	assert.Equal(t, "SPECIMEN token", token.Label[:14])
	assert.Equal(t, "makermodelserial", token.Manufacturer[:5]+token.Model[:5]+token.Serial[:6])
	assert.Equal(t, [3]uint{LoginRequired, 8, 4}, [3]uint{token.Flags, token.MaxPIN, token.MinPIN})
	mechanisms, err := m.Mechanisms(7)
	require.NoError(t, err)
	assert.Equal(t, []uint{RSA, ECDSA}, mechanisms)
	require.NoError(t, m.Finalize())
}

func signs(t *testing.T, p *pretend, m Module) {
	s, err := m.OpenSession(7, SerialSession)
	require.NoError(t, err)
	assert.Equal(t, Session(0x11), s)
	require.NoError(t, m.Login(s, User, []byte("123456")))
	assert.Equal(t, "123456", p.pin)
	require.NoError(t, m.Login(s, ContextSpecific, nil))
	assert.Equal(t, [2]any{uintptr(ContextSpecific), ""}, [2]any{p.user, p.pin})
	state, err := m.State(s)
	require.NoError(t, err)
	assert.Equal(t, uint(ReadOnlyUser), state)

	template := []Attribute{{Kind: Class, Number: PrivateKey}, {Kind: ID, Value: []byte{1, 2, 3}}}
	found, err := m.Find(s, template, 256)
	require.NoError(t, err)
	assert.Equal(t, []Object{103, 102, 101}, found)
	assert.Equal(t, uint64(PrivateKey), p.class)
	assert.Equal(t, []byte{1, 2, 3}, p.id)
	p.left = 3
	found, err = m.Find(s, template, 1)
	require.NoError(t, err)
	assert.Len(t, found, 1, "no more than asked for")
	value, err := m.Attribute(s, 101, Label)
	require.NoError(t, err)
	assert.Equal(t, "SPECIMEN", string(value))

	require.NoError(t, m.SignInit(s, Mechanism{Kind: ECDSA}, 101))
	assert.Nil(t, p.pss)
	require.NoError(t, m.SignInit(s, Mechanism{Kind: RSAPSS, PSS: &PSS{SHA256, MGF256, 32}}, 101))
	assert.Equal(t, []uint64{SHA256, MGF256, 32}, p.pss)
	signature, err := m.Sign(s, []byte("digest"))
	require.NoError(t, err)
	assert.Equal(t, "signed digest", string(signature))
	require.NoError(t, m.Logout(s))
	require.NoError(t, m.CloseSession(s))
}

// A module that returns an error is quoted, whatever the function.
func TestRefusals(t *testing.T) {
	p := newPretend(t, Windows(8))
	m, err := p.bind()
	require.NoError(t, err)
	for _, function := range needed {
		p.refuse[function] = DeviceError
	}
	for name, ask := range askers(m) {
		assert.ErrorIs(t, ask(), DeviceError, name)
	}
}

func askers(m Module) map[string]func() error {
	second := func(_ any, err error) error { return err }
	return map[string]func() error{
		"initialize": m.Initialize, "finalize": m.Finalize,
		"info":       func() error { return second(m.Info()) },
		"slots":      func() error { return second(m.Slots()) },
		"slot":       func() error { return second(m.SlotInfo(7)) },
		"token":      func() error { return second(m.TokenInfo(7)) },
		"mechanisms": func() error { return second(m.Mechanisms(7)) },
		"open":       func() error { return second(m.OpenSession(7, SerialSession)) },
		"close":      func() error { return m.CloseSession(1) },
		"state":      func() error { return second(m.State(1)) },
		"login":      func() error { return m.Login(1, User, []byte("123456")) },
		"logout":     func() error { return m.Logout(1) },
		"find":       func() error { return second(m.Find(1, []Attribute{{Kind: Class}, {Kind: ID, Value: []byte{1}}}, 16)) },
		"attribute":  func() error { return second(m.Attribute(1, 2, Label)) },
		"begin":      func() error { return m.SignInit(1, Mechanism{Kind: ECDSA}, 2) },
		"sign":       func() error { return second(m.Sign(1, []byte("digest"))) },
	}
}

// Lengths that cannot be: more than the memory given, or than anything real.
func TestLies(t *testing.T) {
	for _, l := range []Layout{Windows(8), Unix(8)} {
		for _, size := range []uint64{maxValue + 1, 1<<31 + 1, l.unavailable() - 1} {
			p := newPretend(t, l)
			p.lie = func(int, uint64) uint64 { return size }
			m, err := p.bind()
			require.NoError(t, err)
			for _, name := range []string{"slots", "mechanisms", "find", "attribute", "sign"} {
				assert.ErrorIs(t, askers(m)[name](), ErrBounds, "%s of %d", name, size)
			}
		}
		p, second := newPretend(t, l), false
		p.lie = func(_ int, n uint64) uint64 { // true first, longer with the content
			if second = !second; second {
				return n
			}
			return n + 1
		}
		m, err := p.bind()
		require.NoError(t, err)
		for _, name := range []string{"slots", "mechanisms", "attribute"} {
			assert.ErrorIs(t, askers(m)[name](), ErrBounds, name)
		}
		p.lie = func(int, uint64) uint64 { return l.unavailable() }
		assert.ErrorIs(t, askers(m)["attribute"](), attributeTypeInvalid, "a length that is not told")
		p.lie = func(int, uint64) uint64 { return 0 }
		assert.NoError(t, askers(m)["attribute"](), "nothing there")
	}
}

// A list that grows between the two questions is asked for anew, but not for ever.
func TestGrowing(t *testing.T) {
	p := newPretend(t, Windows(8))
	asked := 0
	m, err := bind(p.layout, func(function uintptr, a ...uintptr) uintptr {
		if int(function)-1 == fGetSlotList && a[1] != 0 {
			if asked++; asked != 3 { // the third time there is room
				return uintptr(bufferTooSmall)
			}
		}
		return p.call(function, a...)
	}, fGetFunctionList+1)
	require.NoError(t, err)
	slots, err := m.Slots()
	require.NoError(t, err)
	assert.Equal(t, []uint{7, 9}, slots)
	_, err = m.Slots()
	assert.ErrorIs(t, err, bufferTooSmall)
}

// Files that are no modules, or not whole ones.
func TestBind(t *testing.T) {
	for name, change := range map[string]func(*pretend){
		"another version": func(p *pretend) { p.version = 1 },
		"no C_Login":      func(p *pretend) { p.missing = fLogin },
		"no C_Sign":       func(p *pretend) { p.missing = fSign },
		"refuses":         func(p *pretend) { p.refuse[fGetFunctionList] = GeneralError },
	} {
		p := newPretend(t, Windows(8))
		change(p)
		_, err := p.bind()
		assert.ErrorIs(t, err, ErrNoModule, name)
	}
	_, err := bind(Unix(8), func(uintptr, ...uintptr) uintptr { return 0 }, 1)
	assert.ErrorIs(t, err, ErrNoModule, "a list at no address")
	p := newPretend(t, Unix(8))
	p.version = 3
	_, err = p.bind()
	assert.NoError(t, err, "3.x keeps the list")
}

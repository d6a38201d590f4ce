package cryptoki

// Initialize implements Module: the module may use threads and the system's locks,
// and must expect calls from several at a time (PKCS #11 v2.40 §5.4).
func (m *called) Initialize() error {
	f := m.frame()
	defer f.end()
	r := f.record(startFields)
	r.put(4, lockers)
	return m.do(fInitialize, f.pin(r.memory))
}

// Finalize implements Module.
func (m *called) Finalize() error { return m.do(fFinalize, 0) }

// Info implements Module.
func (m *called) Info() (Info, error) {
	f := m.frame()
	defer f.end()
	r := f.record(infoFields)
	if err := m.do(fGetInfo, f.pin(r.memory)); err != nil {
		return Info{}, err
	}
	last := r.memory[r.at[4]:]
	return Info{Manufacturer: r.text(1), Description: r.text(3), Major: last[0], Minor: last[1]}, nil
}

// Slots implements Module.
func (m *called) Slots() ([]uint, error) {
	return m.numbers(func(list, count uintptr) error { return m.do(fGetSlotList, 1, list, count) })
}

// Mechanisms implements Module.
func (m *called) Mechanisms(slot uint) ([]uint, error) {
	return m.numbers(func(list, count uintptr) error { return m.do(fGetMechanismList, uintptr(slot), list, count) })
}

// SlotInfo implements Module.
func (m *called) SlotInfo(slot uint) (SlotInfo, error) {
	f := m.frame()
	defer f.end()
	r := f.record(slotFields)
	if err := m.do(fGetSlotInfo, uintptr(slot), f.pin(r.memory)); err != nil {
		return SlotInfo{}, err
	}
	return SlotInfo{Description: r.text(0), Manufacturer: r.text(1), Flags: uint(r.number(2))}, nil
}

// TokenInfo implements Module.
func (m *called) TokenInfo(slot uint) (TokenInfo, error) {
	f := m.frame()
	defer f.end()
	r := f.record(tokenFields)
	if err := m.do(fGetTokenInfo, uintptr(slot), f.pin(r.memory)); err != nil {
		return TokenInfo{}, err
	}
	return TokenInfo{
		Label: r.text(0), Manufacturer: r.text(1), Model: r.text(2), Serial: r.text(3),
		Flags: uint(r.number(4)), MaxPIN: uint(r.number(9)), MinPIN: uint(r.number(10)),
	}, nil
}

// OpenSession implements Module. Nobody is called back.
func (m *called) OpenSession(slot, flags uint) (Session, error) {
	f := m.frame()
	defer f.end()
	handle := f.memory(m.layout.Long)
	err := m.do(fOpenSession, uintptr(slot), uintptr(flags), 0, 0, f.pin(handle))
	return Session(get(handle, m.layout.Long)), err
}

// CloseSession implements Module.
func (m *called) CloseSession(s Session) error { return m.do(fCloseSession, uintptr(s)) }

// State implements Module.
func (m *called) State(s Session) (uint, error) {
	f := m.frame()
	defer f.end()
	r := f.record(sessionFields)
	err := m.do(fGetSessionInfo, uintptr(s), f.pin(r.memory))
	return uint(r.number(1)), err
}

// Login implements Module.
func (m *called) Login(s Session, user uint, pin []byte) error {
	f := m.frame()
	defer f.end()
	return m.do(fLogin, uintptr(s), uintptr(user), f.pin(pin), uintptr(len(pin)))
}

// Logout implements Module.
func (m *called) Logout(s Session) error { return m.do(fLogout, uintptr(s)) }

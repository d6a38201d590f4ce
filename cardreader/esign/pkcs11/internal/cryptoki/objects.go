package cryptoki

import "errors"

// Find implements Module.
func (m *called) Find(s Session, template []Attribute, most int) ([]Object, error) {
	f := m.frame()
	defer f.end()
	list := f.template(template)
	if err := m.do(fFindObjectsInit, uintptr(s), f.pin(list), uintptr(len(template))); err != nil {
		return nil, err
	}
	found, err := m.some(f, s, most)
	return found, errors.Join(err, m.do(fFindObjectsFinal, uintptr(s)))
}

// some reads at most so many of the objects that a search finds. A module may hand
// them out in portions; one without any is the end (PKCS #11 v2.40 §5.7.7).
func (m *called) some(f *frame, s Session, most int) (found []Object, _ error) {
	handles, count := f.memory(most*m.layout.Long), f.memory(m.layout.Long)
	for len(found) < most {
		room := handles[:(most-len(found))*m.layout.Long]
		if err := m.do(fFindObjects, uintptr(s), f.pin(room), uintptr(most-len(found)), f.pin(count)); err != nil {
			return found, err
		}
		portion, err := m.list(room, count)
		if err != nil || len(portion) == 0 {
			return found, err
		}
		for _, handle := range portion {
			found = append(found, Object(handle))
		}
	}
	return found, nil
}

// template lays out attributes one after the other.
func (f *frame) template(attributes []Attribute) []byte {
	_, size := f.layout.offsets(attributeFields)
	list := f.memory(size * len(attributes))
	for i, a := range attributes {
		value := a.Value
		if value == nil {
			value = f.layout.number(a.Number)
		}
		f.layout.in(list[i*size:], attributeFields).triple(uint64(a.Kind), f.pin(value), len(value))
	}
	return list
}

// triple fills the form that attributes and mechanisms share.
func (r record) triple(kind uint64, at uintptr, size int) {
	r.put(0, kind)
	r.put(1, uint64(at))
	r.put(2, uint64(size))
}

// Attribute implements Module: how long, then what.
func (m *called) Attribute(s Session, o Object, kind uint) ([]byte, error) {
	f := m.frame()
	defer f.end()
	r := f.record(attributeFields)
	r.triple(uint64(kind), 0, 0)
	if err := m.do(fGetAttributeValue, uintptr(s), uintptr(o), f.pin(r.memory), 1); err != nil {
		return nil, err
	}
	size := r.number(2)
	switch {
	case size == m.layout.unavailable():
		return nil, attributeTypeInvalid
	case size > maxValue:
		return nil, ErrBounds
	case size == 0:
		return nil, nil
	}
	value := f.memory(int(size))
	r.triple(uint64(kind), f.pin(value), len(value))
	if err := m.do(fGetAttributeValue, uintptr(s), uintptr(o), f.pin(r.memory), 1); err != nil {
		return nil, err
	}
	if size = r.number(2); size > uint64(len(value)) {
		return nil, ErrBounds
	}
	return value[:size], nil
}

// SignInit implements Module.
func (m *called) SignInit(s Session, mechanism Mechanism, key Object) error {
	f := m.frame()
	defer f.end()
	r, parameters := f.record(mechanismFields), []byte(nil)
	if p := mechanism.PSS; p != nil {
		pss := f.record(pssFields)
		for i, n := range []uint{p.Hash, p.MGF, p.Salt} {
			pss.put(i, uint64(n))
		}
		parameters = pss.memory
	}
	r.triple(uint64(mechanism.Kind), f.pin(parameters), len(parameters))
	return m.do(fSignInit, uintptr(s), f.pin(r.memory), uintptr(key))
}

// maxSignature is above what any key signs with here; asking for the length first
// would be another command for some cards.
const maxSignature = 4096

// Sign implements Module.
func (m *called) Sign(s Session, data []byte) ([]byte, error) {
	f := m.frame()
	defer f.end()
	out, size := f.memory(maxSignature), f.memory(m.layout.Long)
	put(size, m.layout.Long, maxSignature)
	if err := m.do(fSign, uintptr(s), f.pin(data), uintptr(len(data)), f.pin(out), f.pin(size)); err != nil {
		return nil, err
	}
	n := get(size, m.layout.Long)
	if n > maxSignature {
		return nil, ErrBounds
	}
	return out[:n:n], nil
}

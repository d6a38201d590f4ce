//go:build cgo && !windows && !dlopen

package pkcs11

import (
	"errors"

	api "github.com/miekg/pkcs11"

	"cnie/cardreader/esign/pkcs11/internal/cryptoki"
)

// miekg is a module behind miekg/pkcs11, but for C_Login.
type miekg struct {
	*api.Ctx
	login login
}

func loadModule(path string) (cryptoki.Module, error) {
	m := miekg{Ctx: api.New(path)}
	if m.Ctx == nil {
		return nil, cryptoki.ErrNoModule
	}
	if m.login = findLogin(path); m.login == nil {
		return nil, errors.New("it has no C_Login")
	}
	return m, nil
}

// ours makes the library's errors ours.
func ours(err error) error {
	var code api.Error
	if errors.As(err, &code) {
		return cryptoki.Error(code)
	}
	return err
}

func (m miekg) Initialize() error { return ours(m.Ctx.Initialize()) }

func (m miekg) Finalize() error { return ours(m.Ctx.Finalize()) }

func (m miekg) Info() (cryptoki.Info, error) {
	i, err := m.GetInfo()
	return cryptoki.Info{Manufacturer: i.ManufacturerID, Description: i.LibraryDescription, Major: i.LibraryVersion.Major, Minor: i.LibraryVersion.Minor}, ours(err)
}

func (m miekg) Slots() ([]uint, error) {
	all, err := m.GetSlotList(true)
	return all, ours(err)
}

func (m miekg) SlotInfo(slot uint) (cryptoki.SlotInfo, error) {
	i, err := m.GetSlotInfo(slot)
	return cryptoki.SlotInfo{Description: i.SlotDescription, Manufacturer: i.ManufacturerID, Flags: i.Flags}, ours(err)
}

func (m miekg) TokenInfo(slot uint) (cryptoki.TokenInfo, error) {
	i, err := m.GetTokenInfo(slot)
	return cryptoki.TokenInfo{
		Label: i.Label, Manufacturer: i.ManufacturerID, Model: i.Model, Serial: i.SerialNumber,
		Flags: i.Flags, MaxPIN: i.MaxPinLen, MinPIN: i.MinPinLen,
	}, ours(err)
}

func (m miekg) Mechanisms(slot uint) ([]uint, error) {
	all, err := m.GetMechanismList(slot)
	kinds := make([]uint, len(all))
	for i, one := range all {
		kinds[i] = one.Mechanism
	}
	return kinds, ours(err)
}

func (m miekg) OpenSession(slot, flags uint) (cryptoki.Session, error) {
	s, err := m.Ctx.OpenSession(slot, flags)
	return cryptoki.Session(s), ours(err)
}

func (m miekg) CloseSession(s cryptoki.Session) error {
	return ours(m.Ctx.CloseSession(api.SessionHandle(s)))
}

func (m miekg) State(s cryptoki.Session) (uint, error) {
	i, err := m.GetSessionInfo(api.SessionHandle(s))
	return i.State, ours(err)
}

func (m miekg) Login(s cryptoki.Session, user uint, pin []byte) error { return m.login(s, user, pin) }

func (m miekg) Logout(s cryptoki.Session) error { return ours(m.Ctx.Logout(api.SessionHandle(s))) }

func (m miekg) Find(s cryptoki.Session, template []cryptoki.Attribute, most int) ([]cryptoki.Object, error) {
	var theirs []*api.Attribute
	for _, a := range template {
		if a.Value != nil {
			theirs = append(theirs, api.NewAttribute(a.Kind, a.Value))
		} else {
			theirs = append(theirs, api.NewAttribute(a.Kind, a.Number))
		}
	}
	if err := m.FindObjectsInit(api.SessionHandle(s), theirs); err != nil {
		return nil, ours(err)
	}
	all, _, err := m.FindObjects(api.SessionHandle(s), most)
	var found []cryptoki.Object
	for _, o := range all {
		found = append(found, cryptoki.Object(o))
	}
	return found, errors.Join(ours(err), ours(m.FindObjectsFinal(api.SessionHandle(s))))
}

func (m miekg) Attribute(s cryptoki.Session, o cryptoki.Object, kind uint) ([]byte, error) {
	got, err := m.GetAttributeValue(api.SessionHandle(s), api.ObjectHandle(o), []*api.Attribute{api.NewAttribute(kind, nil)})
	if err != nil || len(got) == 0 {
		return nil, ours(err)
	}
	return got[0].Value, nil
}

func (m miekg) SignInit(s cryptoki.Session, how cryptoki.Mechanism, key cryptoki.Object) error {
	var parameters any
	if p := how.PSS; p != nil {
		parameters = api.NewPSSParams(p.Hash, p.MGF, p.Salt)
	}
	return ours(m.Ctx.SignInit(api.SessionHandle(s), []*api.Mechanism{api.NewMechanism(how.Kind, parameters)}, api.ObjectHandle(key)))
}

func (m miekg) Sign(s cryptoki.Session, data []byte) ([]byte, error) {
	signature, err := m.Ctx.Sign(api.SessionHandle(s), data)
	return signature, ours(err)
}

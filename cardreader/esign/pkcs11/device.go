package pkcs11

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"cnie/cardreader/esign"
	"cnie/cardreader/esign/pkcs11/internal/cryptoki"
)

// place is a slot with a token in it.
type place struct {
	slot  uint
	token cryptoki.TokenInfo
}

// slots lists those that the URI allows.
func (m *module) slots(u URI) ([]place, error) {
	library, err := m.api.Info()
	if err != nil {
		return nil, translate("ask the module about itself", err)
	}
	if !u.allows(map[string]string{
		"library-manufacturer": trim(library.Manufacturer), "library-description": trim(library.Description),
		"library-version": fmt.Sprintf("%d.%d", library.Major, library.Minor),
	}) {
		return nil, nil
	}
	ids, err := m.api.Slots()
	if err != nil {
		return nil, translate("list slots", err)
	}
	var found []place
	for _, id := range ids {
		token, err := m.api.TokenInfo(id)
		if err != nil { // pulled out meanwhile, or of a kind that the module does not know
			continue
		}
		slot, err := m.api.SlotInfo(id)
		if err != nil || token.Flags&cryptoki.TokenInitialized == 0 {
			continue
		}
		if u.allows(map[string]string{
			"slot-id": strconv.FormatUint(uint64(id), 10), "slot-description": trim(slot.Description), "slot-manufacturer": trim(slot.Manufacturer),
			"token": trim(token.Label), "manufacturer": trim(token.Manufacturer), "model": trim(token.Model), "serial": trim(token.Serial),
		}) {
			found = append(found, place{id, token})
		}
	}
	return found, nil
}

// trim undoes the filling of fixed fields: blanks, or zeros by mistake.
func trim(s string) string { return strings.TrimRight(s, " \x00") }

// device is one token. It implements esign.Device.
type device struct {
	*module
	place
	uri     URI
	session cryptoki.Session // as long as it is open, a login lasts
	turn    *sync.Mutex      // of everybody in this program who uses the token
}

func (m *module) openDevice(p place, u URI) (*device, error) {
	session, err := m.api.OpenSession(p.slot, cryptoki.SerialSession)
	if err != nil {
		return nil, translate("open a session", err)
	}
	if err := m.acquire(); err != nil {
		return nil, err
	}
	return &device{module: m, place: p, uri: u, session: session, turn: m.turn(p.slot)}, nil
}

// Close implements esign.Device. A token that has gone has logged out by itself.
// Logging out concerns the whole program (PKCS #11 §5.6), hence also a device on the
// same token that has logged in for a signature: that one finishes first.
func (d *device) Close() error {
	d.turn.Lock()
	defer d.turn.Unlock()
	_ = d.api.Logout(d.session)
	_ = d.api.CloseSession(d.session)
	return d.release()
}

// loggedIn asks the session whether the holder has logged in.
func (d *device) loggedIn() (bool, error) {
	state, err := d.api.State(d.session)
	if err != nil {
		return false, translate("ask for the state of the session", err)
	}
	return state == cryptoki.ReadOnlyUser || state == cryptoki.ReadWriteUser, nil
}

// PIN implements esign.Device.
func (d *device) PIN(_ context.Context, key esign.Description) (esign.PINState, error) {
	token, err := d.api.TokenInfo(d.slot)
	if err != nil {
		return esign.PINState{}, translate("ask for the state of the PIN", err)
	}
	open, err := d.loggedIn()
	if err != nil {
		return esign.PINState{}, err
	}
	private, visible, err := d.private(key)
	if err != nil {
		return esign.PINState{}, err
	}
	needed := !open && token.Flags&cryptoki.LoginRequired != 0 && !visible
	return esign.PINState{
		Wanted: needed || visible && d.always(private),
		Left:   left(token), Pad: token.Flags&cryptoki.ProtectedPath != 0,
		Min: int(token.MinPIN), Max: int(token.MaxPIN),
	}, nil
}

// left is what a token's flags tell of its tries, PKCS #11 §3.2.
func left(token cryptoki.TokenInfo) int {
	switch {
	case token.Flags&cryptoki.Locked != 0:
		return 0
	case token.Flags&cryptoki.FinalTry != 0:
		return 1
	}
	return esign.Unknown
}

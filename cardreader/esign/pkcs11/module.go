package pkcs11

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"cnie/cardreader"
	"cnie/cardreader/esign"
	"cnie/cardreader/esign/pkcs11/internal/cryptoki"
)

// module is a loaded library. C_Initialize and C_Finalize are for the whole
// process, so that all who use one file share one module.
type module struct {
	mu     sync.Mutex
	api    cryptoki.Module
	users  int
	turns  map[uint]*sync.Mutex // by slot
	failed error
}

var (
	modulesLock sync.Mutex
	modules     = map[string]*module{}
)

// load finds or loads a module. It is kept for good.
func load(path string) *module {
	modulesLock.Lock()
	defer modulesLock.Unlock()
	m := modules[path]
	if m == nil {
		loaded, err := loadModule(path)
		if err != nil && !errors.Is(err, ErrUnavailable) {
			err = fmt.Errorf("load %s: %w: %w", filepath.Base(path), ErrModule, err)
		}
		if err != nil {
			return &module{failed: err}
		}
		m = &module{api: loaded}
		modules[path] = m
	}
	return m
}

// acquire starts the module for its first user.
func (m *module) acquire() error {
	if m.failed != nil {
		return m.failed
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.users == 0 {
		if err := m.api.Initialize(); err != nil && !is(err, cryptoki.AlreadyInitialized) {
			return fmt.Errorf("start the module: %w: %w", ErrModule, err)
		}
	}
	m.users++
	return nil
}

// turn is what those take turns by who use the token in a slot.
func (m *module) turn(slot uint) *sync.Mutex {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.turns == nil {
		m.turns = map[uint]*sync.Mutex{}
	}
	if m.turns[slot] == nil {
		m.turns[slot] = new(sync.Mutex)
	}
	return m.turns[slot]
}

// release stops the module after its last user.
func (m *module) release() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.users--; m.users > 0 {
		return nil
	}
	return translate("stop the module", m.api.Finalize())
}

// Open opens the tokens that the URI allows and that are there now. It wraps
// ErrNoToken when there is none. The URI must name the module.
func Open(ctx context.Context, u URI, o esign.Options) ([]*esign.Token, error) {
	if u.Module == "" {
		return nil, fmt.Errorf("open PKCS #11: %w: it names no module", ErrURI)
	}
	if o.Pad != nil { // a module has readers of its own, and says where the PIN is typed
		return nil, fmt.Errorf("open PKCS #11: %w", cardreader.ErrNoPINPad)
	}
	type opened struct {
		tokens []*esign.Token
		err    error
	}
	came := make(chan opened, 1)
	go func() {
		tokens, err := open(u, o)
		came <- opened{tokens, err}
	}()
	select {
	case r := <-came:
		return r.tokens, r.err
	case <-ctx.Done():
		go func() { // nobody waits any more
			for _, token := range (<-came).tokens {
				_ = token.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

func open(u URI, o esign.Options) (tokens []*esign.Token, err error) {
	m := load(u.Module)
	if err := m.acquire(); err != nil {
		return nil, fmt.Errorf("open PKCS #11: %w", err)
	}
	defer func() { _ = m.release() }() // each token is a user of its own
	slots, err := m.slots(u)
	if err != nil {
		return nil, fmt.Errorf("open PKCS #11: %w", err)
	}
	for _, s := range slots {
		d, err := m.openDevice(s, u)
		if err != nil {
			for _, token := range tokens {
				_ = token.Close()
			}
			return nil, fmt.Errorf("open PKCS #11: %w", err)
		}
		tokens = append(tokens, esign.NewToken(d, o))
	}
	if len(tokens) == 0 {
		return nil, fmt.Errorf("open PKCS #11: %w", ErrNoToken)
	}
	return tokens, nil
}

//go:build cgo || windows

package pcsc

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/ebfe/scard"

	"cnie/cardreader"
)

// session is one PC/SC context. One goroutine uses it at a time; only cancel may
// be called beside it.
type session struct {
	context *scard.Context
	pin     pin
}

// seen is a reader as one look found it. The service's flags carry a count of
// insertions and removals in their high half; macOS leaves it zero.
type seen struct {
	cardreader.Reader
	flags scard.StateFlag
}

func (s seen) count() uint32 { return uint32(s.flags) >> 16 }

// newReaders is a name that wait understands: it stands for all readers to come.
const newReaders = `\\?PnP?\Notification`

// mostReaders is pcscd's limit, of readers and of names in one wait
// (PCSCLITE_MAX_READERS_CONTEXTS).
const mostReaders = 16

func open() (*session, error) {
	context, err := scard.EstablishContext()
	if err != nil {
		return nil, unserved("reach the smart-card service", err)
	}
	return &session{context: context, pin: takePin()}, nil
}

// connect opens a reader, given by its whole name.
func (s *session) connect(reader string, mode scard.ShareMode, protocol scard.Protocol) (*scard.Card, error) {
	op := fmt.Sprintf("connect to %q", reader)
	if reader == "" || strings.ContainsRune(reader, 0) { // C would read another name
		return nil, &Error{Code: codeUnknownReader, Op: op}
	}
	handle, err := s.context.Connect(reader, mode, protocol)
	return handle, failed(op, err)
}

func (s *session) close() {
	_ = s.context.Release() // nothing to be done, and nothing lost
	s.pin.give()
}

// cancel ends a wait that is going on. It does nothing to one that is about to
// begin.
func (s *session) cancel() { _ = s.context.Cancel() }

// failed gives an error of the library the form of this package.
func failed(op string, err error) error {
	var code scard.Error
	if errors.As(err, &code) {
		return &Error{Code: uint32(code), Op: op}
	}
	return err
}

// unserved is failed for calls that concern the service alone: to them a broken
// connection means that it is gone.
func unserved(op string, err error) error {
	if err = failed(op, err); has(err, codeCommError) {
		return &Error{Code: codeNoService, Op: op}
	}
	return err
}

// survey lists the readers and looks into each. It begins anew when a reader
// comes or goes meanwhile.
func (s *session) survey() (found []seen, err error) {
	for range 5 {
		var names []string
		if names, err = s.names(); err == nil {
			found, err = s.look(names)
		}
		if !has(err, codeUnknownReader, codeReaderUnavailable, uint32(scard.ErrInsufficientBuffer)) {
			break
		}
	}
	return found, err
}

// names are the readers' names, each once: two drivers may give the same, and
// the service finds only the first of them.
func (s *session) names() ([]string, error) {
	const op = "list the readers"
	all, err := s.context.ListReaders()
	if err = unserved(op, err); err != nil && !has(err, codeNoReaders) {
		return nil, err
	}
	var names []string
	for _, name := range all {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// look tells the state of the readers, without waiting. The result has the
// order of the names.
func (s *session) look(names []string) ([]seen, error) {
	if len(names) == 0 { // the library panics
		return nil, nil
	}
	states := make([]scard.ReaderState, len(names))
	for i, name := range names {
		states[i] = scard.ReaderState{Reader: s.pin.hold(name), CurrentState: scard.StateUnaware}
	}
	if err := s.context.GetStatusChange(states, 0); err != nil {
		return nil, unserved("look into the readers", err)
	}
	found := make([]seen, len(names))
	for i, state := range states {
		found[i] = seen{Reader: cardreader.Reader{Name: names[i]}, flags: state.EventState}
		if state.EventState&scard.StatePresent != 0 {
			found[i].HasCard, found[i].ATR = true, state.Atr
		}
	}
	return found, nil
}

// andNew adds the readers to come to those that were found, for wait. Of readers
// there may be so many that no other has room, in a wait as in the service.
func andNew(found []seen) []seen {
	if runtime.GOOS == "darwin" || runtime.GOOS != "windows" && len(found) >= mostReaders { // macOS knows no such name
		return found
	}
	// Newer services compare the count of readers, 1.9.9 ignores it.
	return append(slices.Clip(found), seen{Reader: cardreader.Reader{Name: newReaders}, flags: scard.StateFlag(len(found) << 16)})
}

// wait returns when something is no longer as it was found, or after the limit.
func (s *session) wait(found []seen, limit time.Duration) error {
	states := make([]scard.ReaderState, len(found))
	for i, f := range found {
		states[i] = scard.ReaderState{Reader: s.pin.hold(f.Name), CurrentState: f.flags &^ scard.StateChanged}
	}
	if len(states) == 0 {
		time.Sleep(limit)
		return nil
	}
	err := unserved("wait for readers and cards", s.context.GetStatusChange(states, limit))
	if has(err, codeTimeout, codeCancelled, codeUnknownReader, codeReaderUnavailable) {
		return nil // the next survey tells
	}
	return err
}

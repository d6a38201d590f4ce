package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"cnie/internal/shell"
	"cnie/internal/wholefile"
	"cnie/simulator"
	"cnie/simulator/piv"
)

// The form of a state file, and how large one may be: hundreds of cards.
const (
	stateFormat  = "cnie-sim state"
	stateVersion = 1
	maxState     = 16 << 20
	maxGuesses   = 1 << 20 // wrong ones in a row that any card has seen
	maxTries     = 15      // of a PIN or PUK
)

// state is what cards remember from one run to the next, in a file.
type state struct {
	path string
	mu   sync.Mutex
	file stateFile
}

type stateFile struct {
	Format   string               `json:"format"`
	Version  int                  `json:"version"`
	Specimen bool                 `json:"specimen"` // none of these keys protects anything
	Cards    map[string]cardState `json:"cards"`    // by the order that they are asked for with
}

type cardState struct {
	Guesses int              `json:"wrong_guesses,omitempty"` // of CAN or MRZ in a row
	Spent   *simulator.Spent `json:"spent_tries,omitempty"`   // of PIN and PUK
	PIV     *piv.Contents    `json:"piv,omitempty"`
}

// openState reads the file, or makes it: whether it can be written is known
// before anything starts.
func openState(path string) (*state, error) {
	content, err := readState(path)
	if errors.Is(err, os.ErrNotExist) {
		s := &state{path: path, file: stateFile{stateFormat, stateVersion, true, map[string]cardState{}}}
		return s, s.write()
	}
	if of, is := pathError(err); is {
		return nil, fileFailure("read", path, of)
	}
	if err != nil {
		return nil, shell.Failed(shell.ExitMalformed, "%s is no state of cards: %w; name another file, or a new one", path, err)
	}
	file, err := parseState(content)
	if errors.Is(err, errStateVersion) {
		return nil, shell.Failed(shell.ExitConfig, "%s was written by another version of this program; name another file, or a new one", path)
	}
	if err != nil {
		return nil, shell.Failed(shell.ExitMalformed, "%s is damaged: %w; name another file, or a new one", path, err)
	}
	s := &state{path: path, file: *file}
	return s, s.write()
}

func readState(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxState {
		return nil, errors.New("it is no file, or larger than any")
	}
	return io.ReadAll(io.LimitReader(file, maxState))
}

var errStateVersion = errors.New("another version")

// parseState reads the file's content. Which version it is comes first: another
// one may have fields that this one has not.
func parseState(content []byte) (*stateFile, error) {
	var head struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(content, &head); err != nil {
		return nil, err
	}
	switch {
	case head.Format != stateFormat:
		return nil, errors.New("it does not say that it is a state of cards")
	case head.Version != stateVersion:
		return nil, errStateVersion
	}
	var file stateFile
	in := json.NewDecoder(bytes.NewReader(content))
	in.DisallowUnknownFields()
	if err := in.Decode(&file); err != nil {
		return nil, err
	}
	if file.Cards == nil {
		file.Cards = map[string]cardState{}
	}
	for name, card := range file.Cards {
		if card.Guesses < 0 || card.Guesses > maxGuesses {
			return nil, fmt.Errorf("nobody has guessed %d times at %s", card.Guesses, name)
		}
		if s := card.Spent; s != nil && (min(s.PIN, s.PUK) < 0 || max(s.PIN, s.PUK) > maxTries) {
			return nil, fmt.Errorf("no password of %s has so many tries", name)
		}
	}
	return &file, nil
}

// of is what the card was when it was played last.
func (s *state) of(card string) cardState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.file.Cards[card]
}

// keep remembers what the card is now.
func (s *state) keep(card string, change func(*cardState)) error {
	s.mu.Lock()
	now := s.file.Cards[card]
	change(&now)
	s.file.Cards[card] = now
	s.mu.Unlock()
	return s.write()
}

// write replaces the file whole, readable by its owner only.
func (s *state) write() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	content, err := json.MarshalIndent(s.file, "", " ")
	if err != nil {
		return fmt.Errorf("keep the state: %w", err)
	}
	if err := wholefile.Replace(s.path, append(content, '\n'), 0o600); err != nil {
		return s.unwritable(err)
	}
	return nil
}

func (s *state) unwritable(err error) error {
	var link *os.LinkError
	if errors.As(err, &link) {
		err = link.Err
	}
	if of, is := pathError(err); is {
		err = of.Err
	}
	return shell.Failed(shell.ExitFile, "cannot keep the state of cards in %s: %w; check the path and its permissions", s.path, err)
}

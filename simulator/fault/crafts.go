package fault

import (
	"bytes"
	"fmt"

	"github.com/goccy/go-yaml"

	"cnie/apdu/tlv"
	"cnie/lds"
	"cnie/simulator/persona"
)

// crafts are the verbs of personalisation.
var crafts = map[string]craft{
	"persona":     {beforehand, []string{"with"}, patch},
	"flip-bit":    {afterwards, []string{"file", "at", "signed"}, flipBit},
	"replace":     {afterwards, []string{"file", "from", "signed"}, replace},
	"put":         {afterwards, []string{"file", "hex", "signed"}, put},
	"hide":        {afterwards, []string{"file", "signed"}, hide},
	"truncate":    {afterwards, []string{"file", "signed"}, truncate},
	"pad":         {afterwards, []string{"file", "bytes", "signed"}, pad},
	"length":      {afterwards, []string{"file", "to", "signed"}, lieAboutLength},
	"zone":        {afterwards, []string{"field", "to", "signed"}, zone},
	"check-digit": {afterwards, []string{"signed"}, checkDigit},
	"portrait":    {afterwards, []string{"of", "signed"}, portrait},
	"details":     {afterwards, []string{"hex", "signed"}, details},
	"list":        {afterwards, []string{"leave-out", "signed"}, common},
	"sign":        {signing, []string{"by", "leave-out"}, signBy},
	"lose-key":    {afterwards, nil, loseKey},
	"own-key":     {afterwards, nil, ownKey},
	"active":      {afterwards, []string{"key"}, active},
	"can":         {afterwards, []string{"to"}, otherCAN},
	"atr":         {afterwards, []string{"hex"}, otherATR},
	"offer":       {afterwards, []string{"protocol", "bac"}, offer},
	"announce":    {afterwards, []string{"pace"}, announce},
	"quirk":       {afterwards, quirkKeys, quirk},
}

// patch changes the persona: YAML that is laid over its file. Two faults that
// change the same field would undo each other.
func patch(w *work, s settings) error {
	with := []byte(s["with"])
	var blocks map[string]map[string]any
	if err := yaml.Unmarshal(with, &blocks); err != nil {
		return fmt.Errorf("lay over the persona: %w", err)
	}
	for block, fields := range blocks {
		for field := range fields {
			name := block + "." + field
			if w.patched[name] {
				return fmt.Errorf("another fault has changed %s of the persona already", name)
			}
			w.patched[name] = true
		}
	}
	own, err := copied(w.persona)
	if err == nil {
		err = yaml.NewDecoder(bytes.NewReader(with), yaml.Strict()).Decode(&own)
	}
	if err != nil {
		return fmt.Errorf("lay over the persona: %w", err)
	}
	w.persona = own
	return nil
}

// copied shares nothing with the persona, which is the caller's.
func copied(p persona.Persona) (persona.Persona, error) {
	own := persona.Persona{Name: p.Name}
	text, err := yaml.Marshal(p)
	if err == nil {
		err = yaml.Unmarshal(text, &own)
	}
	return own, err
}

// file finds the file that a step is about, dg1 by default. A persona need not
// have it.
func (w *work) file(s settings) (lds.File, []byte, error) {
	f, err := lds.ParseFile(s["file"])
	if err != nil {
		return 0, nil, err
	}
	content := w.card.Files[f]
	if len(content) == 0 {
		return 0, nil, fmt.Errorf("%s has no %v", w.persona.Name, f)
	}
	return f, content, nil
}

// flipBit changes the last bit of a byte: first, middle or last of the data
// object that the file is.
func flipBit(w *work, s settings) error {
	_, content, err := w.file(s)
	if err != nil {
		return err
	}
	n := len(content)
	if header, err := tlv.ReadHeader(content); err == nil {
		n = min(n, header.Size+header.Length)
	}
	at := map[string]int{"middle": n / 2, "last": n - 1}
	content[at[s["at"]]] ^= 1
	return nil
}

// replace puts another persona's file in the place of this one's.
func replace(w *work, s settings) error {
	f, _, err := w.file(s)
	if err != nil {
		return err
	}
	w.card.Files[f] = cardOf(s["from"]).Files[f]
	return nil
}

// put writes a file, whether or not there was one.
func put(w *work, s settings) error {
	f, err := lds.ParseFile(s["file"])
	w.card.Files[f] = bytesOf(s["hex"])
	return err
}

// hide has the card deny a file.
func hide(w *work, s settings) error {
	f, _, err := w.file(s)
	delete(w.card.Files, f)
	return err
}

// truncate cuts the second half of a file off.
func truncate(w *work, s settings) error {
	f, content, err := w.file(s)
	w.card.Files[f] = content[:len(content)/2]
	return err
}

// pad adds zeros behind the data object that a file is.
func pad(w *work, s settings) error {
	f, content, err := w.file(s)
	if err != nil {
		return err
	}
	w.card.Files[f] = append(content, make([]byte, s.number("bytes"))...)
	return nil
}

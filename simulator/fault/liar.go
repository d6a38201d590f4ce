package fault

import (
	"bytes"
	"fmt"
	"strings"

	"cnie/apdu/tlv"
	"cnie/lds"
)

// lieAboutLength changes what the header of a file announces.
func lieAboutLength(w *work, s settings) error {
	f, content, err := w.file(s)
	if err != nil {
		return err
	}
	header, err := tlv.ReadHeader(content)
	if err != nil {
		return err
	}
	tag, value := content[:1], content[header.Size:]
	lies := map[string][]byte{
		"longer":     {0x83, 0, byte((len(value) + 256) >> 8), byte(len(value))},
		"shorter":    {0x83, 0, byte(len(value) / 2 >> 8), byte(len(value) / 2)},
		"huge":       {0x84, 0xFF, 0xFF, 0xFF, 0xFF},
		"60KB":       {0x82, 0xEA, 0x60},
		"16MB":       {0x83, 0xFF, 0xFF, 0xFF},
		"indefinite": {0x80},
		"reserved":   {0xFF},
		"none":       {},
	}
	lie, known := lies[s["to"]]
	if !known {
		return fmt.Errorf("no lie is called %q", s["to"])
	}
	w.card.Files[f] = bytes.Join([][]byte{tag, lie, value}, nil)
	return nil
}

// zone edits the machine-readable zone, check digits included: what a forger
// does who knows the standard.
func zone(w *work, s settings) error {
	mrz, err := lds.ParseDG1(w.card.Files[lds.DG1])
	if err != nil {
		return err
	}
	field, known := map[string]*string{
		"given-names": &mrz.GivenNames, "expiry": &mrz.ExpiryDate, "birth": &mrz.BirthDate,
		"number": &mrz.DocumentNumber, "state": &mrz.IssuingState,
	}[s["field"]]
	if !known {
		return fmt.Errorf("no field is called %q", s["field"])
	}
	*field = s["to"]
	w.card.Files[lds.DG1], err = mrz.Encode()
	return err
}

// checkDigit makes the check digit of the date of birth wrong, and with it the
// one over the whole zone.
func checkDigit(w *work, _ settings) error {
	content := w.card.Files[lds.DG1]
	i := strings.Index(string(content), w.card.MRZ.BirthDate)
	if i < 0 || i+6 >= len(content) {
		return fmt.Errorf("%s has no date of birth to check", w.persona.Name)
	}
	digit := &content[i+6]
	*digit = '0' + (*digit-'0'+1)%10
	return nil
}

// details replaces the value of the full name in DG11, whose tag is 5F0E.
func details(w *work, s settings) error {
	content, name := w.card.Files[lds.DG11], bytesOf(s["hex"])
	i := bytes.LastIndex(content, []byte{0x5F, 0x0E})
	if i < 0 || i+3+len(name) > len(content) || int(content[i+2]) < len(name) {
		return fmt.Errorf("%s has no name in DG11 that could hold it", w.persona.Name)
	}
	copy(content[i+3:], name)
	return nil
}

// common has EF.COM leave a file out: nothing signs it, so anybody can.
func common(w *work, s settings) error {
	com, err := lds.ParseCOM(w.card.Files[lds.COM])
	if err != nil {
		return err
	}
	hidden, err := lds.ParseFile(s["leave-out"])
	if err != nil {
		return err
	}
	kept := com.Files[:0]
	for _, f := range com.Files {
		if f != hidden {
			kept = append(kept, f)
		}
	}
	com.Files = kept
	w.card.Files[lds.COM], err = com.Encode()
	return err
}

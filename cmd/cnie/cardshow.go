package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"cnie/cardreader"
	"cnie/cardreader/emrtd"
	"cnie/internal/ec"
	"cnie/lds"
)

// cardShown is what --json prints of a card: nothing of it is about the holder.
type cardShown struct {
	Reader       string             `json:"reader"`
	ATR          cardreader.ATR     `json:"atr"`
	PACE         []paceShown        `json:"pace"`
	Chip         []string           `json:"chip_authentication,omitempty"` // as EF.CardAccess says
	Basic        bool               `json:"basic_access_control"`
	Travel       bool               `json:"emrtd"`
	PIV          bool               `json:"piv"`
	Applications []applicationShown `json:"applications,omitempty"` // of EF.DIR
	Files        []fileShown        `json:"files"`                  // without a key
	Length       lengthShown        `json:"length"`
	Malformed    []lds.File         `json:"malformed,omitempty"`
	Opened       *openedShown       `json:"opened,omitempty"`
	Comparison   *comparison        `json:"comparison,omitempty"`
}

type paceShown struct {
	OID        string `json:"oid"`
	Protocol   string `json:"protocol,omitempty"`
	Parameters string `json:"parameters,omitempty"`
	ID         *int   `json:"parameter_id,omitempty"`
}

type applicationShown struct {
	AID   string `json:"aid"`
	Name  string `json:"name,omitempty"`  // where it is known
	Label string `json:"label,omitempty"` // as the card says
}

type fileShown struct {
	File  lds.File `json:"file"`
	Bytes int      `json:"bytes"`
}

// lengthShown is how long commands and answers may be. Zero: not said.
type lengthShown struct {
	Extended bool `json:"extended"` // card and reader can
	Command  int  `json:"command,omitempty"`
	Answer   int  `json:"answer,omitempty"` // bytes that the card says, status word included
	Reader   int  `json:"reader,omitempty"`
	Usable   int  `json:"usable"` // bytes of data in the longest answer
}

type openedShown struct {
	Protocol   string     `json:"protocol"`
	Mapping    string     `json:"mapping,omitempty"`
	Parameters string     `json:"parameters,omitempty"`
	Cipher     string     `json:"cipher,omitempty"`
	LDS        string     `json:"lds,omitempty"`
	Hash       string     `json:"hash,omitempty"`
	Groups     []lds.File `json:"groups"`
}

type comparison struct {
	Spec     string          `json:"spec"`
	Title    string          `json:"title"`
	Findings []comparedField `json:"findings"`
}

type comparedField struct {
	Field string `json:"field"`
	Mark  string `json:"mark"`
	Said  string `json:"said,omitempty"`
	Seen  string `json:"seen"`
	Fits  bool   `json:"fits"`
}

func shownOf(reader string, atr cardreader.ATR, capacity int, o *emrtd.Offer) *cardShown {
	c := &cardShown{
		Reader: reader, ATR: atr, PACE: []paceShown{}, Files: []fileShown{},
		Basic: o.Basic, Travel: o.Travel, PIV: o.PIV, Malformed: o.Malformed,
		Length: lengthShown{Extended: o.ExtendedLength, Reader: capacity, Usable: o.Answer},
	}
	for _, info := range o.Security.PACE {
		c.PACE = append(c.PACE, shownPACE(info))
	}
	for _, info := range o.Security.ChipAuth {
		name := info.OID.String()
		if p, known := info.Protocol(); known {
			name = fmt.Sprintf("%v %v", p.Agreement, p.Cipher)
		}
		c.Chip = append(c.Chip, name)
	}
	for _, a := range o.Applications {
		c.Applications = append(c.Applications, applicationShown{strings.ToUpper(hex.EncodeToString(a.AID)), applicationName(a.AID), a.Label})
	}
	for f, n := range o.Files {
		c.Files = append(c.Files, fileShown{f, n})
	}
	slices.SortFunc(c.Files, func(a, b fileShown) int { return int(a.File) - int(b.File) })
	if o.Capabilities != nil {
		c.Length.Command, c.Length.Answer = o.Capabilities.Command, o.Capabilities.Answer
	}
	c.Opened = shownOpened(o)
	return c
}

func shownPACE(info lds.PACEInfo) paceShown {
	shown := paceShown{OID: info.OID.String()}
	if p, known := info.Protocol(); known {
		shown.Protocol = p.String()
	}
	if info.ParameterID >= 0 {
		shown.ID, shown.Parameters = &info.ParameterID, parameters(info.ParameterID)
	}
	return shown
}

// parameters names standardised domain parameters, ICAO 9303-11 §9.5.1.
func parameters(id int) string {
	if curve, known := ec.ByParameterID(id); known {
		return curve.Name()
	}
	groups := [...]string{"MODP 1024/160", "MODP 2048/224", "MODP 2048/256"}
	if 0 <= id && id < len(groups) {
		return groups[id]
	}
	return ""
}

func shownOpened(o *emrtd.Offer) *openedShown {
	if o.Access == nil {
		return nil
	}
	shown := &openedShown{
		Protocol: string(o.Access.Protocol), Mapping: o.Access.Mapping, Parameters: o.Access.Parameters, Cipher: o.Access.Cipher,
		Groups: []lds.File{},
	}
	if o.Groups != nil {
		shown.LDS, shown.Hash, shown.Groups = o.Groups.LDSVersion, o.Groups.Hash.String(), o.Groups.Files()
	}
	return shown
}

// applicationNames are the beginnings of identifiers that are met on identity
// cards: ICAO 9303-10 §3.11.2, NIST SP 800-73-5, BSI TR-03110-2, CEN TS 15480.
var applicationNames = []struct{ prefix, name string }{
	{"A0000002471001", "travel document"}, {"A0000002472001", "travel records"}, {"A0000002472002", "visa records"},
	{"A0000002472003", "additional biometrics"}, {"A000000308", "PIV"}, {"A000000063504B43532D3135", "PKCS #15"},
	{"E80704007F00070302", "eID by BSI TR-03110"}, {"A000000167455349474E", "eSign"}, {"A000000018", "IAS ECC"},
}

func applicationName(aid []byte) string {
	for _, known := range applicationNames {
		prefix, err := hex.DecodeString(known.prefix)
		if err == nil && bytes.HasPrefix(aid, prefix) {
			return known.name
		}
	}
	return ""
}

// text tells it in words.
func (c *cardShown) text(w io.Writer) error {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("Card in %s, ATR %v", c.Reader, c.ATR)
	c.protocols(line)
	c.applications(line)
	for _, f := range c.Files {
		line("%v: %d bytes, readable without a key", f.File, f.Bytes)
	}
	for _, f := range c.Malformed {
		line("%v is malformed", f)
	}
	c.lengths(line)
	if c.Opened != nil {
		c.Opened.text(line)
	}
	if c.Comparison != nil {
		c.Comparison.text(line)
	}
	_, err := w.Write(b.Bytes())
	return err
}

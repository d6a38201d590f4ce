package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cnie/lds"
)

func (c *cardShown) protocols(line func(string, ...any)) {
	for _, p := range c.PACE {
		text := cmp.Or(p.Protocol, "PACE of an unknown kind, "+p.OID)
		switch {
		case p.Parameters != "":
			text += " on " + p.Parameters
		case p.ID != nil:
			text += fmt.Sprintf(" with parameters %d", *p.ID)
		}
		line("Opens by %s", text)
	}
	if c.Basic {
		line("Opens by Basic Access Control")
	}
	if len(c.PACE) == 0 && !c.Basic {
		line("Offers no protocol that opens it")
	}
	for _, p := range c.Chip {
		line("Proves itself by Chip Authentication, %s", p)
	}
}

func (c *cardShown) applications(line func(string, ...any)) {
	for _, a := range []struct {
		there bool
		name  string
	}{{c.Travel, "travel document (eMRTD)"}, {c.PIV, "PIV, keys and certificates"}} {
		if a.there {
			line("Application: %s", a.name)
		}
	}
	for _, a := range c.Applications {
		line("EF.DIR names %s", strings.Join(nonEmpty(a.AID, a.Name, quoted(a.Label)), ", "))
	}
}

func nonEmpty(parts ...string) (kept []string) {
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return kept
}

// quoted makes a label safe to show: the card wrote it.
func quoted(label string) string {
	if label == "" {
		return ""
	}
	return fmt.Sprintf("%q", label)
}

func (c *cardShown) lengths(line func(string, ...any)) {
	form := "short"
	if c.Length.Extended {
		form = "extended"
	}
	line("Commands of %s length, answers of up to %d bytes", form, c.Length.Usable)
	if c.Length.Command > 0 || c.Length.Answer > 0 {
		line("The card has room for commands of %d and answers of %d bytes", c.Length.Command, c.Length.Answer)
	}
	if c.Length.Reader > 0 {
		line("The reader passes %d bytes", c.Length.Reader)
	}
}

func (o *openedShown) text(line func(string, ...any)) {
	line("Opened by %s", strings.Join(nonEmpty(o.Protocol, o.Mapping, o.Parameters, o.Cipher), ", "))
	if len(o.Groups) == 0 {
		line("EF.SOD could not be read")
		return
	}
	var names []string
	for _, f := range o.Groups {
		names = append(names, strings.TrimPrefix(f.String(), "EF."))
	}
	line("EF.SOD lists %s, hashed with %s", strings.Join(names, ", "), o.Hash)
	if slices.Contains(o.Groups, lds.DG3) || slices.Contains(o.Groups, lds.DG4) {
		line("Fingerprints or irises are there and are never read")
	}
}

func (c *comparison) text(line func(string, ...any)) {
	line("")
	line("Compared with: %s", c.Title)
	for _, f := range c.Findings {
		switch {
		case f.Said == "":
			line("? %s: %s; so far nobody said", f.Field, f.Seen)
		case f.Fits:
			line("✓ %s: %s (%s)", f.Field, f.Seen, f.Mark)
		default:
			line("! %s: %s, and %s was %s", f.Field, f.Seen, f.Said, f.Mark)
		}
	}
}

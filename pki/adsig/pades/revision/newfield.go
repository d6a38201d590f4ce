package revision

import (
	"slices"

	"cnie/pki/adsig/pdf"
)

// Flags of an annotation (ISO 32000-2 §12.5.3).
const (
	flagHidden       = 1 << 1
	flagPrint        = 1 << 2
	flagNoView       = 1 << 5
	flagToggleNoView = 1 << 8
)

// What a signature field that is added may have, and those above it: neither
// actions, which a page can set off by being shown, nor anything not known here.
var (
	addable = []pdf.Name{
		"Type", "Subtype", "FT", "T", "TU", "TM", "Ff", "F", "Rect", "P", "Parent", "Kids", "V", "DV", "AP", "AS", "M", "NM",
		"MK", "Border", "BS", "C", "H", "DA", "Q", "Lock", "SV", "StructParent", "Contents",
	}
	heritable = []pdf.Name{"FT", "T", "TU", "TM", "Ff", "Parent", "Kids"}
)

// newField accounts for a signature field with its signature.
func (c *comparison) newField(f pdf.Field) error {
	if f.Type != "Sig" {
		c.report(Altered, f.Name, "a field %q was added to the form", f.Name)
		return nil
	}
	if err := c.plain(f); err != nil {
		return err
	}
	kind := Signed
	for _, w := range append(slices.Clone(f.Widgets), f.Ref) {
		if !c.isNew(w.Number) || c.uses[w.Number] > 0 {
			c.report(Altered, f.Name, "the signature field %q is made of something that was there before", f.Name)
			return nil
		}
		if visible, err := c.visible(w); err != nil {
			return err
		} else if visible {
			kind = Shown
		}
		c.fresh[w] = f.Name
		delete(c.changed, w.Number)
	}
	c.reportSigned(f, kind)
	for _, w := range append(slices.Clone(f.Widgets), f.Ref) {
		v, err := c.now.Get(w)
		if err == nil {
			err = c.accept(v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// shows marks a signature in a field that was there and can be seen: whatever it is
// drawn as is in the document now.
func (c *comparison) shows(f pdf.Field) error {
	for _, w := range f.Widgets {
		visible, err := c.visible(w)
		if err != nil {
			return err
		}
		for i := range c.found {
			if visible && c.found[i].Kind == Signed && c.found[i].Field == f.Name {
				c.found[i].Shows = true
			}
		}
	}
	return nil
}

// plain reports what a new signature field has, or inherits from others that are
// new, that does not belong to a signature.
func (c *comparison) plain(f pdf.Field) error {
	look := func(r pdf.Ref, allowed []pdf.Name) error {
		d, err := c.now.Dict(r)
		for _, key := range keys(d, nil) {
			if !slices.Contains(allowed, key) {
				c.report(Altered, f.Name, "the signature field %q has %q", f.Name, string(key))
			}
		}
		return err
	}
	for _, r := range f.Parents {
		if !c.isNew(r.Number) {
			continue // and unchanged, or reported
		}
		if err := look(r, heritable); err != nil {
			return err
		}
	}
	for _, r := range append(slices.Clone(f.Widgets), f.Ref) {
		if err := look(r, addable); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) reportSigned(f pdf.Field, kind Kind) {
	d, err := c.now.Dict(f.Dict["V"])
	switch {
	case kind == Shown:
		c.report(Shown, f.Name, "a signature field %q was added that shows something", f.Name)
	case err == nil && d["Type"] == pdf.Name("DocTimeStamp") && d["SubFilter"] == pdf.Name("ETSI.RFC3161"):
		c.report(Material, f.Name, "a document timestamp was added (%q)", f.Name)
	case f.Dict["V"] == nil:
		c.report(Signed, f.Name, "an empty signature field %q was added", f.Name)
	default:
		c.report(Signed, f.Name, "another signature was added (%q)", f.Name)
	}
}

// visible reports whether a widget takes room on its page.
func (c *comparison) visible(r pdf.Ref) (bool, error) {
	d, err := c.now.Dict(r)
	if err != nil || d["Rect"] == nil {
		return false, err
	}
	box, err := c.now.Box(d["Rect"])
	if err != nil {
		return false, err
	}
	flags, _ := d["F"].(int64)
	unseen := flags&flagHidden != 0 || flags&flagNoView != 0 && flags&(flagPrint|flagToggleNoView) == 0
	return box[2] > box[0] && box[3] > box[1] && !unseen, nil
}

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

// fields compares the fields of the forms one by one.
func (c *comparison) fields() error {
	before, err := c.old.Fields()
	if err != nil {
		return err
	}
	after, err := c.now.Fields()
	if err != nil {
		return err
	}
	had := map[pdf.Ref]pdf.Field{}
	for _, f := range before {
		had[f.Ref] = f
	}
	for _, f := range after {
		old, known := had[f.Ref]
		delete(had, f.Ref)
		if known {
			err = c.field(old, f)
		} else {
			err = c.newField(f)
		}
		if err != nil {
			return err
		}
	}
	for _, f := range before {
		if _, gone := had[f.Ref]; gone {
			c.report(Altered, f.Name, "the field %q was removed from the form", f.Name)
		}
	}
	return nil
}

var (
	signable = []pdf.Name{"V", "AP", "AS", "M"}
	fillable = []pdf.Name{"V", "AP", "AS", "M", "RV", "I"}
	shown    = []pdf.Name{"AP", "AS", "M"}
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

// field compares a field that was there. One that is signed stays as it is; an
// empty one may be signed, any other filled in.
func (c *comparison) field(old, now pdf.Field) error {
	if !slices.Equal(old.Widgets, now.Widgets) || !slices.Equal(old.Parents, now.Parents) || old.Name != now.Name || old.Type != now.Type {
		c.report(Altered, now.Name, "the field %q was redefined", now.Name)
		return nil
	}
	allowed := fillable
	if now.Type == "Sig" {
		if allowed = signable; old.Dict["V"] != nil {
			allowed = nil
		}
	}
	filled, err := c.fieldDict(now.Name, now.Ref, allowed)
	if err != nil {
		return err
	}
	for _, w := range now.Widgets {
		if w == now.Ref {
			continue
		}
		in := shown
		if allowed == nil {
			in = nil
		}
		more, err := c.fieldDict(now.Name, w, in)
		if err != nil {
			return err
		}
		filled = filled || more
	}
	switch {
	case filled && now.Type == "Sig" && now.Dict["V"] == nil:
		c.report(Altered, now.Name, "the look of the field %q changed, and nobody signed in it", now.Name)
	case filled && now.Type == "Sig":
		c.reportSigned(now, Signed)
	case filled:
		c.report(Filled, now.Name, "the field %q was filled in", now.Name)
	}
	return nil
}

// fieldDict compares the dictionaries of a field or of what shows it.
func (c *comparison) fieldDict(name string, r pdf.Ref, allowed []pdf.Name) (filled bool, err error) {
	before, err := c.old.Dict(r)
	if err != nil {
		return false, err
	}
	after, err := c.now.Dict(r)
	if err != nil {
		return false, err
	}
	forbidden := false
	for _, key := range keys(before, after) {
		reached := c.differs(before[key], after[key]) || key == "AP" && c.reaches(before[key], 3)
		switch {
		case key == "Kids" || key == "P" || !reached:
		case !slices.Contains(allowed, key):
			forbidden = true
			c.report(Altered, name, "%q of the field %q changed", string(key), name)
		default:
			filled = true
			if err := c.replace(before[key], after[key], 2); err != nil {
				return false, err
			}
		}
	}
	if !forbidden {
		delete(c.changed, r.Number)
	}
	return filled, nil
}

const maxLooks = 1 << 18

// reaches reports whether anything that a value refers to changed. It finds words
// for a change; that there is one shows without it, also when it gives up.
func (c *comparison) reaches(v any, depth int) (found bool) {
	references(v, func(r pdf.Ref) {
		if found = found || c.changed[r.Number]; found || depth <= 1 || c.looks >= maxLooks {
			return
		}
		c.looks++
		if inner, err := c.old.Get(r); err == nil {
			found = c.reaches(inner, depth-1)
		}
	})
	return found
}

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

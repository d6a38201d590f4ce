package revision

import (
	"slices"

	"cnie/pki/adsig/pdf"
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
		return c.shows(now)
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

package revision

import (
	"cnie/pki/adsig/pdf"
)

func (c *comparison) trailers() error {
	before, after := c.old.Trailer(), c.now.Trailer()
	if c.old.Root() != c.now.Root() {
		c.report(Altered, "", "the document was replaced by another: the file has a new catalog")
	}
	if c.differs(before["Info"], after["Info"]) {
		c.report(Metadata, "", "title, author or dates of the document changed")
		return c.replace(before["Info"], after["Info"], 0)
	}
	return nil
}

// catalogs compares the roots of the documents key by key.
func (c *comparison) catalogs() error {
	before, err := c.old.Catalog()
	if err != nil {
		return err
	}
	after, err := c.now.Catalog()
	if err != nil {
		return err
	}
	delete(c.changed, c.old.Root().Number)
	for _, key := range keys(before, after) {
		if key == "AcroForm" || !c.differs(before[key], after[key]) {
			continue
		}
		if err := c.catalogKey(key, before[key], after[key]); err != nil {
			return err
		}
	}
	return c.forms(before["AcroForm"], after["AcroForm"])
}

func (c *comparison) catalogKey(key pdf.Name, before, after any) error {
	switch key {
	case "DSS":
		c.report(Material, "", "certificates and revocation answers were added")
		return c.replace(before, after, 0)
	case "Extensions":
		return c.replace(before, after, 0)
	case "Metadata", "Version":
		c.report(Metadata, "", "what the file says about itself changed (%s)", key)
		return c.replace(before, after, 0)
	}
	c.report(Altered, "", "the document's %q changed", string(key))
	return nil
}

// forms compares the interactive forms.
func (c *comparison) forms(before, after any) error {
	old, err := c.formDict(c.old, before)
	if err != nil {
		return err
	}
	now, err := c.formDict(c.now, after)
	if err != nil {
		return err
	}
	if err := c.fields(); err != nil {
		return err
	}
	if old != nil && now == nil {
		c.report(Altered, "", "the form was removed, with its signatures")
		return nil
	}
	c.own(before)
	c.shallow(after)
	for _, key := range keys(old, now) {
		if !c.differs(old[key], now[key]) && (key != "DR" || !c.reaches(old[key], 2)) {
			continue
		}
		if err := c.formKey(key, old[key], now[key]); err != nil {
			return err
		}
	}
	return nil
}

// shallow accounts for an object itself, if it is new.
func (c *comparison) shallow(v any) {
	if r, ok := v.(pdf.Ref); ok && c.changed[r.Number] && c.isNew(r.Number) && c.uses[r.Number] == 0 {
		delete(c.changed, r.Number)
	}
}

func (c *comparison) formDict(f *pdf.File, v any) (pdf.Dict, error) {
	if v == nil {
		return nil, nil
	}
	return f.Dict(v)
}

func (c *comparison) formKey(key pdf.Name, before, after any) error {
	switch key {
	case "Fields": // fields are compared one by one
		c.own(before)
		c.shallow(after)
		return nil
	case "SigFlags":
		return nil
	case "NeedAppearances":
		if after == nil || after == false {
			return nil
		}
	case "DA", "Q", "DR":
		drawn, err := c.drawn()
		if err != nil || !drawn && key != "DR" && before == nil {
			return err
		}
		if key != "DR" || drawn {
			break
		}
		if grows, err := c.grows(before, after, 0); err != nil || grows {
			return err
		}
	}
	c.report(Altered, "", "the form's %q changed", string(key))
	return nil
}

// drawn reports whether whoever shows the signed document has to draw a field of
// it: what the form has for that counts then, and what it lacks.
func (c *comparison) drawn() (bool, error) {
	fields, err := c.old.Fields()
	if err != nil || len(fields) == 0 {
		return false, err
	}
	catalog, err := c.old.Catalog()
	if err != nil {
		return false, err
	}
	form, err := c.old.Dict(catalog["AcroForm"])
	if err != nil {
		return false, err
	}
	anew := form["NeedAppearances"] != nil && form["NeedAppearances"] != false
	for _, f := range fields {
		for _, w := range f.Widgets {
			d, err := c.old.Dict(w)
			if err != nil {
				return false, err
			}
			if f.Type != "Sig" && (anew || d["AP"] == nil) {
				return true, nil
			}
		}
	}
	return false, nil
}

// grows reports whether resources are all that they were: of each kind there may
// be more, what was there is the same. It accounts for what is more.
func (c *comparison) grows(before, after any, depth int) (bool, error) {
	const kinds = 1 // level of dictionaries below that of the resources
	if before == nil {
		return true, c.accept(after)
	}
	if depth > kinds {
		return !c.differs(before, after), nil
	}
	if isRef(before) && c.changed[before.(pdf.Ref).Number] && !c.own(before) {
		return false, nil
	}
	old, err1 := c.old.Dict(before)
	now, err2 := c.now.Dict(after)
	if err1 != nil || err2 != nil {
		return pdf.Equal(before, after), nil
	}
	c.shallow(after)
	for key := range old {
		if now[key] == nil {
			return false, nil
		}
	}
	for key := range now {
		if grows, err := c.grows(old[key], now[key], depth+1); !grows || err != nil {
			return false, err
		}
	}
	return true, nil
}

package revision

import (
	"fmt"
	"maps"
	"slices"

	"cnie/pki/adsig/pdf"
)

// pages compares the pages that changed, and the annotations of all.
func (c *comparison) pages() error {
	if len(c.changed) == 0 {
		return nil
	}
	c.suspicious = c.replacements()
	return c.now.Pages(func(number int, p pdf.Page) (bool, error) { return true, c.page(number, p) })
}

func (c *comparison) page(number int, p pdf.Page) error {
	if c.isNew(p.Ref.Number) {
		c.report(Altered, "", "page %d was not there", number)
		return nil
	}
	before, err := c.old.Dict(p.Ref)
	if err != nil {
		return err
	}
	if c.changed[p.Ref.Number] {
		delete(c.changed, p.Ref.Number)
		for _, key := range keys(before, p.Dict) {
			if key != "Annots" && !pdf.Equal(before[key], p.Dict[key]) {
				c.report(Altered, "", "%q of page %d changed", string(key), number)
			}
		}
	}
	if err := c.annotations(number, before["Annots"], p.Dict["Annots"]); err != nil {
		return err
	}
	for _, key := range []pdf.Name{"Contents", "Resources"} {
		if c.suspicious && c.reaches(pdf.Dict{key: before[key]}, 4) {
			c.report(Altered, "", "what page %d shows changed (%s)", number, key)
		}
	}
	return nil
}

// replacements reports whether something that was there is not what it was, and
// not accounted for.
func (c *comparison) replacements() bool {
	for n := range c.changed {
		if !c.isNew(n) || c.uses[n] > 0 {
			return true
		}
	}
	return false
}

func (c *comparison) annotations(number int, was, is any) error {
	old, err := c.old.Array(was)
	if err != nil {
		return err
	}
	now, err := c.now.Array(is)
	if err != nil {
		return err
	}
	c.own(was)
	c.shallow(is)
	before, had := annotationKeys(old)
	after, has := annotationKeys(now)
	gone := func(key any) bool { return !has[key] }
	if slices.ContainsFunc(before, gone) {
		c.report(Annotated, "", "an annotation was removed from page %d", number)
	}
	for i, v := range now {
		if err := c.annotation(number, v, had[after[i]]); err != nil {
			return err
		}
	}
	// Of two in one place the later covers the earlier.
	fresh := func(key any) bool { return !had[key] }
	if !slices.Equal(slices.DeleteFunc(before, gone), slices.DeleteFunc(after, fresh)) {
		c.report(Annotated, "", "the annotations of page %d lie in another order", number)
	}
	return nil
}

// annotationKeys are what annotations are told apart by: their number, or how they
// are written where they are used.
func annotationKeys(all pdf.Array) (keys []any, set map[any]bool) {
	set = map[any]bool{}
	for _, v := range all {
		var key any = fmt.Sprintf("%#v", v)
		if r, indirect := v.(pdf.Ref); indirect {
			key = r
		}
		keys, set[key] = append(keys, key), true
	}
	return keys, set
}

func (c *comparison) annotation(number int, v any, known bool) error {
	r, indirect := v.(pdf.Ref)
	if _, fresh := c.fresh[r]; fresh {
		return nil
	}
	d, err := c.now.Dict(v)
	if err != nil {
		return err
	}
	kind, _ := d["Subtype"].(pdf.Name)
	switch {
	case !known:
		c.report(Annotated, "", "an annotation (%s) was added to page %d", kind, number)
		return c.accept(v)
	case indirect && c.changed[r.Number] || c.reaches(d["AP"], 2):
		c.report(Annotated, "", "an annotation (%s) of page %d changed", kind, number)
	}
	return nil
}

// rest reports what nothing accounted for. A new object that nothing refers to
// shows nothing.
func (c *comparison) rest() error {
	for _, n := range slices.Sorted(maps.Keys(c.changed)) {
		r, now := c.now.Find(n)
		switch {
		case c.isNew(n) && c.uses[n] > 0:
			c.report(Altered, "", "object %d was supplied, which the signed document referred to without having it", n)
		case c.isNew(n):
		case !now:
			c.report(Altered, "", "object %d was removed", n)
		default:
			v, err := c.now.Get(r)
			if err != nil {
				return err
			}
			c.report(Altered, "", "object %d%s was replaced", n, describe(v))
		}
	}
	return nil
}

func describe(v any) string {
	d, ok := v.(pdf.Dict)
	if s, is := v.(*pdf.Stream); is {
		d, ok = s.Dict, true
	}
	if !ok {
		return ""
	}
	for _, key := range []pdf.Name{"Subtype", "Type"} {
		if kind, is := d[key].(pdf.Name); is {
			return " (" + string(kind) + ")"
		}
	}
	return ""
}

package revision

import (
	"fmt"
	"maps"
	"slices"

	"cnie/pki/adsig/pdf"
)

type comparison struct {
	old, now   *pdf.File
	changed    map[int]bool       // objects that differ and are not accounted for
	uses       map[int]int        // how often the old document refers to each of them
	fresh      map[pdf.Ref]string // widgets of new signature fields, with the field's name
	replaced   map[pdf.Ref]bool   // what replace went through
	looks      int                // objects looked at by reaches
	suspicious bool               // something that was there is not accounted for by the form
	found      []Change
}

func (c *comparison) report(k Kind, field, format string, args ...any) {
	change := Change{Kind: k, Field: field, What: fmt.Sprintf(format, args...)}
	if !slices.Contains(c.found, change) {
		c.found = append(c.found, change)
	}
}

// collect finds the objects that are not what they were, and how the old
// document refers to them.
func (c *comparison) collect() error {
	numbers := map[int]bool{}
	for _, f := range []*pdf.File{c.old, c.now} {
		for r := range f.Refs() {
			if !c.now.Same(c.old, r.Number) {
				numbers[r.Number] = true
			}
		}
	}
	for n := range numbers {
		same, err := c.equal(n)
		if err != nil {
			return err
		}
		c.changed[n] = !same
	}
	maps.DeleteFunc(c.changed, func(_ int, differs bool) bool { return !differs })
	return c.count()
}

func (c *comparison) equal(n int) (bool, error) {
	before, had := c.old.Find(n)
	after, has := c.now.Find(n)
	if before != after || !had || !has {
		return false, nil
	}
	v, err := c.old.Get(before)
	if err != nil {
		return false, err
	}
	w, err := c.now.Get(after)
	if err != nil {
		return false, err
	}
	return pdf.Equal(v, w), nil
}

// count reads the old document through for references to what changed. It does so
// also when nothing did: an object that begins where the old document ends, or goes
// on beyond, stands in the same place in both, and only one of them can read it.
func (c *comparison) count() error {
	c.uses = map[int]int{}
	note := func(r pdf.Ref) {
		if c.changed[r.Number] {
			c.uses[r.Number]++
		}
	}
	references(c.old.Trailer(), note)
	for r := range c.old.Refs() {
		if refs, plain := c.old.Skim(r); plain {
			for _, r := range refs {
				note(r)
			}
			continue
		}
		v, err := c.old.Get(r)
		if err != nil {
			return err
		}
		references(index(v), note)
	}
	return nil
}

// index leaves out what a cross-reference stream says as a trailer.
func index(v any) any {
	s, ok := v.(*pdf.Stream)
	if !ok || s.Dict["Type"] != pdf.Name("XRef") {
		return v
	}
	d := maps.Clone(s.Dict)
	delete(d, "Root")
	delete(d, "Info")
	return d
}

// references calls a function for each reference in a value.
func references(v any, note func(pdf.Ref)) {
	switch x := v.(type) {
	case pdf.Ref:
		note(x)
	case pdf.Array:
		for _, member := range x {
			references(member, note)
		}
	case pdf.Dict:
		for _, member := range x {
			references(member, note)
		}
	case *pdf.Stream:
		references(x.Dict, note)
	}
}

func isRef(v any) bool { _, ok := v.(pdf.Ref); return ok }

// isNew reports whether the old document has no such object.
func (c *comparison) isNew(n int) bool { _, had := c.old.Find(n); return !had }

// accept accounts for what a part of the new document brings along: objects that
// are new, and that nothing in the old document was waiting for.
func (c *comparison) accept(v any) error {
	var todo []pdf.Ref
	gather := func(r pdf.Ref) {
		if c.changed[r.Number] && c.isNew(r.Number) && c.uses[r.Number] == 0 {
			delete(c.changed, r.Number)
			todo = append(todo, r)
		}
	}
	references(v, gather)
	for len(todo) > 0 {
		r := todo[0]
		todo = todo[1:]
		v, err := c.now.Get(r)
		if err != nil {
			return err
		}
		references(v, gather)
	}
	return nil
}

// own accounts for an object that was changed in place, if nothing but this
// place of the old document refers to it. Pages, content and fonts that somebody
// had also put there beforehand are not accounted for.
func (c *comparison) own(v any) bool {
	r, ok := v.(pdf.Ref)
	if !ok || !c.changed[r.Number] {
		return !ok
	}
	if c.isNew(r.Number) || c.uses[r.Number] != 1 {
		return false
	}
	delete(c.changed, r.Number)
	return true
}

// replace accounts for a part that may change as it likes: what it was may have
// been changed in place, what it is may be new.
func (c *comparison) replace(before, after any, depth int) error {
	if depth > 6 {
		return nil
	}
	if r, ok := before.(pdf.Ref); ok {
		if c.replaced[r] {
			return nil
		}
		c.replaced[r] = true
		if c.changed[r.Number] && !c.own(r) {
			return c.accept(after)
		}
		var err error
		if before, err = c.inPlace(r); err != nil {
			return err
		}
	}
	for _, member := range members(before) {
		if err := c.replace(member, nil, depth+1); err != nil {
			return err
		}
	}
	return c.accept(after)
}

// inPlace accepts what an object refers to now, and returns what it was.
func (c *comparison) inPlace(r pdf.Ref) (any, error) {
	now, err := c.now.Get(r)
	if err != nil {
		return nil, err
	}
	if err := c.accept(now); err != nil {
		return nil, err
	}
	return c.old.Get(r)
}

func members(v any) []any {
	switch x := v.(type) {
	case pdf.Dict:
		return slices.Collect(maps.Values(x))
	case pdf.Array:
		return x
	}
	return nil
}

// differs reports whether two values, or what they refer to, are not the same.
func (c *comparison) differs(before, after any) bool {
	if !pdf.Equal(before, after) {
		return true
	}
	r, ok := before.(pdf.Ref)
	return ok && c.changed[r.Number]
}

// keys lists the keys of two dictionaries, in order.
func keys(before, after pdf.Dict) []pdf.Name {
	all := maps.Clone(before)
	if all == nil {
		all = pdf.Dict{}
	}
	maps.Copy(all, after)
	return slices.Sorted(maps.Keys(all))
}

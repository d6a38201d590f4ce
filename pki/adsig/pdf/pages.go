package pdf

import "fmt"

const (
	maxPages = 1 << 20
	maxTree  = 64 // levels of the trees of pages and of fields
)

// Page is one page; its dictionary has what it inherits filled in.
type Page struct {
	Ref   Ref
	Dict  Dict // as it is written
	Boxes Dict // MediaBox, CropBox and Rotate, inherited or its own
}

var inherited = []Name{"MediaBox", "CropBox", "Rotate"}

// Pages visits the pages in order until it is told to stop (ISO 32000-2 §7.7.3).
func (f *File) Pages(visit func(number int, p Page) (more bool, err error)) error {
	catalog, err := f.Catalog()
	if err != nil {
		return err
	}
	root, ok := catalog["Pages"].(Ref)
	if !ok {
		return malformed("the catalog names no pages")
	}
	t := &tree{file: f, seen: map[Ref]bool{}, visit: visit}
	return t.walk(root, Dict{}, 0)
}

type tree struct {
	file   *File
	seen   map[Ref]bool
	number int
	ended  bool
	visit  func(int, Page) (bool, error)
}

func (t *tree) walk(r Ref, boxes Dict, depth int) error {
	if t.seen[r] || depth > maxTree {
		return malformed("the tree of pages goes round in circles")
	}
	if t.seen[r] = true; len(t.seen) > maxPages {
		return fmt.Errorf("%w: more than %d pages", ErrLimit, maxPages)
	}
	d, err := t.file.Dict(r)
	if err != nil {
		return err
	}
	own := Dict{}
	for _, key := range inherited {
		if own[key] = d[key]; own[key] == nil {
			own[key] = boxes[key]
		}
	}
	if _, inner := d["Kids"]; !inner {
		t.number++
		more, err := t.visit(t.number, Page{r, d, own})
		t.ended = !more
		return err
	}
	kids, err := t.file.Array(d["Kids"])
	if err != nil {
		return err
	}
	for _, kid := range kids {
		r, ok := kid.(Ref)
		if !ok {
			return malformed("a page that is not an object of its own")
		}
		if err := t.walk(r, own, depth+1); err != nil || t.ended {
			return err
		}
	}
	return nil
}

// Page finds the page with a number, from 1.
func (f *File) Page(number int) (found Page, err error) {
	count := 0
	err = f.Pages(func(n int, p Page) (bool, error) {
		count = n
		if n == number {
			found = p
		}
		return n < number, nil
	})
	if err == nil && (number < 1 || count < number) {
		return found, fmt.Errorf("there is no page %d: the document has %d", number, count)
	}
	return found, err
}

// Box resolves a rectangle to its lower left and upper right corners (ISO
// 32000-2 §7.9.5).
func (f *File) Box(v any) (box [4]float64, err error) {
	a, err := f.Array(v)
	if err != nil || len(a) != 4 {
		return box, malformed("a rectangle")
	}
	for i := range a {
		v, err := f.Resolve(a[i])
		n, ok := Number(v)
		if err != nil || !ok {
			return box, malformed("a rectangle")
		}
		box[i] = n
	}
	if box[0] > box[2] {
		box[0], box[2] = box[2], box[0]
	}
	if box[1] > box[3] {
		box[1], box[3] = box[3], box[1]
	}
	return box, nil
}

// Field is a terminal field of the document's form (ISO 32000-2 §12.7.4): one
// with a value, shown by itself or by its kids.
type Field struct {
	Name    string // in full
	Type    Name   // its own or inherited
	Ref     Ref
	Dict    Dict
	Parents []Ref // which it inherits from, the outermost first
	Widgets []Ref // itself, or its kids
}

const maxFields = 1 << 16

// Fields lists the form's terminal fields in order.
func (f *File) Fields() ([]Field, error) {
	catalog, err := f.Catalog()
	if err != nil {
		return nil, err
	}
	if v, err := f.Resolve(catalog["AcroForm"]); err != nil || v == nil {
		return nil, err
	}
	form, err := f.Dict(catalog["AcroForm"])
	if err != nil {
		return nil, err
	}
	roots, err := f.Array(form["Fields"])
	if err != nil {
		return nil, err
	}
	w := &formWalk{file: f, seen: map[Ref]bool{}}
	for _, v := range roots {
		if err := w.walk(v, Field{}, 0); err != nil {
			return nil, err
		}
	}
	return w.found, nil
}

type formWalk struct {
	file  *File
	seen  map[Ref]bool
	found []Field
}

func (w *formWalk) walk(v any, parent Field, depth int) error {
	r, ok := v.(Ref)
	if !ok || w.seen[r] || depth > maxTree {
		return malformed("the tree of fields")
	}
	if w.seen[r] = true; len(w.seen) > maxFields {
		return fmt.Errorf("%w: more than %d fields", ErrLimit, maxFields)
	}
	d, err := w.file.Dict(r)
	if err != nil {
		return err
	}
	field := Field{Name: parent.Name, Type: parent.Type, Ref: r, Dict: d}
	if depth > 0 {
		field.Parents = append(parent.Parents[:len(parent.Parents):len(parent.Parents)], parent.Ref)
	}
	if part, err := w.file.Resolve(d["T"]); err == nil && part != nil {
		text, _ := part.(String)
		if field.Name != "" {
			field.Name += "."
		}
		field.Name += text.Text()
	}
	if kind, ok := d["FT"].(Name); ok {
		field.Type = kind
	}
	kids, err := w.file.Array(d["Kids"])
	if err != nil {
		return err
	}
	return w.descend(field, kids, depth)
}

// descend tells kids that are fields, which have a name, from kids that only
// show the field.
func (w *formWalk) descend(field Field, kids Array, depth int) error {
	for _, kid := range kids {
		d, err := w.file.Dict(kid)
		if err != nil {
			return err
		}
		if d["T"] != nil {
			if err := w.walk(kid, field, depth+1); err != nil {
				return err
			}
			continue
		}
		if r, ok := kid.(Ref); ok {
			field.Widgets = append(field.Widgets, r)
		}
	}
	if len(kids) == 0 {
		field.Widgets = []Ref{field.Ref}
	}
	if len(kids) == 0 || len(field.Widgets) > 0 {
		w.found = append(w.found, field)
	}
	return nil
}

package pades

import (
	"fmt"
	"slices"

	"cnie/pki/adsig/pdf"
)

const (
	flagPrint  = 1 << 2
	flagLocked = 1 << 7
)

// edit is a revision that adds to the document's form, one place at a time.
type edit struct {
	file    *pdf.File
	update  *pdf.Update
	catalog pdf.Dict
}

func newEdit(g *grown) (*edit, error) {
	f, err := pdf.Open(g, g.length())
	if err != nil {
		return nil, err
	}
	e := &edit{file: f, update: f.Update()}
	_, e.catalog, err = e.update.Dict(f.Root())
	return e, err
}

// draft ends the editing.
func (e *edit) draft(g *grown, h *hole) (*draft, error) {
	e.update.Put(e.file.Root(), e.catalog)
	return newDraft(g, e.update, h)
}

// child gives a copy of a dictionary within another, empty where there is none,
// and what puts it back when it has been changed.
func (e *edit) child(parent pdf.Dict, key pdf.Name) (d pdf.Dict, put func(), err error) {
	if v := parent[key]; v == nil {
		d = pdf.Dict{}
		return d, func() { parent[key] = d }, nil
	}
	r, d, err := e.update.Dict(parent[key])
	return d, func() {
		if r == (pdf.Ref{}) {
			parent[key] = d
			return
		}
		e.update.Put(r, d)
	}, err
}

// push appends to an array within a dictionary, wherever the array is.
func (e *edit) push(parent pdf.Dict, key pdf.Name, v any) error {
	list, err := e.file.Array(parent[key])
	if err != nil {
		return err
	}
	list = append(slices.Clone(list), v)
	if r, indirect := parent[key].(pdf.Ref); indirect {
		e.update.Put(r, list)
		return nil
	}
	parent[key] = list
	return nil
}

// addField makes a signature field, with the widget that every field needs, on a
// page. Without a rectangle it shows nothing.
func (e *edit) addField(name string, signature pdf.Ref, p pdf.Page, more pdf.Dict) error {
	zero := int64(0)
	field := pdf.Dict{
		"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Widget"), "FT": pdf.Name("Sig"), "T": pdf.TextString(name),
		"F": int64(flagPrint | flagLocked), "Rect": pdf.Array{zero, zero, zero, zero}, "P": p.Ref, "V": signature,
	}
	for key, v := range more {
		field[key] = v
	}
	r := e.update.Add(field)
	// A form that is new gets a number: some programs lose fields from one that
	// is written into the catalog.
	if e.catalog["AcroForm"] == nil {
		e.catalog["AcroForm"] = e.update.Add(pdf.Dict{})
	}
	form, put, err := e.child(e.catalog, "AcroForm")
	if err != nil {
		return err
	}
	if err := e.push(form, "Fields", r); err != nil {
		return err
	}
	form["SigFlags"] = int64(3)
	put()
	_, page, err := e.update.Dict(p.Ref)
	if err != nil {
		return err
	}
	if err := e.push(page, "Annots", r); err != nil {
		return err
	}
	e.update.Put(p.Ref, page)
	return nil
}

// freeName finds a name for a field that no other has.
func (e *edit) freeName(stem string) (string, error) {
	fields, err := e.file.Fields()
	if err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s%d", stem, n)
		if !slices.ContainsFunc(fields, func(f pdf.Field) bool { return f.Name == name }) {
			return name, nil
		}
	}
}

// announce says that the document uses what ETSI added to ISO 32000-1, which has
// no security store and no document timestamps; ISO 32000-2 has both.
func (e *edit) announce() error {
	if e.file.Version() >= "2.0" {
		return nil
	}
	extensions, put, err := e.child(e.catalog, "Extensions")
	if err != nil || extensions["ESIC"] != nil {
		return err
	}
	extensions["ESIC"] = pdf.Dict{"BaseVersion": pdf.Name("1.7"), "ExtensionLevel": int64(1)}
	put()
	return nil
}

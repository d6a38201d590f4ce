package pades

import (
	"fmt"

	"cnie/pki/adsig/pdf"
)

// restrict keeps to what the document allows, and adds what the signature, or
// the field that it goes into, shall forbid from now on.
func (s *Signer) restrict(e *edit, d pdf.Dict, r pdf.Ref, target pdf.Field) error {
	if err := s.permitted(e, target); err != nil {
		return err
	}
	var references pdf.Array
	if s.Certify != 0 {
		perms, put, err := e.child(e.catalog, "Perms")
		if err != nil {
			return err
		}
		perms["DocMDP"] = r
		put()
		references = append(references, reference("DocMDP", pdf.Dict{"P": int64(s.Certify)}))
	}
	if lock, err := e.file.Resolve(target.Dict["Lock"]); err == nil && lock != nil {
		l, ok := lock.(pdf.Dict)
		if !ok {
			return fmt.Errorf("%w: the lock of field %q", pdf.ErrMalformed, target.Name)
		}
		references = append(references, reference("FieldMDP", pdf.Dict{"Action": l["Action"], "Fields": l["Fields"]}))
	}
	if len(references) > 0 {
		d["Reference"] = references
	}
	return nil
}

// reference is an entry of a signature's references (ISO 32000-2 table 256).
func reference(method pdf.Name, parameters pdf.Dict) pdf.Dict {
	parameters["Type"], parameters["V"] = pdf.Name("TransformParams"), pdf.Name("1.2")
	return pdf.Dict{"Type": pdf.Name("SigRef"), "TransformMethod": method, "TransformParams": parameters}
}

// permitted refuses to sign where an earlier signature would be broken by it, or
// where the field asks for what is not known here (ISO 32000-2 §12.7.5.5).
func (s *Signer) permitted(e *edit, target pdf.Field) error {
	signed, err := signaturesIn(e.file)
	if err != nil {
		return err
	}
	rule := newRule(e.file, &found{})
	switch {
	case rule.permission == 1:
		return fmt.Errorf("%w: it is certified against any change", ErrPermission)
	case s.Certify != 0 && signed > 0:
		return fmt.Errorf("%w: only the first signature of a document can certify it", ErrPermission)
	case rule.permission == 2 && s.Look != nil && target.Ref == (pdf.Ref{}):
		return fmt.Errorf("%w: it is certified against anything visible but in its own fields", ErrPermission)
	}
	if seed, err := e.file.Dict(target.Dict["SV"]); err == nil {
		if required, _ := seed["Ff"].(int64); required != 0 {
			return fmt.Errorf("%w: the field %q asks for a signature of a particular kind", ErrPermission, target.Name)
		}
	}
	return nil
}

// place puts the signature into its field, and the field on its page.
func (s *Signer) place(e *edit, r pdf.Ref, target pdf.Field) error {
	if target.Ref != (pdf.Ref{}) {
		return s.fillField(e, r, target)
	}
	number := 1
	if s.Look != nil {
		number = s.Look.Page
	}
	page, err := e.file.Page(number)
	if err != nil || s.Look == nil {
		if err == nil {
			err = e.addField(target.Name, r, page, nil)
		}
		return err
	}
	box, err := pageBox(e.file, page)
	if err != nil {
		return err
	}
	more, err := s.Look.Widget(e.update, box)
	if err != nil {
		return err
	}
	return e.addField(target.Name, r, page, more)
}

// fillField signs a field that is there, and shows the signature where the field
// is.
func (s *Signer) fillField(e *edit, r pdf.Ref, target pdf.Field) error {
	field, put, err := e.dict(target.Ref)
	if err != nil {
		return err
	}
	field["V"] = r
	if s.Look != nil && len(target.Widgets) == 1 && target.Widgets[0] == target.Ref {
		box, err := e.file.Box(field["Rect"])
		if err != nil {
			return err
		}
		appearance, err := s.Look.Fill(e.update, box[2]-box[0], box[3]-box[1])
		if err != nil {
			return err
		}
		field["AP"] = appearance
	}
	put()
	form, putForm, err := e.child(e.catalog, "AcroForm")
	if err != nil {
		return err
	}
	form["SigFlags"] = int64(3)
	putForm()
	return nil
}

func (e *edit) dict(r pdf.Ref) (pdf.Dict, func(), error) {
	_, d, err := e.update.Dict(r)
	return d, func() { e.update.Put(r, d) }, err
}

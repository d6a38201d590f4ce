package pades

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"cnie/pki"
	"cnie/pki/adsig"
	"cnie/pki/adsig/pades/revision"
	"cnie/pki/adsig/pdf"
)

// placement settles what a signature covers, and judges what became of it.
type placement struct {
	Place
	checks adsig.Checks
	signed *pdf.File // the document that was signed; nil when there is none
}

// place looks at one signature of a file. The document is what it is now.
func place(f *pdf.File, s *found) placement {
	p := placement{Place: Place{Field: s.field.Name, Scope: Nothing}}
	if s.problem != nil {
		p.fail(CheckRange, adsig.FormatFailure, "%v", s.problem)
		return p
	}
	p.Covers = s.end
	p.checks = append(p.checks, pass(CheckRange, "covers %d bytes of %d, all but its own digits", s.end, f.Size()))
	if err := p.revise(f, s); err != nil {
		p.fail(CheckRevision, adsig.FormatFailure, "%v", err)
		return p
	}
	p.checks = append(p.checks, pass(CheckRevision, "revision %d of the signed ones", p.Revision))
	p.Scope = WholeFile
	if s.end == f.Size() {
		p.checks = append(p.checks, pass(CheckChanges, "nothing was added since"))
		return p
	}
	changes, err := changesSince(p.signed, f)
	if err != nil {
		p.Scope = EarlierRevision
		p.fail(CheckChanges, adsig.SigConstraintsFailure, "what was added since cannot be compared: %v", err)
		return p
	}
	p.Changes = changes
	p.judge(newRule(p.signed, s))
	return p
}

func (p *placement) fail(id adsig.CheckID, sub adsig.SubIndication, format string, args ...any) {
	p.checks = append(p.checks, check(id, pki.Failed, sub, format, args...))
}

// revise opens the bytes up to the end of what is signed. They have to be a
// document in which this field has this signature: one that was put around
// signed bytes afterwards covers nothing.
func (p *placement) revise(now *pdf.File, s *found) error {
	old := now // which it is when nothing was added
	if s.end != now.Size() {
		var err error
		if old, err = now.Earlier(s.end); err != nil {
			return fmt.Errorf("the signed bytes are not a document: %w", err)
		}
	}
	if behind, err := old.After(); err != nil || behind > 0 {
		return fmt.Errorf("the signed bytes do not end where a revision does")
	}
	fields, err := old.Fields()
	if err != nil {
		return err
	}
	at, _ := old.Whereabouts(s.ref)
	if at <= 0 || at > s.from {
		return fmt.Errorf("the signature is not in the document that it signs")
	}
	here, places := false, 0
	for _, field := range fields {
		if field.Dict["V"] == s.ref {
			places++
			here = here || field.Ref == s.field.Ref && field.Type == "Sig" && field.Name == s.field.Name
		}
	}
	switch {
	case !here:
		return fmt.Errorf("the field was not signed in the document that the signature covers")
	case places > 1:
		return fmt.Errorf("the signature stands in two fields")
	}
	return p.sameSignature(old, s)
}

func (p *placement) sameSignature(old *pdf.File, s *found) error {
	d, err := old.Dict(s.ref)
	if err != nil {
		return err
	}
	if !pdf.Equal(d, s.dict) {
		return fmt.Errorf("the signature was replaced after signing")
	}
	p.signed = old
	signed, err := signaturesIn(old)
	p.Revision = signed
	return err
}

func signaturesIn(f *pdf.File) (count int, err error) {
	fields, err := f.Fields()
	for _, field := range fields {
		if field.Type == "Sig" && field.Dict["V"] != nil {
			count++
		}
	}
	return count, err
}

// OnlySigned reports whether all that was appended to a document of a length are a signature
// that shows nothing and what goes with it.
func OnlySigned(r io.ReaderAt, before, size int64) (bool, error) {
	now, err := pdf.Open(r, size)
	if err != nil {
		return false, err
	}
	old, err := now.Earlier(before)
	if err != nil {
		return false, err
	}
	changes, err := changesSince(old, now)
	other := slices.ContainsFunc(changes, func(c revision.Change) bool { return c.Kind > revision.Signed || c.Shows })
	return err == nil && !other, err
}

func changesSince(old, now *pdf.File) ([]revision.Change, error) {
	if behind, err := now.After(); err != nil || behind > 0 {
		return nil, fmt.Errorf("%d bytes stand behind the end of the document", behind)
	}
	return revision.Compare(old, now)
}

// rule is what may happen to a document after a signature.
type rule struct {
	permission int // of the document, by whoever certified it; 0 nobody did
	certifies  bool
	action     pdf.Name // of locked fields: All, Include, Exclude
	fields     []string
}

// newRule reads the permissions in the signed document (ISO 32000-2 §12.8.2.2 to
// §12.8.2.4): a certification that came later binds nobody before.
func newRule(f *pdf.File, s *found) (r rule) {
	catalog, err := f.Catalog()
	if err != nil {
		return r
	}
	if perms, err := f.Dict(catalog["Perms"]); err == nil && perms["DocMDP"] != nil {
		r.certifies = perms["DocMDP"] == s.ref
		r.permission = 2
		if d, err := f.Dict(perms["DocMDP"]); err == nil {
			v, _ := f.Resolve(transform(f, d, "DocMDP")["P"])
			if p, ok := v.(int64); ok && p >= 1 && p <= 3 {
				r.permission = int(p)
			}
		}
	}
	lock := transform(f, s.dict, "FieldMDP")
	action, _ := f.Resolve(lock["Action"])
	r.action, _ = action.(pdf.Name)
	names, _ := f.Array(lock["Fields"])
	for _, v := range names {
		v, _ = f.Resolve(v)
		if name, ok := v.(pdf.String); ok {
			r.fields = append(r.fields, name.Text())
		}
	}
	return r
}

// transform finds the parameters of a transform method in a signature's
// references (ISO 32000-2 table 256).
func transform(f *pdf.File, d pdf.Dict, method pdf.Name) pdf.Dict {
	references, _ := f.Array(d["Reference"])
	for _, v := range references {
		if reference, err := f.Dict(v); err == nil && reference["TransformMethod"] == method {
			parameters, _ := f.Dict(reference["TransformParams"])
			return parameters
		}
	}
	return nil
}

func (r rule) locked(field string) bool {
	listed := slices.ContainsFunc(r.fields, func(name string) bool { return field == name || strings.HasPrefix(field, name+".") })
	switch r.action {
	case "All":
		return true
	case "Include":
		return listed
	case "Exclude":
		return !listed
	}
	return false
}

// allows reports whether a change is one of those that leave a signature in
// force. Timestamps and material never count as changes (ISO 32000-2 table 257
// as clarified); what shows something new does not pass for signing where the
// document is certified.
func (r rule) allows(c revision.Change) bool {
	limit := revision.Shown
	switch r.permission {
	case 1:
		limit = revision.Material
	case 2:
		limit = revision.Filled
	case 3:
		limit = revision.Annotated
	}
	return c.Kind <= limit && (c.Kind != revision.Filled || !r.locked(c.Field))
}

// judge tells changes that leave the signature in force from others, and what it
// still speaks for.
func (p *placement) judge(r rule) {
	if r.certifies {
		p.Permission = r.permission
	}
	p.Scope = WholeDocument
	var said, forbidden []string
	for _, c := range p.Changes {
		said = append(said, c.What)
		if c.Kind > revision.Signed || c.Shows {
			p.Scope = EarlierRevision
		}
		if !r.allows(c) {
			p.Scope = EarlierRevision
			forbidden = append(forbidden, c.What)
		}
	}
	switch {
	case len(forbidden) > 0:
		p.fail(CheckChanges, adsig.SigConstraintsFailure, "after signing: %s", strings.Join(forbidden, "; "))
	case p.Scope == EarlierRevision:
		p.checks = append(p.checks, check(CheckChanges, pki.Warned, "", "after signing: %s", strings.Join(said, "; ")))
	case len(said) == 0:
		p.checks = append(p.checks, pass(CheckChanges, "a revision was added that changes nothing"))
	default:
		p.checks = append(p.checks, pass(CheckChanges, "after signing: %s", strings.Join(said, "; ")))
	}
}

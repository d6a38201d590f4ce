package pades

import (
	"bytes"
	"fmt"

	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pdf"
)

const (
	maxMaterial      = 512      // objects of one kind in a security store
	maxMaterialBytes = 64 << 20 // of all of them together
)

// store is a document security store (EN 319 142-1 §5.4.2.2): material for
// validating the signatures of a document, each piece with its object.
type store struct {
	ref       pdf.Ref
	dict      pdf.Dict
	certs     pieces
	lists     pieces
	responses pieces
	bytes     int64
}

type pieces struct {
	refs pdf.Array
	raw  [][]byte
}

// readStore reads the store of a document; one without has an empty store. What
// the VRI dictionaries say is not looked at: all of it is in the store as well.
func readStore(f *pdf.File) (*store, error) {
	s := &store{}
	catalog, err := f.Catalog()
	if err != nil {
		return nil, err
	}
	s.ref, _ = catalog["DSS"].(pdf.Ref)
	if v, err := f.Resolve(catalog["DSS"]); err != nil || v == nil {
		return s, err
	}
	if s.dict, err = f.Dict(catalog["DSS"]); err != nil {
		return nil, err
	}
	for key, into := range map[pdf.Name]*pieces{"Certs": &s.certs, "CRLs": &s.lists, "OCSPs": &s.responses} {
		if err := s.read(f, key, into); err != nil {
			return nil, fmt.Errorf("read the security store: %w", err)
		}
	}
	return s, nil
}

func (s *store) read(f *pdf.File, key pdf.Name, into *pieces) error {
	list, err := f.Array(s.dict[key])
	if err != nil {
		return err
	}
	if len(list) > maxMaterial {
		return fmt.Errorf("%w: %d entries of %q", pdf.ErrLimit, len(list), string(key))
	}
	for _, v := range list {
		object, err := f.Resolve(v)
		if err != nil {
			return err
		}
		stream, ok := object.(*pdf.Stream)
		if !ok {
			return fmt.Errorf("%w: an entry of %q is not a stream", pdf.ErrMalformed, string(key))
		}
		raw, err := f.Unpack(stream, maxMaterialBytes-s.bytes)
		if err != nil {
			return err
		}
		s.bytes += int64(len(raw))
		into.refs, into.raw = append(into.refs, v), append(into.raw, raw)
	}
	return nil
}

// all lists the material.
func (s *store) all() (all [][]byte) {
	return append(append(append(all, s.certs.raw...), s.lists.raw...), s.responses.raw...)
}

// addition is material for one signature.
type addition struct {
	contents []byte // of the signature
	gathered cades.Gathered
}

// extend appends a revision with what the store lacks; none where it lacks
// nothing. What is for which signature is said by VRI dictionaries (EN 319 142-1
// §5.4.2.3).
func (s *store) extend(g *grown, additions []addition) error {
	e, err := newEdit(g)
	if err != nil {
		return err
	}
	dict, put, err := e.child(e.catalog, "DSS")
	if err != nil {
		return err
	}
	vri, putVRI, err := e.child(dict, "VRI")
	if err != nil {
		return err
	}
	before := len(s.certs.raw) + len(s.lists.raw) + len(s.responses.raw)
	for _, a := range additions {
		s.note(e, vri, a)
	}
	if len(s.certs.raw)+len(s.lists.raw)+len(s.responses.raw) == before {
		return nil
	}
	putVRI()
	for key, p := range map[pdf.Name]*pieces{"Certs": &s.certs, "CRLs": &s.lists, "OCSPs": &s.responses} {
		if len(p.refs) > 0 {
			dict[key] = p.refs
		}
	}
	dict["Type"] = pdf.Name("DSS")
	put()
	if err := e.announce(); err != nil {
		return err
	}
	e.update.Put(e.file.Root(), e.catalog)
	tail, err := e.update.Bytes()
	g.tail = append(g.tail, tail...)
	return err
}

// note puts one signature's material into the store.
func (s *store) note(e *edit, vri pdf.Dict, a addition) {
	entry := pdf.Dict{"Type": pdf.Name("VRI")}
	for _, part := range []struct {
		key  pdf.Name
		into *pieces
		raw  [][]byte
	}{{"Cert", &s.certs, a.gathered.Certificates}, {"CRL", &s.lists, a.gathered.Lists}, {"OCSP", &s.responses, a.gathered.Responses}} {
		list := pdf.Array{}
		for _, raw := range part.raw {
			list = append(list, part.into.include(e, raw))
		}
		if len(list) > 0 {
			entry[part.key] = list
		}
	}
	key := vriKey(a.contents)
	if _, known := vri[key]; !known && len(entry) > 1 {
		vri[key] = e.update.Add(entry)
	}
}

// include gives the object that holds a piece, a new one if there is none.
func (p *pieces) include(e *edit, raw []byte) any {
	for i, held := range p.raw {
		if bytes.Equal(held, raw) {
			return p.refs[i]
		}
	}
	r := e.update.Add(pdf.NewStream(pdf.Dict{}, raw))
	p.refs, p.raw = append(p.refs, r), append(p.raw, raw)
	return r
}

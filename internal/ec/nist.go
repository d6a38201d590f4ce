package ec

// nistPoint is the method set that the points of filippo.io/nistec share.
type nistPoint[P any] interface {
	SetBytes([]byte) (P, error)
	SetGenerator() P
	Add(P, P) P
	ScalarMult(P, []byte) (P, error)
	ScalarBaseMult([]byte) (P, error)
	Bytes() []byte
}

// nist is the group of a NIST curve, and nistElement its points, over filippo.io/nistec.
type nist[P nistPoint[P]] struct{ fresh func() P }

type nistElement[P nistPoint[P]] struct {
	group *nist[P]
	point P
	base  bool
}

func (g *nist[P]) generator() element { return &nistElement[P]{g, g.fresh().SetGenerator(), true} }

func (g *nist[P]) parse(b []byte) (element, error) {
	p, err := g.fresh().SetBytes(b)
	if err != nil {
		return nil, PointError("not on the curve")
	}
	return &nistElement[P]{group: g, point: p}, nil
}

func (p *nistElement[P]) add(q element) element {
	return &nistElement[P]{group: p.group, point: p.group.fresh().Add(p.point, q.(*nistElement[P]).point)}
}

func (p *nistElement[P]) mul(k []byte) element {
	product := p.group.fresh()
	var err error
	if p.base {
		product, err = product.ScalarBaseMult(k)
	} else {
		product, err = product.ScalarMult(p.point, k)
	}
	if err != nil { // only for a wrong length, and Point.Mul gives the right one
		panic("ec: " + err.Error())
	}
	return &nistElement[P]{group: p.group, point: product}
}

func (p *nistElement[P]) bytes() []byte { return p.point.Bytes() }

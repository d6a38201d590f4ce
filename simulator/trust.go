package simulator

import (
	"time"

	"cnie/simulator/persona"
)

// cvHolder is a public key that the chip imported, and what its holder may do.
type cvHolder struct {
	name      string
	key       cvKey
	role      byte
	rights    byte // with those of all above it
	effective int
	expires   int
}

// trust are the keys from which the chip believes certificates, newest first,
// and the latest date it has heard of: it has no clock (ICAO 9303-11 §7.1.4.3).
// It outlives every session.
type trust struct {
	points []cvHolder
	date   int // YYMMDD
}

// maxTrust is how many trust points a chip keeps, ICAO 9303-11 §7.1.4.3.4.
const maxTrust = 2

// newTrust personalises: the authority's own certificates, newest first. One
// that cannot be read is as good as none.
func newTrust(t *persona.Terminal) trust {
	if t == nil {
		return trust{}
	}
	made := trust{date: day(t.Date)}
	for _, certificate := range t.Certificates {
		content, _, ok := take(certificate, tagCertificate)
		c, parsed := parseCertificate(content, nil)
		if ok && parsed && c.role == roleCVCA && len(made.points) < maxTrust {
			made.points = append(made.points, c.imported(^byte(roleMask)))
		}
	}
	return made
}

func day(t time.Time) int { return t.Year()%100*10000 + int(t.Month())*100 + t.Day() }

// imported keeps of a certificate what the chip needs later. The rights are those
// that everybody above has as well, ICAO 9303-11 §7.1.4.3.6.
func (c *cvCertificate) imported(above byte) cvHolder {
	return cvHolder{c.holder, c.key, c.role, c.rights & above, c.effective, c.expires}
}

// accept judges a certificate by the key that signed it, ICAO 9303-11 §7.1.4.3.
func (t *trust) accept(c *cvCertificate, issuer *cvHolder) bool {
	switch {
	case c.authority != issuer.name || !issuer.key.verify(c.body, c.signature):
		return false
	case issuer.role == roleTerminal, (c.role == roleTerminal) == (issuer.role == roleCVCA):
		return false
	case issuer.role != roleCVCA && c.role != roleTerminal: // only the authority makes verifiers
		return false
	}
	if c.role == roleCVCA {
		return t.point(c.holder) == nil
	}
	return c.expires >= t.date && (issuer.role != roleCVCA || issuer.expires >= t.date)
}

// learn takes over what an accepted certificate tells: the time, if its issuer is
// one of this State, and a new trust point.
func (t *trust) learn(c *cvCertificate, issuer *cvHolder) {
	if issuer.role != roleForeign {
		t.date = max(t.date, c.effective)
	}
	if c.role == roleCVCA {
		t.points = append([]cvHolder{c.imported(^byte(roleMask))}, t.points...)
		t.points = t.points[:min(len(t.points), maxTrust)]
	}
}

func (t *trust) point(name string) *cvHolder {
	for i := range t.points {
		if t.points[i].name == name {
			return &t.points[i]
		}
	}
	return nil
}

// trustFile is EF.CVCA: the names of the trust points, filled up to a length that
// does not tell how many there are. TR-03110-3 §A.1.2.
func (d *document) trustFile() []byte {
	var content []byte
	for _, point := range d.trust.points {
		content = appendObject(content, tagAuthority, []byte(point.name))
	}
	return append(content, make([]byte, max(0, 36-len(content)))...)
}

// trustReferences are the same in the last answer of PACE, ICAO 9303-11 §4.4.5.
func (d *document) trustReferences() (objects []byte) {
	for i, point := range d.trust.points {
		objects = appendObject(objects, byte(0x87+i), []byte(point.name))
	}
	return objects
}

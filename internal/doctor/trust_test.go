package doctor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"cnie/internal/doctor"
	"cnie/simulator"
)

func TestClock(t *testing.T) {
	d := newDesk()
	d.system = simulator.NewSystem("ACR1252", nil)
	d.want(t, "clock", doctor.OK, "2026-03-01")
	d.options.Built = d.now.AddDate(0, 2, 0)
	d.want(t, "clock", doctor.Blocking, "says 2026-03-01, but this program was made on 2026-05-01")
	d.options.Built = d.now.Add(time.Hour)
	d.want(t, "clock", doctor.OK, "2026-03-01")
	d.options.Trust.Lists = []doctor.List{d.list(-3 * day)}
	d.want(t, "clock", doctor.Blocking, "the revocation list of XX was made on 2026-03-04")
}

func TestTrust(t *testing.T) {
	d := newDesk()
	d.system = simulator.NewSystem("ACR1252", nil)
	d.want(t, "trust", doctor.OK, "certificates: 1, lists: 1")
	for _, id := range []string{"age", "revocation", "specimen"} {
		assert.Nil(t, d.find(t, id))
	}
	d.options.Trust.Lists = []doctor.List{d.list(10 * day), d.list(200 * day), d.list(100 * day)}
	d.want(t, "age", doctor.Remark, "too old: 2, first of all the revocation list of XX of 2025-08-13")
	lenient := d.list(200 * day)
	lenient.Age, lenient.Next = 365*day, time.Time{}
	master := doctor.List{Name: "master list of DE", Date: d.now.AddDate(-1, 0, 0), Age: 90 * day}
	d.options.Trust.Lists = []doctor.List{lenient, master}
	d.want(t, "age", doctor.Remark, "too old: 1, first of all the master list of DE of 2025-03-01")
	d.options.Trust.Lists = []doctor.List{master}
	d.want(t, "revocation", doctor.Remark, "nobody notices")
	d.options.Trust.Specimens = 1
	d.want(t, "specimen", doctor.Remark, "anybody can make cards")
	d.options.Trust = doctor.Trust{}
	d.want(t, "trust", doctor.Remark, "no card can be accepted")
	d.options.Trust = doctor.Trust{Path: "anchors", Problem: "CSCA1.der is no certificate"}
	d.want(t, "trust", doctor.Blocking, "CSCA1.der")
}

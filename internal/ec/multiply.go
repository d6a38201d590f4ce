package ec

import "crypto/subtle"

// multiples are the odd multiples p, 3p, … 15p of a point.
type multiples[L limbs] [8]jacobian[L]

// digits are a secret scalar below n, written with the odd digits ±1, ±3, … ±15 to base 16. There being no zero among
// them, every scalar takes the same steps. Only odd numbers can be written so: for an even k they are those of n − k, and
// the product has to be negated.
//
// Each digit is a nibble v of h = (k + 16ˡ − 1)/2, l the number of digits, and stands for 2v − 15: their sum is
// 2h − (16ˡ − 1) = k. The number k/16ⁱ, with its last bit set, is what the digits from the i-th one up amount to.
type digits struct {
	h      []byte
	negate int
}

func (w *weierstrass[L]) digits(k []byte) digits {
	h := make([]byte, len(k))
	even := 1 - int(k[len(k)-1]&1)
	borrow := 0
	for i := len(k) - 1; i >= 0; i-- {
		minus := int(w.order[i]) - int(k[i]) - borrow
		borrow = minus >> 8 & 1
		h[i] = byte(subtle.ConstantTimeSelect(even, minus, int(k[i])))
	}
	shiftRight(h, 1)
	h[0] |= 0x80 // n is not shorter than its bytes on any of our curves, so that 16ˡ is the next bit
	return digits{h, even}
}

// count is the number of digits.
func (d digits) count() int { return 2 * len(d.h) }

// at returns which odd multiple the i-th digit wants, least significant digit first, and whether of −p.
func (d digits) at(i int) (index byte, negate int) {
	v := d.h[len(d.h)-1-i/2] >> (4 * (i % 2)) & 15
	negate = int(1 - v>>3)
	return (v ^ -byte(negate)) & 7, negate
}

// mul sets r to k·p for big-endian k below n and p with z = 1, by the same steps and memory accesses for every k.
//
// The sum before a digit d is 16A·p with A ≥ 1 what the higher digits amount to. It can be infinity or ±d·p, which
// addUnequal does not take, only if n divides 16A or 16A ∓ d. These are positive, since |d| < 16, and below n as long as
// another digit follows, since 16A + d is then at most k/16 + 1. So only the last addition must be complete.
func (w *weierstrass[L]) mul(r, p *point[L], k []byte) {
	digits := w.digits(k)
	defer clear(digits.h)
	table := w.oddMultiples(p)
	last := digits.count() - 1
	sum := w.choose(&table, digits, last)
	var chosen jacobian[L]
	for i := last - 1; i >= 0; i-- {
		for range 4 {
			w.double(&sum, &sum)
		}
		chosen = w.choose(&table, digits, i)
		if i > 0 {
			w.addUnequal(&sum, &sum, &chosen)
		}
	}
	a, b := w.homogeneous(&sum), w.homogeneous(&chosen)
	w.add(r, &a, &b)
	w.fp.negateIf(&r.y, digits.negate)
}

// oddMultiples computes with small multiples of p only, none of which is another or infinity.
func (w *weierstrass[L]) oddMultiples(p *point[L]) (table multiples[L]) {
	var twice jacobian[L]
	table[0] = jacobian[L](*p)
	w.double(&twice, &table[0])
	for i := 1; i < len(table); i++ {
		w.addUnequal(&table[i], &table[i-1], &twice)
	}
	return table
}

// choose reads the whole table and keeps what the i-th digit wants.
func (w *weierstrass[L]) choose(table *multiples[L], digits digits, i int) (r jacobian[L]) {
	index, negate := digits.at(i)
	for j := range table {
		mask := -uint64(subtle.ConstantTimeByteEq(byte(j), index))
		for k := range len(r.x) {
			r.x[k] |= mask & table[j].x[k]
			r.y[k] |= mask & table[j].y[k]
			r.z[k] |= mask & table[j].z[k]
		}
	}
	w.fp.negateIf(&r.y, negate)
	return r
}

// mulBase sets r to k·G: no doublings, one complete addition for each digit.
func (w *weierstrass[L]) mulBase(r *point[L], k []byte) {
	digits := w.digits(k)
	defer clear(digits.h)
	*r = w.infinity()
	tables := w.multiples()
	for i := range tables {
		chosen := point[L](w.choose(&tables[i], digits, i)) // z = 1 is the same in both coordinates
		w.add(r, r, &chosen)
	}
	w.fp.negateIf(&r.y, digits.negate)
}

// baseMultiples returns the odd multiples of G, 16·G, 16²·G …, one for each digit, all with z = 1.
func (w *weierstrass[L]) baseMultiples() []multiples[L] {
	count := 2 * len(w.order)
	all := make([]point[L], 0, 8*count)
	power := w.base
	for range count {
		var twice point[L]
		w.add(&twice, &power, &power)
		for range 8 {
			all = append(all, power)
			w.add(&power, &power, &twice)
		}
		minus := all[len(all)-8]
		w.fp.negateIf(&minus.y, 1)
		w.add(&power, &power, &minus) // 17p − p
	}
	w.normalize(all)
	tables := make([]multiples[L], count)
	for i := range all {
		tables[i/8][i%8] = jacobian[L](all[i])
	}
	return tables
}

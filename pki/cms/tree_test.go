package cms_test

import (
	"bytes"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// A node is one BER element taken apart, so that an alteration inside it leaves
// the lengths around it right: what is refused then is refused for its meaning.
type node struct {
	tag     byte
	content []byte  // of a primitive element
	members []*node // of a constructed one
}

func (n *node) constructed() bool { return n.tag&0x20 != 0 }

// takeApart reads one element and returns what follows it.
func takeApart(t testing.TB, in []byte) (*node, []byte) {
	require.Greater(t, len(in), 1)
	n, size, body := &node{tag: in[0]}, int(in[1]), in[2:]
	indefinite := size == 0x80
	if size > 0x80 {
		octets := size & 0x7f
		size = 0
		for _, b := range body[:octets] {
			size = size<<8 | int(b)
		}
		body = body[octets:]
	}
	rest := []byte(nil)
	if !indefinite {
		body, rest = body[:size], body[size:]
	}
	if !n.constructed() {
		n.content = bytes.Clone(body)
		return n, rest
	}
	for len(body) > 0 {
		if indefinite && body[0] == 0 {
			return n, body[2:]
		}
		var member *node
		member, body = takeApart(t, body)
		n.members = append(n.members, member)
	}
	return n, rest
}

// encode writes the element with definite lengths, each in the fewest octets.
func (n *node) encode() []byte {
	content := bytes.Clone(n.content)
	for _, m := range n.members {
		content = append(content, m.encode()...)
	}
	if len(content) < 0x80 {
		return append([]byte{n.tag, byte(len(content))}, content...)
	}
	length := big.NewInt(int64(len(content))).Bytes()
	return slices.Concat([]byte{n.tag, 0x80 | byte(len(length))}, length, content)
}

// all lists the elements below, with those that hold them.
func (n *node) all() (members, parents []*node) {
	for _, m := range n.members {
		members, parents = append(members, m), append(parents, n)
		below, above := m.all()
		members, parents = append(members, below...), append(parents, above...)
	}
	return members, parents
}

// clone is a copy that shares nothing.
func (n *node) clone() *node {
	c := &node{tag: n.tag, content: bytes.Clone(n.content)}
	for _, m := range n.members {
		c.members = append(c.members, m.clone())
	}
	return c
}

var otherTags = []byte{0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x17, 0x18, 0x30, 0x31, 0x80, 0x81, 0xa0, 0xa1, 0xa2}

// otherOIDs are algorithms and attributes that may stand where another does.
var otherOIDs = [][]byte{
	{0x2b, 0x0e, 3, 2, 26}, {0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1}, {0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2}, {0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3},
	{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5}, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1}, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5},
	{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10}, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11}, {0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2},
	{0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4}, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1}, {0x67, 0x81, 8, 1, 1, 1},
	{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3}, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 4}, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 5},
}

// alter changes one element below n: its value, its tag, its place, its number.
func (n *node) alter(random *rand.Rand) {
	members, parents := n.all()
	i := random.IntN(len(members))
	m, parent := members[i], parents[i]
	at := slices.Index(parent.members, m)
	other := members[random.IntN(len(members))].clone()
	switch random.IntN(9) {
	case 0:
		parent.members = slices.Delete(parent.members, at, at+1)
	case 1:
		parent.members = slices.Insert(parent.members, at, m.clone())
	case 2:
		second := random.IntN(len(parent.members))
		parent.members[at], parent.members[second] = parent.members[second], m
	case 3:
		parent.members[at] = other
	case 4:
		parent.members = slices.Insert(parent.members, at, other)
	case 5:
		m.tag = m.tag&0x20 | otherTags[random.IntN(len(otherTags))]&^0x20
	case 6:
		m.members, m.content = nil, nil
	case 7:
		m.content = append([]byte{0}, m.content...)
	default:
		m.value(random)
	}
}

// value changes the content of a primitive element, or of one within.
func (n *node) value(random *rand.Rand) {
	switch {
	case len(n.members) > 0:
		n.members[random.IntN(len(n.members))].value(random)
	case n.tag == 0x06:
		n.content = otherOIDs[random.IntN(len(otherOIDs))]
	case len(n.content) > 0:
		n.content[random.IntN(len(n.content))] ^= byte(1 + random.IntN(255))
	}
}

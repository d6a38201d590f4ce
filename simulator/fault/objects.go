package fault

import (
	"slices"

	"cnie/apdu/tlv"
)

// maxObjects of a protected answer: three, and what a fault adds.
const maxObjects = 8

// objects splits a protected answer into its data objects.
func (x *exchange) objects() (objects []tlv.Element, data, sw []byte) {
	data, sw = x.ask()
	objects, err := tlv.ReadAll(data, maxObjects)
	if err != nil {
		return nil, data, sw // not protected: nothing to touch
	}
	return objects, data, sw
}

// join puts an answer together again.
func join(objects []tlv.Element, sw []byte) []byte {
	var out []byte
	for _, o := range objects {
		out = append(out, o.Raw...)
	}
	return append(out, sw...)
}

// tagOf reads the tag of a data object from the table.
func tagOf(s settings) tlv.Tag {
	var tag tlv.Tag
	for _, b := range bytesOf(s["object"]) {
		tag = tag<<8 | tlv.Tag(b)
	}
	return tag
}

// flip changes the last bit of one object's value, of all answers that have it.
func flip(x *exchange, s settings) []byte {
	objects, data, sw := x.objects()
	if o, found := tlv.Find(objects, tagOf(s)); found && len(o.Value) > 0 {
		o.Value[len(o.Value)-1] ^= 1 // inside data, which is a copy
	}
	return append(data, sw...)
}

// without leaves one object out.
func without(x *exchange, s settings) []byte {
	objects, data, sw := x.objects()
	if objects == nil {
		return append(data, sw...)
	}
	tag := tagOf(s)
	return join(slices.DeleteFunc(objects, func(o tlv.Element) bool { return o.Tag == tag }), sw)
}

// reverse puts the objects into the opposite order.
func reverse(x *exchange, _ settings) []byte {
	objects, data, sw := x.objects()
	if objects == nil {
		return append(data, sw...)
	}
	slices.Reverse(objects)
	return join(objects, sw)
}

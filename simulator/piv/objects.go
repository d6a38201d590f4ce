package piv

import "cnie/simulator"

// onObjects checks the parameters of GET DATA and PUT DATA.
func onObjects(cmd simulator.Command) bool { return cmd.P1 == 0x3F && cmd.P2 == 0xFF }

// named reads the tag list of one tag that starts a command's data.
func named(data []byte) (tag Tag, rest []byte, ok bool) {
	outer, name, rest, ok := object(data)
	if !ok || outer != tagList || len(name) == 0 || len(name) > 3 {
		return 0, nil, false
	}
	for _, b := range name {
		tag = tag<<8 | Tag(b)
	}
	return tag, rest, true
}

// has tells whether the card has room for an object of this name.
func (a *Applet) has(tag Tag) bool { return tag.known() || a.token != nil && tag.vendor() }

// getData answers GET DATA, SP 800-73-5 part 2 §3.1.2.
func (a *Applet) getData(cmd simulator.Command) simulator.Response {
	if !onObjects(cmd) {
		return status(swIncorrectP1P2)
	}
	tag, rest, well := named(cmd.Data)
	if !well || len(rest) != 0 {
		return status(swIncorrectData)
	}
	content, there := a.contents.Objects[tag]
	switch {
	case !there:
		return status(swNotFound)
	case tag.private() && !a.verified:
		return status(swSecurityStatus)
	case tag.bare():
		return ok(put(nil, tag, content...))
	}
	return ok(put(nil, tagData, content...))
}

// putData answers PUT DATA, SP 800-73-5 part 2 §3.3.1. An object without content
// is no object.
func (a *Applet) putData(cmd simulator.Command) simulator.Status {
	if !onObjects(cmd) {
		return swIncorrectP1P2
	}
	if !a.managed {
		return swSecurityStatus
	}
	tag, content, well := written(cmd.Data)
	switch {
	case !well:
		return swIncorrectData
	case !a.has(tag):
		return swNotFound
	case len(content) == 0:
		delete(a.contents.Objects, tag)
	default:
		a.contents.Objects[tag] = append([]byte(nil), content...)
	}
	return swOK
}

// written splits the data of PUT DATA: the discovery object and the biometric
// group template come as they are, everything else named and wrapped.
func written(data []byte) (tag Tag, content []byte, ok bool) {
	tag, content, rest, ok := object(data)
	if ok && tag.bare() {
		return tag, content, len(rest) == 0
	}
	tag, rest, ok = named(data)
	if !ok || tag.bare() {
		return 0, nil, false
	}
	outer, content, rest, ok := object(rest)
	return tag, content, ok && outer == tagData && len(rest) == 0
}

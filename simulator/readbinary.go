package simulator

// readBinary answers READ BINARY with the offset in P1-P2, of the current file
// or of one named by its short identifier (ISO 7816-4 §11.3.3).
func (d *directory) readBinary(cmd Command) Response {
	if len(cmd.Data) != 0 {
		return fail(swWrongLength)
	}
	offset := int(cmd.p12())
	if cmd.P1&0x80 != 0 {
		if cmd.P1&0x60 != 0 {
			return fail(swIncorrectP1P2)
		}
		if sw := d.choose(cmd.P1 & 0x1F); sw != swOK {
			return fail(sw)
		}
		offset = int(cmd.P2)
	}
	part, sw := d.part(cmd, offset, 0)
	return Response{Data: part, SW: sw}
}

// readObject answers READ BINARY with the odd instruction: the offset comes in
// an object 54, the bytes go in an object 53. P1-P2 names the file: zero for the
// current one, a short identifier, or a file identifier.
func (d *directory) readObject(cmd Command) Response {
	value, found := only(cmd.Data, 0x54)
	if !found || len(value) == 0 || len(value) > 4 {
		return fail(swIncorrectData)
	}
	offset := 0
	for _, b := range value {
		offset = offset<<8 | int(b)
	}
	if sw := d.chooseP12(cmd.p12()); sw != swOK {
		return fail(sw)
	}
	// Le counts the whole object, header included.
	part, sw := d.part(cmd, offset, headerSize(min(cmd.Ne, cmd.Room)))
	if sw != swOK && sw != swEndOfFile {
		return fail(sw)
	}
	return Response{Data: appendObject(make([]byte, 0, len(part)+4), 0x53, part), SW: sw}
}

// choose makes the file with this short identifier the current one, unless it
// is 0, which means the file that is current already.
func (d *directory) choose(sfi byte) Status {
	if sfi == 0 {
		return swOK
	}
	f, sw := d.find(func(f *file) bool { return f.sfi == sfi })
	if sw == swOK {
		d.current = f
	}
	return sw
}

func (d *directory) chooseP12(p12 uint16) Status {
	if p12 < 0x1F {
		return d.choose(byte(p12))
	}
	f, sw := d.find(func(f *file) bool { return f.fid == p12 })
	if sw == swOK {
		d.current = f
	}
	return sw
}

// part cuts from the current file what the command asked for and what fits
// beside an overhead. It warns when the file ended before.
func (d *directory) part(cmd Command, offset, overhead int) ([]byte, Status) {
	switch {
	case d.current == nil:
		return nil, swNoCurrentFile
	case d.permission(d.current) != swOK:
		return nil, swSecurityStatus
	case cmd.Ne <= overhead:
		return nil, swWrongLength
	case cmd.Ne > cmd.Room && !cmd.Any && cmd.most > 0 && cmd.Room > overhead:
		return nil, swExactLength | Status(min(cmd.Room, maxShortNe-1)) // as much as the buffer holds
	case cmd.Ne > cmd.Room && !cmd.Any:
		return nil, swWrongLength // what was asked for cannot be sent
	case offset < 0 || offset >= len(d.current.content):
		return nil, swWrongOffset
	}
	rest := d.current.content[offset:]
	wanted := min(cmd.Ne, cmd.Room) - overhead
	switch {
	case wanted <= 0:
		return nil, swWrongLength
	case wanted <= len(rest):
		return rest[:wanted], swOK
	case cmd.Any:
		return rest, swOK
	}
	return rest, swEndOfFile
}

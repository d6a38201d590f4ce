package tlv

// Append appends a data object whose value is the concatenation of parts.
func Append(dst []byte, tag Tag, parts ...[]byte) []byte {
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	dst = AppendHeader(dst, tag, length)
	for _, part := range parts {
		dst = append(dst, part...)
	}
	return dst
}

// Encode returns a data object whose value is the concatenation of parts.
func Encode(tag Tag, parts ...[]byte) []byte { return Append(nil, tag, parts...) }

// AppendHeader appends a tag and a length in its shortest form.
func AppendHeader(dst []byte, tag Tag, length int) []byte {
	for shift := 24; shift >= 0; shift -= 8 {
		if tag>>shift != 0 {
			dst = append(dst, byte(tag>>shift))
		}
	}
	switch {
	case length < 0x80:
		return append(dst, byte(length))
	case length < 0x100:
		return append(dst, 0x81, byte(length))
	case length < 0x10000:
		return append(dst, 0x82, byte(length>>8), byte(length))
	}
	return append(dst, 0x83, byte(length>>16), byte(length>>8), byte(length))
}

func headerSize(tag Tag, length int) int {
	var scratch [8]byte
	return len(AppendHeader(scratch[:0], tag, length))
}

package pdf

import "math"

// readStreamSection reads a cross-reference stream (ISO 32000-2 §7.5.8).
func (f *File) readStreamSection(at int64) (Dict, error) {
	_, v, err := f.objectAt(at, nil)
	if err != nil {
		return nil, err
	}
	s, ok := v.(*Stream)
	if !ok || s.Dict["Type"] != Name("XRef") {
		return nil, malformed("no cross-reference section at %d", at)
	}
	content, err := f.Unpack(s, maxUnpacked)
	if err != nil {
		return nil, err
	}
	widths, index, err := layout(s.Dict)
	if err != nil {
		return nil, err
	}
	for i := 0; i+1 < len(index); i += 2 {
		for n := range index[i+1] {
			if len(content) < widths[0]+widths[1]+widths[2] {
				return nil, malformed("a cross-reference stream that ends too soon")
			}
			var e entry
			if e, content, err = readEntry(content, widths); err != nil {
				return nil, err
			}
			f.enter([]row{{int(index[i] + n), e}}, func(entry) bool { return true })
			if err := f.full(); err != nil {
				return nil, err
			}
		}
	}
	return s.Dict, nil
}

// layout reads how wide the fields of the entries are and which objects they
// are about.
func layout(d Dict) (widths [3]int, index []int64, err error) {
	w, _ := d["W"].(Array)
	if len(w) != 3 {
		return widths, nil, malformed("the widths of a cross-reference stream")
	}
	for i := range w {
		n, ok := w[i].(int64)
		if !ok || n < 0 || n > 8 {
			return widths, nil, malformed("the widths of a cross-reference stream")
		}
		widths[i] = int(n)
	}
	size, ok := d["Size"].(int64)
	list, _ := d["Index"].(Array)
	if d["Index"] == nil {
		list = Array{int64(0), size}
	}
	if !ok || len(list)%2 != 0 || widths[1] == 0 {
		return widths, nil, malformed("the extent of a cross-reference stream")
	}
	for _, v := range list {
		n, ok := v.(int64)
		if !ok || n < 0 || n > maxNumber+1 {
			return widths, nil, malformed("the extent of a cross-reference stream")
		}
		index = append(index, n)
	}
	return widths, index, nil
}

func readEntry(content []byte, widths [3]int) (entry, []byte, error) {
	var fields [3]uint64
	for i, w := range widths {
		for _, b := range content[:w] {
			fields[i] = fields[i]<<8 | uint64(b)
		}
		content = content[w:]
	}
	if widths[0] == 0 {
		fields[0] = 1
	}
	if fields[1] > 1<<62 || fields[2] > math.MaxInt32 {
		return entry{}, nil, malformed("an entry of a cross-reference stream")
	}
	switch fields[0] {
	case 0:
		return entry{}, content, nil
	case 1, 2:
		return entry{uint8(fields[0]), int64(fields[1]), int(fields[2])}, content, nil
	}
	return entry{}, nil, malformed("an entry of a cross-reference stream")
}

package main

import (
	"strconv"
	"strings"

	"cnie/pki/adsig/pades/visible"
)

// maxPicture bounds an image for a page, in bytes.
const maxPicture = 8 << 20

// look reads --visible: what is shown on a page says who signed and when, and
// proves nothing.
func (s *signing) look() (*visible.Look, error) {
	if s.visible == "" {
		return nil, nil
	}
	k := &visible.Look{Page: 1, X: 40, Y: 40, Width: 220, Height: 60}
	lengths := map[string]*float64{"x": &k.X, "y": &k.Y, "w": &k.Width, "h": &k.Height}
	for _, part := range strings.Split(s.visible, ",") {
		name, value, _ := strings.Cut(part, "=")
		var err error
		switch length := lengths[name]; {
		case length != nil:
			*length, err = strconv.ParseFloat(value, 64)
		case name == "page":
			k.Page, err = strconv.Atoi(value)
		case name == "image":
			if k.Image, err = readSome(value, maxPicture); err != nil {
				return nil, cannotRead(value, err)
			}
		default:
			return nil, usage("--visible knows page, x, y, w, h and image; %q is none of them", name)
		}
		if err != nil {
			return nil, usage("--visible takes numbers, in points: page=1,x=50,y=50,w=220,h=60")
		}
	}
	holder := "the key"
	if s.key != nil {
		holder = s.key.holder()
	}
	k.Lines = []string{"Signed with the certificate of", holder, s.hand.At.UTC().Format("2006-01-02 15:04 UTC")}
	return k, nil
}

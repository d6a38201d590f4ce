package visible_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"cnie/pki/adsig/pades/visible"
	"cnie/pki/adsig/pdf"
	"cnie/pki/adsig/pdf/pdftest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var a4 = visible.Box{Width: 595, Height: 842}

// show puts a look on the page as a stamp, and returns the file.
func show(t testing.TB, k visible.Look, box visible.Box) string {
	t.Helper()
	document := pdftest.Page("SPECIMEN").Bytes()
	f, err := pdf.Open(bytes.NewReader(document), int64(len(document)))
	require.NoError(t, err)
	u := f.Update()
	widget, err := k.Widget(u, box)
	require.NoError(t, err)
	widget["Type"], widget["Subtype"], widget["F"] = pdf.Name("Annot"), pdf.Name("Stamp"), int64(4)
	p, err := f.Page(1)
	require.NoError(t, err)
	p.Dict["Annots"] = pdf.Array{u.Add(widget)}
	p.Dict["Rotate"] = int64(box.Turn)
	u.Put(p.Ref, p.Dict)
	tail, err := u.Bytes()
	require.NoError(t, err)
	name := filepath.Join(t.TempDir(), "shown.pdf")
	require.NoError(t, os.WriteFile(name, append(document, tail...), 0o600))
	out, err := exec.Command("qpdf", "--check", name).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return name
}

// drawn has poppler draw the page, at a pixel a point.
func drawn(t testing.TB, file string) image.Image {
	t.Helper()
	out, err := exec.Command("pdftoppm", "-r", "72", "-png", "-singlefile", file, strings.TrimSuffix(file, ".pdf")).CombinedOutput()
	require.NoError(t, err, "%s", out)
	content, err := os.ReadFile(strings.TrimSuffix(file, ".pdf") + ".png")
	require.NoError(t, err)
	picture, err := png.Decode(bytes.NewReader(content))
	require.NoError(t, err)
	return picture
}

// ink counts the dark pixels within a rectangle, from the top left corner.
func ink(picture image.Image, r image.Rectangle) (n int) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if c := color.GrayModel.Convert(picture.At(x, y)).(color.Gray); c.Y < 128 {
				n++
			}
		}
	}
	return n
}

func texts(t testing.TB, file string) string {
	t.Helper()
	out, err := exec.Command("pdftotext", file, "-").Output()
	require.NoError(t, err)
	return string(out)
}

// TestScripts writes Latin, Arabic and Tifinagh, alone and in one line; what was
// written can be read back by a program.
func TestScripts(t *testing.T) {
	k := visible.Look{Page: 1, X: 50, Y: 100, Width: 400, Height: 150, Lines: []string{
		"Signé avec le certificat de", "SPECIMEN (ZZ012345)", "محمد العلوي", "بشهادة فاطمة الزهراء 2026", "ⵜⴰⴳⵍⴷⵉⵜ",
	}}
	file := show(t, k, a4)
	said := texts(t, file)
	for _, want := range []string{"Signé avec le certificat de", "SPECIMEN (ZZ012345)", "محمد العلوي", "بشهادة فاطمة الزهراء", "2026", "ⵜⴰⴳⵍⴷⵉⵜ"} {
		assert.Contains(t, said, want)
	}
	picture := drawn(t, file)
	inside := image.Rect(50, 842-250, 450, 842-100)
	assert.Greater(t, ink(picture, inside), 500)
	left, right := inside, inside
	left.Max.X, right.Min.X = 150, 350
	assert.Positive(t, ink(picture, left), "what goes rightward begins on the left")
	assert.Positive(t, ink(picture, right), "what goes leftward begins on the right")
	assert.Equal(t, ink(picture, inside), ink(picture, image.Rect(0, 842-300, 595, 842)), "nothing is drawn beside")
	fonts, err := exec.Command("pdffonts", file).Output()
	require.NoError(t, err)
	assert.Equal(t, 3, strings.Count(string(fonts), "CID TrueType      Identity-H       yes yes yes"), "%s", fonts)
}

// TestTurned draws upright, and where it was asked to, on pages turned each way.
func TestTurned(t *testing.T) {
	k := visible.Look{Page: 1, X: 20, Y: 30, Width: 200, Height: 40, Lines: []string{"SPECIMEN"}}
	for _, turn := range []int{0, 90, 180, 270} {
		box := a4
		box.Turn = turn
		file := show(t, k, box)
		picture := drawn(t, file)
		bottom := picture.Bounds().Max.Y
		where := image.Rect(20, bottom-70, 220, bottom-30)
		assert.Greater(t, ink(picture, where), 50, "turned by %d", turn)
		where.Max.X = 120
		assert.Greater(t, ink(picture, where), 40, "turned by %d: not upright", turn)
		assert.Contains(t, texts(t, file), "SPECIMEN")
	}
}

// TestLongText is broken into lines, and made smaller until it fits.
func TestLongText(t *testing.T) {
	k := visible.Look{Page: 1, X: 50, Y: 100, Width: 150, Height: 60, Lines: []string{strings.Repeat("SPECIMEN ", 12), strings.Repeat("نموذج ", 12)}}
	file := show(t, k, a4)
	assert.Equal(t, 13, strings.Count(texts(t, file), "SPECIMEN"))
	picture := drawn(t, file)
	assert.Equal(t, ink(picture, image.Rect(50, 842-160, 200, 842-100)), ink(picture, image.Rect(0, 842-300, 595, 842)))
}

func red(w, h int, alpha uint8) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		m.Set(i%w, i/w, color.NRGBA{120, 0, 0, alpha})
	}
	return m
}

// TestImages draws a PNG, one with transparency and JPEGs, alone and with text.
func TestImages(t *testing.T) {
	encode := func(f func(*bytes.Buffer) error) []byte {
		var b bytes.Buffer
		require.NoError(t, f(&b))
		return b.Bytes()
	}
	gray := image.NewGray(image.Rect(0, 0, 40, 20))
	for name, data := range map[string][]byte{
		"png":         encode(func(b *bytes.Buffer) error { return png.Encode(b, red(40, 20, 255)) }),
		"transparent": encode(func(b *bytes.Buffer) error { return png.Encode(b, red(40, 20, 240)) }),
		"jpeg":        encode(func(b *bytes.Buffer) error { return jpeg.Encode(b, red(40, 20, 255), nil) }),
		"gray jpeg":   encode(func(b *bytes.Buffer) error { return jpeg.Encode(b, gray, nil) }),
	} {
		t.Run(name, func(t *testing.T) {
			alone := visible.Look{Page: 1, X: 100, Y: 100, Width: 106, Height: 56, Image: data}
			assert.InDelta(t, 100*50, ink(drawn(t, show(t, alone, a4)), image.Rect(100, 842-156, 206, 842-100)), 200)
			beside := visible.Look{Page: 1, X: 100, Y: 100, Width: 300, Height: 56, Image: data, Lines: []string{"SPECIMEN"}}
			file := show(t, beside, a4)
			assert.Contains(t, texts(t, file), "SPECIMEN")
			assert.InDelta(t, 97*48.5, ink(drawn(t, file), image.Rect(100, 842-156, 199, 842-100)), 200)
		})
	}
}

func TestRefusedLooks(t *testing.T) {
	document := pdftest.Page("SPECIMEN").Bytes()
	f, err := pdf.Open(bytes.NewReader(document), int64(len(document)))
	require.NoError(t, err)
	line := []string{"SPECIMEN"}
	for name, k := range map[string]visible.Look{
		"nothing":     {Width: 100, Height: 50},
		"no room":     {Width: 0, Height: 50, Lines: line},
		"beside":      {X: 550, Width: 100, Height: 50, Lines: line},
		"below":       {Y: -10, Width: 100, Height: 50, Lines: line},
		"not a place": {X: nan(), Width: 100, Height: 50, Lines: line},
		"long line":   {Width: 100, Height: 50, Lines: []string{strings.Repeat("x", 1000)}},
		"many lines":  {Width: 100, Height: 50, Lines: make([]string, 100)},
		"no image":    {Width: 100, Height: 50, Image: []byte("GIF89a")},
		"cut image":   {Width: 100, Height: 50, Image: []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde")},
	} {
		_, err := k.Widget(f.Update(), a4)
		assert.ErrorIs(t, err, visible.ErrLook, name)
	}
	_, err = (&visible.Look{Lines: line}).Fill(f.Update(), 2, 2)
	assert.ErrorIs(t, err, visible.ErrLook)
}

func nan() float64 { var zero float64; return zero / zero }

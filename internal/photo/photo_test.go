package photo

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/vectors"
	"cnie/lds"
)

// face gives a file of testdata the way that a DG2 does.
func face(t testing.TB, b []byte) lds.Face {
	dg2, err := lds.EncodeDG2([]lds.Face{{Image: b}})
	require.NoError(t, err)
	faces, err := lds.ParseDG2(dg2)
	require.NoError(t, err)
	return faces[0]
}

func load(t testing.TB, name string) []byte {
	b, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return b
}

func loadPNG(t testing.TB, name string) image.Image {
	img, err := png.Decode(bytes.NewReader(load(t, name)))
	require.NoError(t, err)
	return img
}

func decodePNG(t testing.TB, p Picture) image.Image {
	require.Equal(t, "image/png", p.MIME)
	img, err := png.Decode(bytes.NewReader(p.Data))
	require.NoError(t, err)
	assert.Equal(t, image.Pt(p.Width, p.Height), img.Bounds().Size())
	return img
}

// distance is the mean difference of the samples of two pictures, 0 … 255.
func distance(t testing.TB, a, b image.Image) float64 {
	require.Equal(t, a.Bounds().Size(), b.Bounds().Size())
	sum, size := 0, a.Bounds().Size()
	abs := func(x int) int { return max(x, -x) }
	for y := range size.Y {
		for x := range size.X {
			p := color.RGBAModel.Convert(a.At(x, y)).(color.RGBA)
			q := color.RGBAModel.Convert(b.At(x, y)).(color.RGBA)
			sum += abs(int(p.R)-int(q.R)) + abs(int(p.G)-int(q.G)) + abs(int(p.B)-int(q.B))
		}
	}
	return float64(sum) / float64(3*size.X*size.Y)
}

// What OpenJPEG decodes is seen here too, give or take a rounding.
func TestJPEG2000(t *testing.T) {
	for name, reference := range map[string]string{
		"colour-lossless.jp2": "pattern.png",
		"colour-lossy.jp2":    "colour-lossy.png",
		"colour-layers.j2k":   "colour-layers.png",
		"tiles.j2k":           "tiles.png",
		"grey.j2k":            "grey.png",
	} {
		p, err := Render(face(t, load(t, name)))
		require.NoError(t, err, name)
		got, want := decodePNG(t, p), loadPNG(t, reference)
		if reference == "pattern.png" {
			assert.Zero(t, distance(t, want, got), name)
		}
		assert.Less(t, distance(t, want, got), 0.5, name)
	}
}

func TestJPEG(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, loadPNG(t, "pattern.png"), nil))
	p, err := Render(face(t, b.Bytes()))
	require.NoError(t, err)
	assert.Equal(t, Picture{"image/jpeg", b.Bytes(), 90, 120}, p, "passed on as it is")
	for n := range b.Len() - 2 {
		_, err := Render(lds.Face{Format: lds.JPEG, Image: b.Bytes()[:n]})
		require.Error(t, err, "cut to %d bytes", n)
	}
	scans := append(bytes.Clone(b.Bytes()), bytes.Repeat([]byte{0xFF, 0xDA}, maxScans)...)
	_, err = Render(lds.Face{Format: lds.JPEG, Image: scans})
	assert.ErrorContains(t, err, "scans")
}

func TestJPEGTooLarge(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 4097)), nil))
	_, err := Render(lds.Face{Format: lds.JPEG, Image: b.Bytes()})
	assert.ErrorContains(t, err, "8 by 4097")
	_, err = Render(lds.Face{Format: lds.JPEG, Image: make([]byte, maxBytes+1)})
	assert.Error(t, err)
	_, err = Render(lds.Face{Image: []byte("GIF89a")})
	assert.Error(t, err)
}

// edit changes the bytes that follow the first marker found.
func edit(b []byte, marker string, at int, with string) []byte {
	b = bytes.Clone(b)
	copy(b[bytes.Index(b, []byte(marker))+2+at:], with)
	return b
}

func TestJPEG2000Refused(t *testing.T) {
	const siz, cod, sot = "\xFF\x51", "\xFF\x52", "\xFF\x90"
	good := load(t, "colour-layers.j2k")
	for name, v := range map[string]struct {
		b    []byte
		want string
	}{
		"width 2^31":         {edit(good, siz, 4, "\x7F\xFF\xFF\xFF"), "by 120 pixels"},
		"width 4097":         {edit(good, siz, 4, "\x00\x00\x10\x01"), "4097"},
		"4096 by 4096":       {edit(good, siz, 4, "\x00\x00\x10\x00\x00\x00\x10\x00"), "pixels"},
		"width 0":            {edit(good, siz, 4, "\x00\x00\x00\x00"), "0 by 120"},
		"offset past width":  {edit(good, siz, 12, "\x00\x00\x00\x5A"), "empty"},
		"tile width 0":       {edit(good, siz, 20, "\x00\x00\x00\x00"), "tiles"},
		"tile width 1":       {edit(good, siz, 20, "\x00\x00\x00\x01"), "tiles"},
		"5 components":       {edit(good, siz, 36, "\x00\x05"), "components"},
		"16384 components":   {edit(good, siz, 36, "\x40\x00"), "components"},
		"16 bits":            {edit(good, siz, 38, "\x0F"), "8 bits"},
		"layers":             {edit(good, cod, 4, "\xFF\xFF"), "layers"},
		"levels":             {edit(good, cod, 7, "\x20"), "levels"},
		"tiny code blocks":   {edit(good, cod, 8, "\x00\x00"), "code blocks"},
		"huge code blocks":   {edit(good, cod, 8, "\x0F\x0F"), "code blocks"},
		"empty precincts":    {edit(good, cod, 12, "\x00"), "precincts"},
		"levels, precincts":  {edit(good, cod, 7, "\x09"), "precincts"},
		"tile 9":             {edit(good, sot, 2, "\x00\x09"), "tile"},
		"tile-part length":   {edit(good, sot, 4, "\x7F\xFF\xFF\xFF"), "cut off"},
		"region of interest": {load(t, "roi.j2k"), "marker FF5E"},
		"subsampling":        {load(t, "sub.j2k"), "subsampling"},
		"only the start":     {good[:4], "cut off"},
		"no tile":            {good[:bytes.Index(good, []byte(sot))], "marker 0000"},
	} {
		_, err := Render(lds.Face{Format: lds.JPEG2000, Image: v.b})
		assert.ErrorContains(t, err, v.want, name)
	}
}

func TestManyPrecinctsRefused(t *testing.T) {
	w := walker{width: 1024, height: 1024}
	assert.NoError(t, w.precincts([]byte{0x55, 0x77}))
	assert.Error(t, w.precincts([]byte{0x55, 0x44}))
}

func TestJP2Refused(t *testing.T) {
	good := load(t, "colour-lossless.jp2")
	change := func(old, new string) []byte {
		require.Contains(t, string(good), old)
		return []byte(strings.Replace(string(good), old, new, 1))
	}
	for name, b := range map[string][]byte{
		"no codestream":  change("jp2c", "jp2x"),
		"palette":        change("colr", "pclr"),
		"colour space":   change("\x00\x00\x00\x10\x00", "\x00\x00\x00\x63\x00"),
		"length 4":       append([]byte{0, 0, 0, 4}, good[4:]...),
		"length past it": append([]byte{0x7F, 0, 0, 0}, good[4:]...),
		"64-bit length":  append([]byte("\x00\x00\x00\x01jP  \xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), good...),
		"33 boxes":       bytes.Repeat([]byte("\x00\x00\x00\x08free"), 33),
	} {
		_, err := Render(lds.Face{Format: lds.JPEG2000, Image: b})
		assert.Error(t, err, name)
	}
}

func TestLuminanceAndChrominance(t *testing.T) {
	in := image.NewRGBA(image.Rect(0, 0, 1, 1))
	y, cb, cr := color.RGBToYCbCr(200, 100, 50)
	in.SetRGBA(0, 0, color.RGBA{y, cb, cr, 0xFF})
	got := fromYCC(in).At(0, 0).(color.RGBA)
	assert.InDelta(t, 200, got.R, 2)
	assert.InDelta(t, 100, got.G, 2)
	assert.InDelta(t, 50, got.B, 2)
}

// A stream whose headers are sane and whose packets are garbage must come to an
// end, as a picture or as an error.
func TestGarbageInPackets(t *testing.T) {
	good := load(t, "colour-layers.j2k")
	start := bytes.Index(good, []byte{0xFF, 0x93}) + 2
	for at := start; at < len(good)-2; at += 31 {
		b := bytes.Clone(good)
		for i := at; i < min(at+5, len(b)-2); i++ {
			b[i] ^= 0x5A
		}
		_, _ = Render(lds.Face{Format: lds.JPEG2000, Image: b})
	}
}

func TestBSISpecimenPortrait(t *testing.T) {
	faces, err := lds.ParseDG2(vectors.File(t, "bsi2008", "Datagroup2.bin"))
	require.NoError(t, err)
	p, err := Render(faces[0])
	require.NoError(t, err)
	assert.Equal(t, []int{413, 531}, []int{p.Width, p.Height})
}

// FuzzRender starts from two small pictures: decoding the larger ones under
// instrumentation would take all its time.
func FuzzRender(f *testing.F) {
	for _, name := range []string{"grey.j2k", "colour-lossy.jp2"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, format := range []lds.ImageFormat{lds.JPEG, lds.JPEG2000} {
			p, err := Render(lds.Face{Format: format, Image: b})
			if err == nil && (p.Width < 1 || p.Height < 1 || len(p.Data) == 0) {
				t.Fatal("picture of no size")
			}
		}
	})
}

// FuzzHeaders stays before the decoder.
func FuzzHeaders(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.j*")
	for _, name := range files {
		b, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(_ *testing.T, b []byte) {
		if stream, _, err := openJP2(b); err == nil {
			_, _ = checkCodestream(stream)
		}
	})
}

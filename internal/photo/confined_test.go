package photo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
)

// TestMain lets this binary be its own child, as the program is. The other roles
// are children that a hostile picture has taken over: they run confined, and do
// what such a picture would want.
func TestMain(m *testing.M) {
	if len(os.Args) != 2 {
		os.Exit(m.Run())
	}
	switch role, known := takenOver[os.Args[1]]; {
	case os.Args[1] == Command:
		os.Exit(Child(os.Stdin, os.Stdout))
	case known:
		if err := confine(); err != nil {
			fmt.Println("not confined:", err)
			os.Exit(1)
		}
		role()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var takenOver = map[string]func(){
	"spin": func() {
		for n := 0; ; n++ { // the processor's time is limited
		}
	},
	"hog": func() {
		for hoard := [][]byte{}; ; {
			hoard = append(hoard, bytes.Repeat([]byte{1}, 16<<20))
		}
	},
	"babble": func() {
		for {
			if _, err := os.Stdout.Write(make([]byte, 1<<20)); err != nil {
				return
			}
		}
	},
	"forge":  func() { fmt.Print("<svg onload='alert(1)'/>") },
	"silent": func() {},
	"fall":   func() { panic("taken over") },
	"lie":    func() { os.Exit(exitUnconfined) },
	"escape": escape,
}

// escape tries the doors, and says which are open.
func escape() {
	try := func(door string, err error) {
		if err == nil {
			fmt.Println("open:", door)
		}
	}
	_, err := os.ReadFile("/etc/passwd")
	try("read a file", err)
	try("write a file", os.WriteFile(filepath.Join(os.TempDir(), "escaped"), []byte("x"), 0o600))
	_, err = net.Dial("udp", "127.0.0.1:53")
	try("network", err)
	_, err = net.Listen("tcp", "127.0.0.1:0")
	try("listen", err)
	try("another program", exec.Command("/bin/true").Run())
	parent, err := os.FindProcess(os.Getppid())
	if err == nil {
		err = parent.Signal(os.Interrupt)
	}
	try("signal the parent", err)
	try("change directory", os.Chdir("/"))
	_, _, err = os.Pipe()
	try("new descriptor", err)
	fmt.Println("tried")
}

func role(name string) *exec.Cmd {
	return &exec.Cmd{Path: executable(), Args: []string{os.Args[0], name}}
}

func portrait(t testing.TB) lds.Face {
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, loadPNG(t, "pattern.png"), nil))
	return face(t, b.Bytes())
}

func TestConfinedIsRender(t *testing.T) {
	faces := map[string]lds.Face{"JPEG": portrait(t)}
	for _, name := range []string{"colour-lossless.jp2", "colour-lossy.jp2", "colour-layers.j2k", "tiles.j2k", "grey.j2k"} {
		faces[name] = face(t, load(t, name))
	}
	for name, f := range faces {
		want, err := Render(f)
		require.NoError(t, err, name)
		got, err := Confined(t.Context(), f)
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
	}
}

func TestConfinedRefuses(t *testing.T) {
	good := load(t, "colour-layers.j2k")
	for name, b := range map[string][]byte{
		"a bomb":      edit(good, "\xFF\x51", 4, "\x7F\xFF\xFF\xFF\x7F\xFF\xFF\xFF"),
		"levels":      edit(good, "\xFF\x52", 7, "\x20"),
		"cut off":     good[:len(good)/2],
		"nothing":     {},
		"no picture":  []byte("GIF89a"),
		"too long":    make([]byte, maxBytes+1),
		"JPEG, huge":  hugeJPEG(t),
		"JPEG, empty": []byte("\xFF\xD8\xFF\xD9"),
	} {
		for _, format := range []lds.ImageFormat{lds.JPEG, lds.JPEG2000} {
			_, err := Confined(t.Context(), lds.Face{Format: format, Image: b})
			require.ErrorIs(t, err, ErrNotShown, name)
			assert.Equal(t, &Failure{Refused}, err, name)
		}
	}
}

func hugeJPEG(t testing.TB) []byte {
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil))
	return edit(b.Bytes(), "\xFF\xC0", 3, "\xFF\xFF\xFF\xFF")
}

// Whatever a picture makes of the child, the program gets an error and goes on.
func TestTakenOver(t *testing.T) {
	for name, want := range map[string]Reason{
		"spin": TimedOut, "hog": Crashed, "babble": BadOutput, "forge": BadOutput,
		"silent": BadOutput, "fall": Crashed, "lie": Unconfined, "escape": BadOutput,
	} {
		patience := time.Minute
		if name == "spin" {
			patience = 300 * time.Millisecond
		}
		_, err := confined(t.Context(), role(name), patience, portrait(t))
		assert.Equal(t, &Failure{want}, err, name)
	}
	_, err := confined(t.Context(), &exec.Cmd{Path: "/nowhere"}, time.Minute, portrait(t))
	assert.Equal(t, &Failure{Unconfined}, err)
}

func TestConfinedEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err := confined(ctx, role("spin"), time.Minute, portrait(t))
	require.ErrorIs(t, err, context.Canceled)
	_, err = Confined(ctx, portrait(t))
	assert.ErrorIs(t, err, context.Canceled)
}

// The child has nothing of the parent's environment: no variable switches
// anything in it.
func TestNoEnvironment(t *testing.T) {
	t.Setenv("GODEBUG", "gctrace=1")
	t.Setenv("LD_PRELOAD", "/nowhere.so")
	_, err := Confined(t.Context(), portrait(t))
	assert.NoError(t, err)
}

func TestPlainPNG(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, loadPNG(t, "pattern.png")))
	width, height, ok := plainPNG(b.Bytes())
	assert.Equal(t, []any{90, 120, true}, []any{width, height, ok})
	for n := range b.Len() {
		_, _, ok := plainPNG(b.Bytes()[:n])
		require.False(t, ok, "cut to %d bytes", n)
	}
	for i := range b.Len() {
		changed := bytes.Clone(b.Bytes())
		changed[i] ^= 0x20
		_, _, ok := plainPNG(changed)
		require.False(t, ok, "byte %d changed", i)
	}
	_, _, ok = plainPNG(append(b.Bytes(), "<script>"...))
	assert.False(t, ok, "something after the end")
}

// BenchmarkConfined is what a counter waits for: a portrait of 400 by 500 pixels
// in some 20 kB.
func BenchmarkConfined(b *testing.B) {
	img := image.NewRGBA(image.Rect(0, 0, 400, 500))
	for i := range img.Pix {
		img.Pix[i] = byte(i/1600 + i%1600/13 + i%7)
	}
	var encoded bytes.Buffer
	require.NoError(b, jpeg.Encode(&encoded, img, &jpeg.Options{Quality: 40}))
	b.ReportMetric(float64(encoded.Len()), "bytes")
	for b.Loop() {
		_, err := Confined(b.Context(), lds.Face{Format: lds.JPEG, Image: encoded.Bytes()})
		require.NoError(b, err)
	}
}

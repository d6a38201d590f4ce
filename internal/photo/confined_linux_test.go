package photo

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
)

// Every door is tried from inside, first without the fence, to know that the
// attempts can succeed, and then with it.
func TestNothingEscapes(t *testing.T) {
	out, err := role("escape").Output()
	require.NoError(t, err)
	assert.Equal(t, "tried\n", string(out))
}

// The greatest JPEG 2000 picture that the bounds admit, made by OpenJPEG, is decoded
// within the limits, and its memory is seen to stay below them.
func TestGreatestPictureFits(t *testing.T) {
	const width, height = 2048, 1024
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = byte(i*i>>7) | byte(i%4/3*0xFF)
	}
	dir := t.TempDir()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "in.png"), b.Bytes(), 0o600))
	jp2 := filepath.Join(dir, "out.jp2")
	out, err := exec.Command("opj_compress", "-i", filepath.Join(dir, "in.png"), "-o", jp2, "-r", "20").CombinedOutput()
	require.NoError(t, err, "%s", out)
	encoded, err := os.ReadFile(jp2)
	require.NoError(t, err)

	// The limits of memory and processor time hold; how long that takes is the machine's.
	p, err := confined(t.Context(), self(), time.Minute, lds.Face{Format: lds.JPEG2000, Image: encoded})
	require.NoError(t, err)
	assert.Equal(t, []int{width, height}, []int{p.Width, p.Height})

	back := filepath.Join(dir, "back.png")
	out, err = exec.Command("opj_decompress", "-i", jp2, "-o", back).CombinedOutput()
	require.NoError(t, err, "%s", out)
	reference, err := os.ReadFile(back)
	require.NoError(t, err)
	want, err := png.Decode(bytes.NewReader(reference))
	require.NoError(t, err)
	assert.Less(t, distance(t, want, decodePNG(t, p)), 0.5)

	child := self()
	child.Stdin = bytes.NewReader(append([]byte{byte(lds.JPEG2000)}, encoded...))
	child.Stdout = &bounded{room: maxOutput}
	require.NoError(t, child.Run())
	peak := child.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
	t.Logf("peak of the child: %d MiB, its processor time %v", peak>>20, child.ProcessState.UserTime())
	assert.Less(t, peak, int64(maxMemory))
}

// A child that hoards memory falls at its limit, long before the machine does.
func TestMemoryEnds(t *testing.T) {
	hog := role("hog")
	require.Error(t, hog.Run())
	peak := hog.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
	t.Logf("peak of the hog: %d MiB", peak>>20)
	assert.Greater(t, peak, int64(maxMemory/4), "it did hoard")
	assert.Less(t, peak, int64(maxMemory))
}

// What the kernel says of a confined process is what was asked for.
func TestKernelConfirms(t *testing.T) {
	spinning := role("spin")
	require.NoError(t, spinning.Start())
	defer func() { _ = spinning.Process.Kill(); _ = spinning.Wait() }()
	proc := "/proc/" + strconv.Itoa(spinning.Process.Pid)
	require.Eventually(t, func() bool {
		status, err := os.ReadFile(proc + "/status")
		return err == nil && strings.Contains(string(status), "Seccomp:\t2") && strings.Contains(string(status), "NoNewPrivs:\t1")
	}, time.Minute, 10*time.Millisecond)
	limits, err := os.ReadFile(proc + "/limits")
	require.NoError(t, err)
	for _, limit := range []string{"Max cpu time 10 10 seconds", "Max file size 0 0 bytes", "Max open files 0 0 files", "Max data size 536870912 536870912 bytes"} {
		assert.Contains(t, strings.Join(strings.Fields(string(limits)), " "), limit)
	}
}

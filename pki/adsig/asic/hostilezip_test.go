package asic_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"io/fs"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func make1100() (parts []part) {
	for i := range 1100 {
		parts = append(parts, part{"f" + strconv.Itoa(i), nil})
	}
	return parts
}

// raw makes a container with one more file, whose header a test writes.
func raw(t testing.TB, parts []part, h *zip.FileHeader) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	good := pack(t, parts)
	old, err := zip.NewReader(bytes.NewReader(good), int64(len(good)))
	require.NoError(t, err)
	for _, f := range old.File {
		require.NoError(t, z.Copy(f))
	}
	w, err := z.CreateHeader(h)
	require.NoError(t, err)
	_, err = io.WriteString(w, "/etc/passwd")
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

func linked(t testing.TB, parts []part) []byte {
	h := &zip.FileHeader{Name: "link"}
	h.SetMode(fs.ModeSymlink | 0o777)
	return raw(t, parts, h)
}

// renamed has an extra field with another name, which some programs take.
func renamed(t testing.TB, parts []part) []byte {
	extra := append([]byte{0x75, 0x70, 9, 0, 1, 0, 0, 0, 0}, "evil"...)
	return raw(t, parts, &zip.FileHeader{Name: "good", Extra: extra})
}

// hidden has a file that only programs see that read from the front.
func hidden(t testing.TB, parts []part) []byte {
	b := pack(t, append(append([]part(nil), parts...), part{"hidden.txt", []byte("hidden")}))
	end := len(b) - 22
	last := bytes.LastIndex(b, []byte("PK\x01\x02"))
	length := end - last
	b = append(bytes.Clone(b[:last]), b[end:]...)
	end = len(b) - 22
	le := binary.LittleEndian
	le.PutUint16(b[end+8:], le.Uint16(b[end+8:])-1)
	le.PutUint16(b[end+10:], le.Uint16(b[end+10:])-1)
	le.PutUint32(b[end+12:], le.Uint32(b[end+12:])-uint32(length))
	return b
}

func compressed(t testing.TB, parts []part) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.Create(p.name)
		require.NoError(t, err)
		_, err = w.Write(p.content)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

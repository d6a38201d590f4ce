package hostiletest

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// needle is one datum in one encoding.
type needle struct {
	name  string
	bytes []byte
	// digits: neither a digit nor a point stands beside it. Six digits are
	// otherwise found in any long number.
	digits bool
}

// search looks for all needles at once.
type search struct {
	byStart map[[4]byte][]needle
	start   [1 << 16]bool
	count   int
}

func (s *search) add(n needle) {
	if s.byStart == nil {
		s.byStart = map[[4]byte][]needle{}
	}
	key := [4]byte(n.bytes)
	for _, known := range s.byStart[key] {
		if bytes.Equal(known.bytes, n.bytes) {
			return
		}
	}
	s.byStart[key] = append(s.byStart[key], n)
	s.start[binary.BigEndian.Uint16(key[:])] = true
	s.count++
}

// text adds a datum as programs write texts.
func (s *search) text(name, datum string) {
	numeric := strings.Trim(datum, "0123456789") == ""
	for _, form := range []string{datum, strings.ToLower(datum), strings.ToUpper(datum[:1]) + strings.ToLower(datum[1:])} {
		s.add(needle{name + " as UTF-8", []byte(form), numeric})
		units := utf16.Encode([]rune(form))
		for order, put := range map[string]binary.AppendByteOrder{"LE": binary.LittleEndian, "BE": binary.BigEndian} {
			var wide []byte
			for _, u := range units {
				wide = put.AppendUint16(wide, u)
			}
			s.add(needle{name + " as UTF-16" + order, wide, false})
		}
		s.raw(name, []byte(form))
		for kind, escaped := range map[string]string{
			"in an address": url.QueryEscape(form), "in ASCII": strings.Trim(strconv.QuoteToASCII(form), `"`), "in HTML": html.EscapeString(form),
		} {
			s.add(needle{name + " " + kind, []byte(escaped), numeric})
		}
	}
}

// raw adds bytes in hexadecimal and in base64, wherever in it they begin.
func (s *search) raw(name string, datum []byte) {
	s.add(needle{name + " in hex", []byte(hex.EncodeToString(datum)), false})
	s.add(needle{name + " in hex", []byte(strings.ToUpper(hex.EncodeToString(datum))), false})
	for shift := range 3 {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			// What a character shares with the bytes around is left out.
			whole := encoding.EncodeToString(append(make([]byte, shift), datum...))
			first, last := (shift*8+5)/6, (shift+len(datum))*8/6
			s.add(needle{fmt.Sprintf("%s in base64, %d", name, shift), []byte(whole[first:last]), false})
		}
	}
}

// find is where a needle was found.
type find struct {
	needle string
	where  string
	at     int
	around string
}

func (f find) String() string {
	return fmt.Sprintf("%s: %s at %#x: %q", f.where, f.needle, f.at, f.around)
}

// in looks through bytes, and through what is compressed in them.
func (s *search) in(where string, hay []byte) (found []find) {
	for i := 0; i+4 <= len(hay); i++ {
		if hay[i] == 0x1f && hay[i+1] == 0x8b && hay[i+2] == 8 {
			found = append(found, s.unzipped(where, hay[i:])...)
		}
		if !s.start[uint16(hay[i])<<8|uint16(hay[i+1])] {
			continue
		}
		for _, n := range s.byStart[[4]byte(hay[i:])] {
			end := i + len(n.bytes)
			if !bytes.HasPrefix(hay[i:], n.bytes) || n.digits && (i > 0 && numeral(hay[i-1]) || end < len(hay) && numeral(hay[end])) {
				continue
			}
			found = append(found, find{n.name, where, i, string(hay[max(0, i-60):min(len(hay), end+60)])})
		}
	}
	return found
}

func numeral(b byte) bool { return '0' <= b && b <= '9' || b == '.' }

func (s *search) unzipped(where string, hay []byte) []find {
	r, err := gzip.NewReader(bytes.NewReader(hay))
	if err != nil {
		return nil
	}
	plain, _ := io.ReadAll(io.LimitReader(r, 16<<20)) // what comes before it breaks off
	return s.in(where+" (gzip)", plain)
}

// files looks through everything below a folder, and tells how much that was.
func (s *search) files(t testing.TB, dir string) (found []find, looked int) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		found = append(found, s.in(path+" (its name)", []byte(path))...)
		content, err := os.ReadFile(path)
		looked += len(content)
		found = append(found, s.in(path, content)...)
		return err
	}))
	return found, looked
}

// The search finds what it looks for in each encoding, and is not deceived by a
// long number.
func TestSearchFinds(t *testing.T) {
	var s search
	s.text("name", "QUOLZANBERK")
	s.text("CAN", "748293")
	s.raw("photo", []byte("\x01\x02\xff\xfe\x80sixteen of it"))
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, err := w.Write([]byte("<td>QUOLZANBERK</td>"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	for _, hay := range []string{
		"x QUOLZANBERK", "Quolzanberk<", `{"can":"748293"}`, "Q\x00U\x00O\x00L\x00Z\x00A\x00N\x00B\x00E\x00R\x00K\x00", "51554f4c5a414e4245524b", "..." + zipped.String(),
		base64.StdEncoding.EncodeToString([]byte("a QUOLZANBERK")), base64.URLEncoding.EncodeToString([]byte("ab QUOLZANBERK ab")), base64.StdEncoding.EncodeToString([]byte("QUOLZANBERKabc")),
		base64.StdEncoding.EncodeToString([]byte("\x01\x02\xff\xfe\x80sixteen of it")), hex.EncodeToString([]byte("abc\x01\x02\xff\xfe\x80sixteen of it")),
	} {
		assert.NotEmpty(t, s.in("here", []byte(hay)), "%q", hay)
	}
	for _, hay := range []string{"1748293", "7482930", "0.748293", "QUOLZANBER", "51554f4c5a414e"} {
		assert.Empty(t, s.in("here", []byte(hay)), hay)
	}
}

package receipt

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"

	"github.com/skip2/go-qrcode"
)

// Code is what the QR code of a receipt says: the transaction, its index in the
// ledger and the hash of its leaf, which whoever checks compares with the proof of
// the ledger. It is compact JSON, or the query of the address for checking.
func (r Receipt) Code() string {
	leaf := base64.RawURLEncoding.EncodeToString(r.Proof.Leaf)
	index := strconv.FormatUint(r.Proof.Index, 10)
	if r.URL != "" {
		return r.URL + "?" + url.Values{"t": {r.facts.Transaction}, "i": {index}, "h": {leaf}}.Encode()
	}
	b, _ := json.Marshal(struct { // three strings cannot fail
		T string `json:"t"`
		I string `json:"i"`
		H string `json:"h"`
	}{r.facts.Transaction, index, leaf})
	return string(b)
}

// modules are the dark squares, with the quiet zone of four that ISO/IEC 18004
// §9.1 wants.
func (r Receipt) modules() ([][]bool, error) {
	code, err := qrcode.New(r.Code(), qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("make a QR code: %w", err)
	}
	return code.Bitmap(), nil
}

// drawing is the QR code as it stands in the page: one path, a square for each
// run of dark modules in a row.
type drawing struct {
	Size int
	Path template.HTMLAttr
}

func draw(modules [][]bool) drawing {
	var path strings.Builder
	for y, row := range modules {
		for x := 0; x < len(row); x++ {
			start := x
			for x < len(row) && row[x] {
				x++
			}
			if x > start {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", start, y, x-start, x-start)
			}
		}
	}
	return drawing{len(modules), template.HTMLAttr(`d="` + path.String() + `"`)} // digits and letters of ours alone
}

package asic

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// Namespaces and media types of EN 319 162-1 annex A.
const (
	asicSpace = "http://uri.etsi.org/02918/v1.2.1#"
	dsigSpace = "http://www.w3.org/2000/09/xmldsig#"

	signatureType = "application/pkcs7-signature"
	stampType     = "application/vnd.etsi.timestamp-token"
	manifestType  = "text/xml"
	anyType       = "application/octet-stream"
)

// digestMethods are the names that XML has for hashes (RFC 6931 §2.1).
var digestMethods = map[string]crypto.Hash{
	"http://www.w3.org/2000/09/xmldsig#sha1":        crypto.SHA1,
	"http://www.w3.org/2001/04/xmlenc#sha256":       crypto.SHA256,
	"http://www.w3.org/2001/04/xmldsig-more#sha384": crypto.SHA384,
	"http://www.w3.org/2001/04/xmlenc#sha512":       crypto.SHA512,
}

func methodOf(h crypto.Hash) string {
	for method, known := range digestMethods {
		if known == h {
			return method
		}
	}
	return ""
}

// manifest is an ASiCManifest (EN 319 162-1 §A.4): which signature or timestamp
// is over it, and what it covers.
type manifest struct {
	by     string // name of the signature or timestamp
	covers []reference
}

// reference is one DataObjectReference.
type reference struct {
	name, mime string
	hash       crypto.Hash
	digest     []byte
}

// The elements as they are written and read. Attributes and elements that are not
// here are extensions, which do not change what is covered.
type xmlManifest struct {
	XMLName xml.Name
	By      []xmlSigReference  `xml:"http://uri.etsi.org/02918/v1.2.1# SigReference"`
	Covers  []xmlDataReference `xml:"http://uri.etsi.org/02918/v1.2.1# DataObjectReference"`
}

type xmlSigReference struct {
	URI  string `xml:"URI,attr"`
	MIME string `xml:"MimeType,attr,omitempty"`
}

type xmlDataReference struct {
	URI     string      `xml:"URI,attr"`
	MIME    string      `xml:"MimeType,attr"`
	Methods []xmlMethod `xml:"http://www.w3.org/2000/09/xmldsig# DigestMethod"`
	Values  []string    `xml:"http://www.w3.org/2000/09/xmldsig# DigestValue"`
}

type xmlMethod struct {
	Algorithm string `xml:"Algorithm,attr"`
}

// parseManifest reads a manifest strictly: one signature, one hash for each file,
// no file twice.
func parseManifest(text []byte) (*manifest, error) {
	var x xmlManifest
	if err := wellFormed(text); err != nil {
		return nil, malformed("manifest: %v", err)
	}
	if err := xml.Unmarshal(text, &x); err != nil {
		return nil, malformed("manifest: %v", err)
	}
	if x.XMLName != (xml.Name{Space: asicSpace, Local: "ASiCManifest"}) || len(x.By) != 1 || len(x.Covers) == 0 || len(x.Covers) > maxFiles {
		return nil, malformed("manifest: not one of a signature over files")
	}
	m, seen := &manifest{}, map[string]bool{}
	var err error
	if m.by, err = nameOf(x.By[0].URI); err != nil {
		return nil, err
	}
	for _, d := range x.Covers {
		r, err := d.parse()
		if err != nil {
			return nil, err
		}
		if seen[r.name] {
			return nil, malformed("manifest: %.80q is there twice", r.name)
		}
		seen[r.name] = true
		m.covers = append(m.covers, r)
	}
	return m, nil
}

// wellFormed refuses document types, which could define what text means, and
// attributes that stand twice, also under a prefix: Unmarshal takes the last.
func wellFormed(text []byte) error {
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.Directive:
			return errors.New("a document type is not allowed")
		case xml.StartElement:
			seen := map[string]bool{}
			for _, a := range token.Attr {
				if a.Name.Space == "xmlns" {
					continue
				}
				if seen[a.Name.Local] {
					return errors.New("an attribute stands twice")
				}
				seen[a.Name.Local] = true
			}
		}
	}
}

func (d xmlDataReference) parse() (r reference, err error) {
	if r.name, err = nameOf(d.URI); err != nil {
		return r, err
	}
	if len(d.Methods) != 1 || len(d.Values) != 1 {
		return r, malformed("manifest: %.80q has not one hash", r.name)
	}
	r.mime, r.hash = d.MIME, digestMethods[d.Methods[0].Algorithm]
	if r.hash == 0 {
		return r, malformed("manifest: %.80q has an unknown hash", r.name)
	}
	r.digest, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(d.Values[0]), ""))
	if err != nil || len(r.digest) != r.hash.Size() {
		return r, malformed("manifest: %.80q has a malformed hash", r.name)
	}
	return r, nil
}

// nameOf is the name of the file that a reference means: a relative one, inside
// the container (EN 319 162-1 §A.4, RFC 3986 §4.2).
func nameOf(uri string) (string, error) {
	u, err := url.Parse(uri)
	if err != nil || u.IsAbs() || u.Host != "" || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery {
		return "", malformed("manifest: %.80q leads out of the container", uri)
	}
	plain := strings.TrimPrefix(u.Path, "/")
	if !wellNamed(plain) || strings.HasSuffix(plain, "/") {
		return "", malformed("manifest: %.80q leads out of the container", uri)
	}
	return plain, nil
}

// encode writes a manifest.
func (m *manifest) encode(byType string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	fmt.Fprintf(&b, "<asic:ASiCManifest xmlns:asic=%q xmlns:ds=%q>\n", asicSpace, dsigSpace)
	fmt.Fprintf(&b, "  <asic:SigReference MimeType=\"%s\" URI=\"%s\"/>\n", byType, attribute(uriOf(m.by)))
	for _, r := range m.covers {
		method := methodOf(r.hash)
		if method == "" {
			return nil, malformed("manifest: no name for %v", r.hash)
		}
		fmt.Fprintf(&b, "  <asic:DataObjectReference MimeType=\"%s\" URI=\"%s\">\n", attribute(r.mime), attribute(uriOf(r.name)))
		fmt.Fprintf(&b, "    <ds:DigestMethod Algorithm=\"%s\"/>\n", method)
		fmt.Fprintf(&b, "    <ds:DigestValue>%s</ds:DigestValue>\n", base64.StdEncoding.EncodeToString(r.digest))
		b.WriteString("  </asic:DataObjectReference>\n")
	}
	b.WriteString("</asic:ASiCManifest>\n")
	return b.Bytes(), nil
}

func uriOf(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return strings.Join(parts, "/")
}

func attribute(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a buffer takes everything
	return b.String()
}

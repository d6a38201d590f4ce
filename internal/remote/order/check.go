package order

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

func (o *Order) check() error {
	if o.Version != Version {
		return malformed("version %d is not %d", o.Version, Version)
	}
	if _, err := ParseID(string(o.ID)); err != nil {
		return err
	}
	if _, err := ParseCredential(string(o.Credential)); err != nil {
		return err
	}
	if err := o.Requester.check(); err != nil {
		return err
	}
	if err := CheckText(o.Purpose, maxPurpose); err != nil || utf8.RuneCountInString(o.Purpose) > 500 {
		return malformed("the purpose is too long, or not plain text")
	}
	if !whole(o.Created) || !whole(o.Expires) || !o.Expires.After(o.Created) {
		return malformed("the times are not whole seconds of UTC, one before the other")
	}
	if err := o.checkStage(); err != nil {
		return err
	}
	return o.checkKind()
}

func (r Requester) check() error {
	if r.ID == "" || r.Name == "" {
		return malformed("the requester has no name")
	}
	if err := CheckText(r.ID, maxName); err != nil {
		return err
	}
	return CheckText(r.Name, maxName)
}

func whole(t time.Time) bool {
	return t.Location() == time.UTC && t.Nanosecond() == 0 && t.Year() >= 2020 && t.Year() < 10000
}

func (o *Order) checkStage() error {
	switch o.Stage {
	case Consent:
		if o.Consent != "" || o.Token != "" {
			return malformed("an order for consent has none yet")
		}
	case Sign:
		if _, err := ParseID(string(o.Consent)); err != nil {
			return err
		}
		if o.Kind == Access || o.Token == "" || len(o.Token) > maxToken || url.PathEscape(o.Token) != o.Token {
			return malformed("an order to sign needs its token")
		}
	default:
		return malformed("there is no stage %.20q", o.Stage)
	}
	return nil
}

func (o *Order) checkKind() error {
	switch o.Kind {
	case Access:
		if o.Hash != "" || o.Signature != "" || len(o.Documents) != 0 {
			return malformed("access is not about documents")
		}
		return nil
	case Hash, Doc:
	default:
		return malformed("there is no kind %.20q", o.Kind)
	}
	if o.Hash.Hash() == 0 || (o.Signature != ECDSA && o.Signature != RSAPKCS1 && o.Signature != RSAPSS) {
		return malformed("the algorithms are not known")
	}
	if len(o.Documents) == 0 || len(o.Documents) > MaxDocuments {
		return malformed("%d documents are none or too many", len(o.Documents))
	}
	for _, d := range o.Documents {
		if err := d.check(o.Kind, o.Hash.Hash().Size()); err != nil {
			return err
		}
	}
	return nil
}

func (d Document) check(kind Kind, size int) error {
	if len(d.Digest) != size {
		return malformed("a digest has %d bytes", len(d.Digest))
	}
	if err := CheckFileName(d.Name); err != nil {
		return err
	}
	if kind == Hash {
		if d.Size != 0 || d.Format != "" {
			return malformed("of a hash, size and format are not known")
		}
		return nil
	}
	if d.Name == "" || d.Size <= 0 || (d.Format != PAdES && d.Format != CAdES) {
		return malformed("a document has a name, a size and a format")
	}
	return nil
}

// CheckFileName refuses names that are paths, and what CheckText refuses.
func CheckFileName(name string) error {
	if strings.ContainsAny(name, `/\`) || name == "." || name == ".." {
		return malformed("a file's name is not a path")
	}
	return CheckText(name, maxName)
}

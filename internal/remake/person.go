package remake

import (
	"bytes"
	"fmt"
	"strings"

	"cnie/apdu/tlv"
	"cnie/lds"
)

// Secrets of every remade card; people who do not exist have no others.
const (
	CAN      = "123456"
	WrongCAN = "654321" // of sessions that were opened with a wrong one
)

// filler is the text of a given number of bytes in the place of another.
func filler(n int) string {
	return strings.Repeat("SPECIMEN ", n/9+1)[:n]
}

// fillers replaces each text of a list.
func fillers(texts []string) []string {
	var out []string
	for _, t := range texts {
		out = append(out, strings.TrimRight(filler(len(t)), " ")+strings.Repeat("X", trailing(len(t))))
	}
	return out
}

// trailing is how many spaces end a filler; they would not survive encoding.
func trailing(n int) int { return n - len(strings.TrimRight(filler(n), " ")) }

func fake(text string) string {
	if text == "" {
		return ""
	}
	return fillers([]string{text})[0]
}

// blank is a picture's place without the picture.
func blank(picture []byte) []byte {
	if len(picture) == 0 {
		return nil
	}
	return make([]byte, len(picture))
}

var fakeDate = lds.Date{Year: 1990, Month: 1, Day: 1}

// like keeps how much of a date was known.
func like(d lds.Date) lds.Date {
	if d.Year == 0 {
		return lds.Date{}
	}
	f := lds.Date{Year: fakeDate.Year}
	if d.Month != 0 {
		f.Month = fakeDate.Month
	}
	if d.Day != 0 {
		f.Day = fakeDate.Day
	}
	return f
}

// zone is the machine-readable zone of the specimen: the format, the kind of
// document and its State are the original's, the validity is good or over as
// the original's was.
func (o *original) zone() lds.MRZ {
	m := lds.MRZ{
		Format: lds.TD1, DocumentCode: "ID", IssuingState: "MAR", Nationality: "MAR", DocumentNumber: "ZZZREDACT",
		BirthDate: "900101", Surname: "SPECIMEN", GivenNames: "REDACTED",
	}
	expiry := o.header.At.AddDate(5, 0, 0)
	if was, err := lds.ParseDG1(o.files[lds.DG1]); err == nil {
		m.Format, m.DocumentCode, m.IssuingState, m.Nationality = was.Format, was.DocumentCode, was.IssuingState, was.IssuingState
		if n := len(was.DocumentNumber); n > len(m.DocumentNumber) {
			m.DocumentNumber += strings.Repeat("0", n-len(m.DocumentNumber))
		}
		if !o.inForce(was) {
			expiry = o.header.At.AddDate(-1, 0, 0)
		}
	}
	if m.Format == lds.TD1 && m.IssuingState == "MAR" && len(m.DocumentNumber) == 9 {
		m.Optional1 = "ZZ000000"
	}
	m.ExpiryDate = expiry.Format("060102")
	return m
}

// personal is DG11 with every value replaced by one as long.
func personal(original []byte) ([]byte, error) {
	was, err := lds.ParseDG11(original)
	if err != nil {
		return nil, err
	}
	return lds.PersonalDetails{
		FullName: fake(was.FullName), OtherNames: fillers(was.OtherNames), PersonalNumber: fake(was.PersonalNumber),
		BirthDate: like(was.BirthDate), BirthPlace: fillers(was.BirthPlace), Address: fillers(was.Address),
		Telephone: fake(was.Telephone), Profession: fake(was.Profession), Title: fake(was.Title), Summary: fake(was.Summary),
		CitizenshipProof: blank(was.CitizenshipProof), OtherDocuments: fillers(was.OtherDocuments), Custody: fake(was.Custody),
	}.Encode()
}

// details is DG12, likewise.
func details(original []byte) ([]byte, error) {
	was, err := lds.ParseDG12(original)
	if err != nil {
		return nil, err
	}
	now := lds.DocumentDetails{
		IssuingAuthority: fake(was.IssuingAuthority), IssueDate: like(was.IssueDate), OtherPersons: fillers(was.OtherPersons),
		Endorsements: fake(was.Endorsements), TaxOrExit: fake(was.TaxOrExit),
		Front: blank(was.Front), Rear: blank(was.Rear), SystemSerial: fake(was.SystemSerial),
	}
	if was.Personalised.Date.Year != 0 {
		now.Personalised = lds.Moment{Date: fakeDate, Hour: 9}
	}
	return now.Encode()
}

// opaque is a data group of a length about whose inside nothing is known.
func opaque(f lds.File, size int) []byte {
	for value := size; value >= 0; value-- {
		if header := tlv.AppendHeader(nil, tlv.Tag(f.Tag()), value); len(header)+value == size {
			return append(header, filler(value)...)
		}
	}
	return bytes.Repeat([]byte{f.Tag()}, size)
}

// sameLength is made's content when it has the original's length, else something
// opaque that has, and a remark.
func sameLength(f lds.File, size int, made []byte, err error) ([]byte, string) {
	switch {
	case err == nil && (len(made) == size || size == 0):
		return made, ""
	case size == 0:
		return opaque(f, 40), ""
	}
	return opaque(f, size), fmt.Sprintf("%v has its length, not its structure", f)
}

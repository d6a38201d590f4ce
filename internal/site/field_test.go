package site_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/site"
	"cnie/lds"
	"cnie/pki"
)

// full is a holder with something in every field.
func full(t *testing.T) *pki.Holder {
	t.Helper()
	h := &pki.Holder{}
	v := reflect.ValueOf(h).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			f.SetString("SPECIMEN")
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Slice:
			f.Set(reflect.ValueOf([]string{"SPECIMEN"}))
		case reflect.Pointer:
			f.Set(reflect.ValueOf(&lds.Face{}))
		default:
			require.Fail(t, "a field of a new kind", v.Type().Field(i).Name)
		}
	}
	return h
}

// about says what the other fields are worth, or is of the document's kind.
var about = []string{"Watermark", "Reserved"}

// Each field of a purpose lets through exactly one field of the holder, and all
// of them together all but the document's kind and State, which nobody asks for.
func TestSelect(t *testing.T) {
	h := full(t)
	seen := map[string]bool{}
	for _, field := range site.Fields() {
		got := reflect.ValueOf(site.Purpose{Fields: []site.Field{field}}.Select(h)).Elem()
		var through []string
		for i := range got.NumField() {
			name := got.Type().Field(i).Name
			if !got.Field(i).IsZero() && !slices.Contains(about, name) {
				through = append(through, name)
				seen[name] = true
			}
		}
		assert.Len(t, through, 1, field)
	}
	var never []string
	for i := range reflect.TypeFor[pki.Holder]().NumField() {
		if name := reflect.TypeFor[pki.Holder]().Field(i).Name; !seen[name] && !slices.Contains(about, name) {
			never = append(never, name)
		}
	}
	assert.Equal(t, []string{"DocumentCode", "IssuingState"}, never)
	assert.Equal(t, &pki.Holder{Watermark: "SPECIMEN", Reserved: true}, site.Purpose{}.Select(h))
	assert.Nil(t, site.Purpose{Fields: site.Fields()}.Select(nil))
}

func TestFiles(t *testing.T) {
	for _, c := range []struct {
		fields  []site.Field
		answers []site.Answer
		want    []lds.File
	}{
		{nil, nil, []lds.File{lds.DG1}},
		{[]site.Field{site.Surname, site.CIN, site.Sex, site.ExpiryDate}, nil, []lds.File{lds.DG1}},
		{[]site.Field{site.Photo}, []site.Answer{site.Over18}, []lds.File{lds.DG1, lds.DG2}},
		{[]site.Field{site.IssueDate, site.Address, site.Photo, site.BirthPlace}, nil, []lds.File{lds.DG1, lds.DG2, lds.DG11, lds.DG12}},
		{nil, []site.Answer{site.LivesIn}, []lds.File{lds.DG1, lds.DG11}},
		{nil, []site.Answer{site.SamePerson, site.Over16}, []lds.File{lds.DG1, lds.DG11}},
		{site.Fields(), site.Answers(), []lds.File{lds.DG1, lds.DG2, lds.DG11, lds.DG12}},
	} {
		assert.Equal(t, c.want, site.Purpose{Fields: c.fields, Answers: c.answers}.Files())
	}
}

func TestMayAsk(t *testing.T) {
	p := site.Purpose{Answers: []site.Answer{site.LivesIn, site.Over18}, Places: []string{"RABAT"}}
	assert.True(t, p.MayAsk(site.LivesIn, "RABAT"))
	assert.False(t, p.MayAsk(site.LivesIn, "SALE"), "or an address could be guessed place by place")
	assert.True(t, p.MayAsk(site.Over18, ""))
	assert.False(t, p.MayAsk(site.Over16, ""))
}

func TestForGuardian(t *testing.T) {
	p, found := site.Specimen().Purpose("minor")
	require.True(t, found)
	g := p.ForGuardian()
	assert.Equal(t, p.GuardianNotice, g.Notice)
	assert.Equal(t, p.GuardianFields, g.Fields)
	assert.NotContains(t, g.Fields, site.BirthDate)
	assert.False(t, g.Guardian)
	assert.Equal(t, p.ID, g.ID)
	assert.True(t, p.Guardian, "the minor's own part is untouched")
}

func TestPermits(t *testing.T) {
	trying, serving := parsed(t), parsed(t, "production: false", production)
	assert.NoError(t, trying.Permits(pki.Report{Specimen: true}))
	assert.ErrorIs(t, trying.Permits(pki.Report{}), site.ErrReal)
	assert.ErrorIs(t, trying.Permits(pki.Report{Specimen: true, Disguised: true}), site.ErrReal)
	assert.NoError(t, serving.Permits(pki.Report{}))
	assert.ErrorIs(t, serving.Permits(pki.Report{Specimen: true}), site.ErrSpecimen)
	assert.ErrorIs(t, serving.Permits(pki.Report{Specimen: true, Disguised: true}), site.ErrSpecimen)
}

// What the policy leaves open, a purpose can still require; and four axes it
// cannot do without.
func TestUnmet(t *testing.T) {
	var report pki.Report
	for _, axis := range []pki.Axis{pki.AxisAccess, pki.AxisIntegrity, pki.AxisIssuer, pki.AxisValidity} {
		report.Checks = append(report.Checks, pki.Check{Axis: axis, Outcome: pki.Passed})
	}
	report.Checks = append(report.Checks, pki.Check{Axis: pki.AxisChip, Outcome: pki.Warned})
	p := site.Purpose{Axes: []pki.Axis{pki.AxisValidity, pki.AxisRevocation}}
	assert.Empty(t, site.Purpose{}.Unmet(report))
	assert.Equal(t, []pki.Axis{pki.AxisRevocation}, p.Unmet(report))
	report.Checks[0].Outcome = pki.Failed
	assert.Equal(t, []pki.Axis{pki.AxisAccess}, site.Purpose{}.Unmet(report))
	assert.Len(t, p.Unmet(pki.Report{}), 6)
}

func TestCheckPolicy(t *testing.T) {
	const pin = "policy: policy.yaml\npolicy-sha256: ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356\nproduction: false"
	s := parsed(t, "production: false", pin)
	assert.NoError(t, s.CheckPolicy([]byte("{}\n")))
	assert.ErrorIs(t, s.CheckPolicy([]byte("allow-bac: true\n")), site.ErrPolicy)
	assert.NoError(t, parsed(t).CheckPolicy([]byte("{}")))
}

package persona

import (
	"cmp"
	"time"

	"cnie/pki/specimen"
)

// CSCA is a country signing authority other than the specimen country's. Without
// a seed it is in nobody's trust store; with one it is that of a country that
// `cnie-sim pki` makes.
type CSCA struct {
	Name       string `yaml:"name,omitempty"`
	Country    string `yaml:"country,omitempty"` // two letters
	Code       string `yaml:"code,omitempty"`    // as in the MRZ
	From       Date   `yaml:"from,omitempty"`
	Seed       string `yaml:"seed,omitempty"`
	Generation int    `yaml:"generation,omitempty"` // of the keys: 1 (default) or 2
}

// generations is how many keys a country with a seed has had.
const generations = 2

// firstDay is when such a country began, unless it says.
const firstDay Date = "2022-01-01"

// Authority is the country with its key of a generation. All generations have
// one name (ICAO 9303-12 §4.1.4); the second key takes over three months before
// the first one rests.
func (c CSCA) Authority(generation int) (*specimen.Country, error) {
	o := specimen.Options{Name: cmp.Or(c.Name, "ELSEWHERE"), Country: c.Country, Code: c.Code}
	if c.Seed == "" {
		o.NotBefore = c.From.time()
		return specimen.New("cnie specimen country of a persona", o)
	}
	o.NotBefore = c.Begins(generation)
	o.Revoked = []specimen.Revocation{{Serial: specimen.Serial(specimen.RevokedSigner), At: c.Begins(1).AddDate(3, 5, 1)}}
	seed := "cnie specimen country " + c.Seed
	if generation > 1 {
		seed += ", generation 2"
	}
	return specimen.New(seed, o)
}

// Begins is the first day of a generation's key.
func (c CSCA) Begins(generation int) time.Time {
	first := cmp.Or(c.From, firstDay).time()
	if generation > 1 {
		return first.AddDate(5, -3, 0)
	}
	return first
}

// checkCSCA looks at what the forms do not.
func (i Issuer) checkCSCA() error {
	c := i.CSCA
	switch {
	case c == nil:
	case c.Generation < 0 || c.Generation > generations:
		return wrong("$.issuer.csca.generation", "want 1 or 2")
	case c.Generation > 0 && c.Seed == "":
		return wrong("$.issuer.csca.generation", "only a country with a seed has generations")
	}
	return nil
}

// csca is for looking at settings that may not be there.
func (i Issuer) csca() CSCA {
	if i.CSCA == nil {
		return CSCA{}
	}
	return *i.CSCA
}

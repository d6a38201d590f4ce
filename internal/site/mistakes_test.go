package site_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/site"
)

// mistakes are what one can get wrong, and where and how it is told. Those that
// only the program sees are beyond JSON Schema, or of YAML and not of its values.
var mistakes = []struct {
	old, new, want string
	onlyLoad       bool
}{
	{old: "controller:", new: "controler:", want: `3:1: there is no key "controler" here; did you mean controller?`},
	{old: "    basis:", new: "    bases:", want: `15:5: there is no key "bases" here; did you mean basis?`},
	{old: "production: false", new: "production: perhaps", want: "1:13: want true or false"},
	{old: "fields: [photo, surname]", new: "fields: photo", want: "17:13: want a list"},
	{old: "title: {ar: زيارة, fr: Visite}", new: "title: Visite", want: "12:12: want a mapping, or a text for each language"},
	{old: "production: false", new: "production: !!bool false", want: "1:13: tags, anchors and aliases have no place here", onlyLoad: true},
	{old: "production: false", new: "production: false\nproduction: true", want: `2:1: mapping key "production" already defined`, onlyLoad: true},

	{old: "[ar, fr]", new: "[ar]", want: "2:12: languages lacks fr; Arabic and French are always offered"},
	{old: "[ar, fr]", new: "[ar, fr, es]", want: `2:21: "es" is no language of the counter; it has ar, fr, en, zgh`},
	{old: "[ar, fr]", new: "[ar, fr, ar]", want: "2:21: ar stands there twice"},
	{old: "[ar, fr]", new: "[ar, fr, en]", want: "name lacks a text in en, which the site offers", onlyLoad: true},
	{old: "{ar: زيارة, fr: Visite}", new: "{fr: Visite}", want: "title lacks a text in ar"},
	{old: "fr: Visite}", new: "fr: Visite, de: Besuch}", want: `title has a text in "de"; the languages are`},
	{old: "{ar: زيارة, fr: Visite}", new: "{ar: Visite, fr: Visite}", want: "12:17: title in ar has no letter of its script", onlyLoad: true},
	{old: "fr: Nous lisons votre carte.", new: "fr: " + strings.Repeat("a ", 301), want: "is longer than 600 characters"},
	{old: "fr: Visite", new: `fr: "Visite \u202Eetisiv"`, want: "has characters that cannot be seen", onlyLoad: true},
	{old: "  contact: specimen@exemple.invalid", new: "  contact: \"\"", want: "6:12: contact is missing"},
	{old: "  contact: specimen@exemple.invalid\n", new: "", want: "contact is missing"},
	{old: "id: desk-1", new: "id: Desk 1", want: "8:7: id is written with small letters, digits and hyphens"},

	{old: "basis: public-interest", new: "basis: public-intrest", want: `15:12: "public-intrest" is no legal basis; did you mean public-interest?`},
	{old: "    reference: un texte\n", new: "", want: "purpose visit stands on public-interest and needs as its reference the text that gives the task"},
	{old: "    otherwise: {ar: وثائق, fr: Des papiers}\n    basis: public-interest", new: "    basis: consent", want: "14:12: consent that cannot be refused is none: purpose visit needs otherwise"},
	{old: "[photo, surname]", new: "[photo, surnam]", want: `17:21: "surnam" is no field; did you mean surname?`},
	{old: "[photo, surname]", new: "[photo, photo]", want: "17:21: photo stands there twice"},
	{old: "[photo, surname]", new: "[photo, fingerprints]", want: "17:21: purpose visit asks for fingerprints, which no counter is given on any basis"},
	{old: "[photo, surname]", new: "[photo, cin]", want: "17:21: purpose visit asks for cin, which needs the number of an authorisation by the CNDP"},
	{old: "    fields: [photo, surname]\n", new: "", want: "11:7: purpose visit asks for no field and no answer"},
	{old: "fields: [photo, surname]", new: "answers: [over-19]", want: `17:15: "over-19" is no question; did you mean over-`},
	{old: "fields: [photo, surname]", new: "answers: [over-18, over-18]", want: "over-18 stands there twice"},
	{old: "fields: [photo, surname]", new: "answers: [lives-in]", want: "purpose visit asks lives-in and needs places"},
	{old: "fields: [photo, surname]", new: "answers: [over-18]\n    places: [RABAT]", want: "places are for the answer lives-in"},
	{old: "    retention: 1 year", new: "    axes: [chips]\n    retention: 1 year", want: `"chips" is no axis of a report, or stands there twice; did you mean chip?`},
	{old: "    retention: 1 year", new: "    retention: forever", want: `18:16: retention is written "30 days"`},
	{old: "    retention: 1 year\n", new: "", want: "retention is written"},
	{old: "    retention: 1 year", new: "    retention: 6 years", want: "18:16: purpose visit keeps records for 6 years, longer than public-interest carries: 1825 days, for", onlyLoad: true},
	{old: "    retention: 1 year", new: "    retention: 1 year\n    guardian: true", want: "purpose visit is about minors and needs guardian-fields"},
	{old: "    retention: 1 year", new: "    retention: 1 year\n    guardian: true\n    guardian-fields: [photo]", want: "guardian-notice lacks a text in ar"},
	{old: "    retention: 1 year", new: "    retention: 1 year\n    guardian-fields: [photo]", want: "purpose visit has a notice or fields for a guardian, and not guardian: true"},
	{old: "    retention: 1 year", new: "    retention: 1 year\n    guardian: true\n    guardian-notice: {ar: إشعار, fr: Avis}\n    guardian-fields: [cin]", want: "21:23: purpose visit asks for cin"},

	{old: "production: false", new: "operators: [{id: a, name: A}, {id: a, name: B}]", want: "there are two operators a", onlyLoad: true},
	{old: "production: false", new: "operators: [{id: a, name: A, key: ssh-rsa AAAA}]", want: `key is a line "ssh-ed25519 AAAA…"`},
	{old: "production: false", new: "policy-sha256: " + strings.Repeat("0", 64), want: "policy-sha256 is of a policy, and there is none"},
	{old: "production: false", new: "policy: p\npolicy-sha256: abc", want: "policy-sha256 is 64 hexadecimal digits"},
	{old: "production: false", new: "policy: p\n" + production, want: "1:9: a production site pins its policy with policy-sha256"},
	{old: "production: false", new: "production: true", want: "1:13: a production site names its trust anchors: write trust and a folder"},
	{old: "production: false", new: "trust: t\nproduction: true", want: "2:13: a production site says where its ledger is: write ledger with dir, a folder, or with url, a host"},
	{old: "production: false", new: "trust: t\nledger: {dsn: \"postgres:///d\"}\nproduction: true", want: "a production site says where its ledger is"},
	{old: "production: false", new: "api: {origins: [http://desk.example]}", want: "want an address https://…; http:// only to localhost"},
	{old: "production: false", new: "api: {origins: [https://desk.example/a]}", want: "an origin is written https://host", onlyLoad: true},
	{old: "production: false", new: "api: {origins: [https://DESK.example]}", want: "an origin is written https://host", onlyLoad: true},
	{old: "production: false", new: "api: {webhook: ftp://desk.example}", want: "want an address https://"},
	{old: "production: false", new: "api: {issuer: a b}", want: "issuer is written with letters, digits"},
	{old: "production: false", new: "api: {clients: [{id: A, purposes: [a]}]}", want: "id is written with small letters"},
	{old: "production: false", new: "api: {clients: [{id: a, purposes: [visit]}, {id: a, purposes: [visit]}]}", want: "there are two clients a", onlyLoad: true},
	{old: "production: false", new: "api: {clients: [{id: a, purposes: [visit], origins: [https://a.example]}]}", want: "https://a.example is not among the origins of the api", onlyLoad: true},
	{old: "    retention: 1 year", new: "    release: [photo]\n    retention: 1 year", want: "a photo is compared at the desk and given to nobody"},
	{old: "    retention: 1 year", new: "    release: [cin]\n    retention: 1 year", want: "purpose visit releases cin, which is not among its fields", onlyLoad: true},
	{old: "    retention: 1 year", new: "    release: [surname, surname]\n    retention: 1 year", want: "surname stands there twice"},
	{old: "production: false", new: "api: {clients: [{id: a, purposes: []}]}", want: "client a has no purposes"},
	{old: "production: false", new: "api: {clients: [{id: a, purposes: [nothing]}]}", want: `"nothing" is no purpose of this site`, onlyLoad: true},
	{old: "production: false", new: "ledger: {witness: https://w.example}", want: "a witness is known by its witness-key"},
	{old: "production: false", new: "ledger: {url: https://host.example, ca: a, cert: b}", want: "needs ca, cert and key"},
	{old: "production: false", new: "ledger: {dsn: \"postgres://a:b@host/d\"}", want: "leave the password out", onlyLoad: true},
	{old: "production: false", new: "ledger: {dsn: \"postgres://a@host/d?password=b\"}", want: "leave the password out", onlyLoad: true},
	{old: "production: false", new: "ledger: {dsn: \"postgres://a@host/d?sslpassword=b\"}", want: "leave the password out", onlyLoad: true},
	{old: "production: false", new: "ledger: {cert: b}", want: "go with the url of a ledger host"},
	{old: "production: false", new: "ledger: {url: http://localhost, ca: a, cert: b, key: c}", want: "a ledger host is written https://"},
	{old: "production: false", new: "ledger: {url: https://host.example, ca: a, cert: b, key: c, dir: d}", want: "has no dir, dsn or witness here"},
	{old: "production: false", new: "ledger: {url: https://a@host.example, ca: a, cert: b, key: c}", want: "want an address https://"},
}

func TestMistakes(t *testing.T) {
	for _, m := range mistakes {
		t.Run(m.new, func(t *testing.T) {
			_, err := site.Parse([]byte(with(t, m.old, m.new)))
			var wrong *site.Error
			require.ErrorAs(t, err, &wrong)
			assert.Contains(t, err.Error(), m.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestProductionNeedsNumbers(t *testing.T) {
	for want, change := range map[string][2]string{
		"needs the number of the CNDP's receipt as declaration":      {"    declaration: D-1/2026\n", ""},
		"needs the number of the DGSN's habilitation to read chips":  {"    habilitation: H-1/2026\n", ""},
		"has a specimen for its habilitation, which production does": {"H-1/2026", "specimen 1"},
	} {
		text := with(t, change[0], change[1])
		_, err := site.Parse([]byte(text))
		require.NoError(t, err, "a site for trying out does without")
		_, err = site.Parse([]byte(strings.Replace(text, "production: false", production, 1)))
		assert.ErrorContains(t, err, want)
	}
}

func TestOversized(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("#", 1<<17+1), strings.Repeat("#\n", 1<<13+1), "languages: [" + strings.Repeat("ar,", 1<<13+1) + "]", strings.Repeat("[", 1<<10+1), strings.Repeat(" ", 60) + "a: b", strings.Repeat("- ", 40) + "a",
	} {
		_, err := site.Parse([]byte(text))
		assert.ErrorContains(t, err, "than any site's")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add(site.Starter)
	for _, m := range mistakes {
		f.Add([]byte(with(f, m.old, m.new)))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		s, err := site.Parse(content)
		if err != nil {
			var wrong *site.Error
			require.ErrorAs(t, err, &wrong)
			require.NotContains(t, err.Error(), "\n")
			require.Positive(t, wrong.Line)
			return
		}
		for _, p := range s.Purposes { // whatever is read keeps to the rules
			require.NotEmpty(t, p.Files())
			require.Positive(t, p.Retention)
			require.NotEmpty(t, p.Notice["ar"])
			require.NotEmpty(t, p.Notice["fr"])
			require.False(t, p.Basis == site.Consent && len(p.Otherwise) == 0)
		}
		require.Len(t, s.Explain("ar"), len(s.Purposes)+1)
	})
}

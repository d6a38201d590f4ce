package persona

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mistakes change the default persona's file. onlyLoad marks those that a JSON
// Schema cannot see, or that are no YAML.
var mistakes = []struct {
	name, old, new, want string
	onlyLoad             bool
}{
	{"unknown key", "sex: F", "sexe: F", `:13:3: unknown field "sexe"`, false},
	{"unknown nested key", "cipher: AES-128}", "cypher: AES-128}", `:23:22: unknown field "cypher"`, false},
	{"unknown part", "chip:", "chips:", `:21:1: unknown field "chips"`, false},
	{"unknown curve", "- {curve: P-256,", "- {curve: P-999,", `:23:15: chip.pace[0].curve: no curve is called "P-999"`, false},
	{"unknown cipher", "AES-128, explicit", "AES-100, explicit", `:25:30: chip.authentication[0].cipher: want`, false},
	{"unknown verdict", "verdict: accepted", "verdict: fine", `:5:12: expect.verdict: want accepted, refused or inconclusive`, false},
	{"a key of the other list", "AES-128}", "AES-128, id: 1}", `:23:7: chip.pace[0]: explicit and id belong to`, false},
	{"text for a mapping", "chip:", "chip: text\nother:", ":21:7: string was used where mapping is expected", false},
	{"text for a list", "birthPlace: [الرباط, RABAT]", "birthPlace: RABAT", ":12:15: string was used where sequence is expected", false},
	{"text for a switch", "explicit: true", "explicit: maybe", ":25:49: want true or false, not a text", false},
	{"number for a switch", "explicit: true", "explicit: 1", ":25:49: want true or false, not a whole number", false},
	{"list for a text", "sex: F", "sex: [F]", ":13:8: want a text, not a list", false},
	{"text for a number", "chip:", "issuer: {rsa: many}\nchip:", ":21:15: want a whole number, not a text", false},
	{"fraction", "chip:", "issuer: {rsa: 2048.5}\nchip:", ":21:15: want a whole number", false},
	{"huge number", "explicit: true", "explicit: true, id: 99999999999999999999", ":25:59: the number is too large", false},
	{"odd modulus", "chip:", "issuer: {rsa: 2000}\nchip:", ":21:15: issuer.rsa: want 1024", false},
	{"bad date", "birth: 1990-01-01", "birth: yesterday", ":11:10: person.birth: want a date", false},
	{"half a date", "issued: 2025-01-02", "issued: 2025-01", ":18:11: document.issued: want a date", false},
	{"a day that is none", "issued: 2025-01-02", "issued: 2025-02-30", ":18:11: document.issued: no calendar has that day", true},
	{"bad time", "verdict: accepted", "verdict: accepted\n  at: noon", ":6:7: expect.at: want a time such as", false},
	{"bad check", "verdict: accepted", "verdict: refused\n  failed: [everything]", ":6:12: expect.failed[0]: want the id of a check", false},
	{"failed, yet accepted", "verdict: accepted", "verdict: accepted\n  failed: [chip.authentication]", ":6:11: expect.failed: a card of which", true},
	{"a real name", "surname: SPECIMEN", "surname: SOMEBODY", ":7:12: person.surname: every simulated person is named SPECIMEN", false},
	{"small letters", "SIMULATEUR", "Simulateur", ":8:15: person.givenNames: want capital letters", false},
	{"Latin for Arabic", "surnameArabic: نموذج", "surnameArabic: NAMUDHAJ", ":9:18: person.surnameArabic: want Arabic letters", false},
	{"a filler in a list", "RUE DU", "RUE<DU", ":15:37: person.address[2]: want a text", false},
	{"a real number", "number: ZZZ0SIM1", "number: AB123456", ":17:11: document.number", false},
	{"a real national number", "cin: ZZ000001", "cin: AB123456", ":14:8: person.cin", false},
	{"numbers that do not fit", "number: ZZZ0SIM1", "number: ZZZ0SIM1000000000", ":17:11: document.number: with the national number", true},
	{"code of another size", "number: ZZZ0SIM1", "number: ZZZ0SIM1\n  code: P", ":18:9: document.code: P belongs to TD3", true},
	{"colour", `"#c99873"`, `"#c9987"`, ":28:9: portrait.skin: want a colour", false},
	{"style", "style: long", "style: punk", ":27:10: portrait.style: want short, long", false},
	{"CAN", "chip:", "chip:\n  can: \"12345\"", ":22:8: chip.can: want six digits", false},
	{"CAN without quotes", "chip:", "chip:\n  can: 012345", ":22:8: chip.can: want six digits, in quotes", false},
	{"ATR", "chip:", "chip:\n  atr: 3B8", ":22:8: chip.atr: want hexadecimal digits", false},
	{"two signers", "chip:", "issuer: {rsa: 2048, curve: P-256}\nchip:", ":21:15: issuer.rsa: a signer has either", true},
	{"nothing opens it", "  pace:\n    - {curve: P-256, cipher: AES-128}\n", "", ":22:17: chip: neither pace nor bac", true},
	{"not a mapping", "person:", "person: 4\nother:", ":6:9: int was used where mapping is expected", false},
	{"missing field", "  number: ZZZ0SIM1\n", "", ":17:9: document.number: simulated", false},
	{"key twice", "sex: F", "sex: F\n  sex: M", ":14:3: mapping key \"sex\" already defined", true},
	{"no YAML", "expect:", "expect: [", ":6:1: ", true},
}

// TestMistakesInAFile wants one line with the place of the mistake.
func TestMistakesInAFile(t *testing.T) {
	good, err := shipped.ReadFile("personas/specimen.yaml")
	require.NoError(t, err)
	for _, c := range mistakes {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "mine.yaml")
			require.Contains(t, string(good), c.old)
			require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(good), c.old, c.new, 1)), 0o600))
			_, err := Load(path)
			require.Error(t, err)
			assert.Contains(t, err.Error(), "mine.yaml"+c.want)
			assert.NotContains(t, err.Error(), "\n")
			assert.NotRegexp(t, `Go |int64|struct`, err.Error())
		})
	}
	_, err = parse("empty", "empty.yaml", nil)
	assert.EqualError(t, err, "empty.yaml:1:1: the file is empty")
}

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
	{"a key of the other list", "AES-128}", "AES-128, x942: true}", `:23:45: chip.pace[0].x942: this belongs to chip authentication in a group`, false},
	{"a number without need", "AES-128}", "AES-128, id: 32}", `:23:43: chip.pace[0].id: the parameters of a curve or group have their number already`, true},
	{"a number of the standard", "AES-128}", "AES-128, explicit: true, id: 31}", `:23:59: chip.pace[0].id: numbers below 32 belong`, false},
	{"unknown group", "- {curve: P-256, cipher: AES-128}", "- {group: MODP-512, cipher: AES-128}", `:23:15: chip.pace[0].group: want MODP-1024/160,`, false},
	{"curve and group", "- {curve: P-256, cipher: AES-128}", "- {curve: P-256, group: MODP-1024/160}", `:23:29: chip.pace[0].group: a key agreement takes place`, false},
	{"CAM with 3DES", "- {curve: P-256, cipher: AES-128}", "- {mapping: CAM, curve: P-256, cipher: 3DES}", `:23:17: chip.pace[0].mapping: CAM wants a curve`, true},
	{"CAM in a group", "- {curve: P-256, cipher: AES-128}", "- {mapping: CAM, group: MODP-1024/160}", `:23:17: chip.pace[0].mapping: CAM wants a curve`, true},
	{"IM on P-224", "- {curve: P-256, cipher: AES-128}", "- {mapping: IM, curve: P-224}", `:23:17: chip.pace[0].mapping: IM has no encoding`, true},
	{"explicit group key", "curve: P-256, cipher: AES-128, explicit", "group: MODP-1024/160, explicit", `:25:40: chip.authentication[0].explicit: a key in a group always`, true},
	{"short PIN", "chip:", "chip:\n  pin: \"123\"", `:22:8: chip.pin: want four to twelve digits`, false},
	{"PUK alone", "chip:", "chip:\n  puk: \"12345678\"", `:22:6: chip.pin: tries and a PUK belong to a PIN`, true},
	{"tries of no PUK", "chip:", "chip:\n  pin: \"1234\"\n  retries: {puk: 3}", `:22:6: chip.puk: its tries belong to a PUK`, true},
	{"one try", "chip:", "chip:\n  pin: \"1234\"\n  retries: {pin: 1}", `:23:18: chip.retries.pin: want a number from 2 to 15`, false},
	{"more spent than there were", "chip:", "chip:\n  pin: \"1234\"\n  retries: {spent: 4}", `:23:20: chip.retries.spent: more tries`, true},
	{"inspection with RSA-1024", "chip:", "chip:\n  inspection: {rsa: 1024}", `:22:21: chip.inspection.rsa: want 2048 or 3072`, false},
	{"inspection with both", "chip:", "chip:\n  inspection: {rsa: 2048, curve: P-256}", `:22:21: chip.inspection.rsa: an authority has either`, true},
	{"inspection on a small curve", "chip:", "chip:\n  inspection: {curve: P-192}", `:22:23: chip.inspection.curve: want P-224`, false},
	{"inspection with PSS on a curve", "chip:", "chip:\n  inspection: {pss: true}", `:22:21: chip.inspection.pss: PSS is a way`, true},
	{"inspection with SHA-1", "chip:", "chip:\n  inspection: {hash: SHA-1}", `:22:22: chip.inspection.hash: want SHA-224`, false},
	{"inspection by RSA and SHA-384", "chip:", "chip:\n  inspection: {rsa: 2048, hash: SHA-384}", `:22:33: chip.inspection.hash: a terminal signs with`, true},
	{"habit of a bad command", "chip:", "chip:\n  quirks:\n    - {ins: b0, sw: \"6700\"}", `:23:13: chip.quirks[0].ins: want INS`, false},
	{"habit of no status", "chip:", "chip:\n  quirks:\n    - {sw: \"1234\"}", `:23:12: chip.quirks[0].sw: want a status word`, false},
	{"habit of no file", "chip:", "chip:\n  quirks:\n    - {file: dg17, sw: \"6700\"}", `:23:14: chip.quirks[0].file: want a file's short name`, false},
	{"habit without effect", "chip:", "chip:\n  quirks:\n    - {ins: \"84\"}", `:23:7: chip.quirks[0]: want sw or most`, true},
	{"habit that keeps what it does not change", "chip:", "chip:\n  quirks:\n    - {most: 4, keep: true}", `:23:7: chip.quirks[0].sw: data and keep go`, true},
	{"habit beyond any buffer", "chip:", "chip:\n  quirks:\n    - {above: 70000, sw: \"6700\"}", `:23:15: chip.quirks[0].above: want a number from 1`, false},
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
	{"small buffer", "chip:", "chip:\n  buffer: {answer: 100}", ":22:20: chip.buffer.answer: want a number from 160 to 65535", false},
	{"backward delay", "chip:", "chip:\n  delay: {command: -1}", ":22:20: chip.delay.command: want a number from 1", false},
	{"endless wait", "chip:", "chip:\n  retries: {wait: 60000}", ":22:19: chip.retries.wait: want a number from 1 to 10000", false},
	{"free of nothing", "chip:", "chip:\n  retries: {free: 3}", ":22:12: chip.retries: free tries need a wait", true},
	{"generations of nobody", "chip:", "issuer: {csca: {generation: 2}}\nchip:", ":21:29: issuer.csca.generation: only a country with a seed", true},
	{"third generation", "chip:", "issuer: {csca: {seed: utopia, generation: 3}}\nchip:", ":21:43: issuer.csca.generation: want 1 or 2", false},
	{"revoked by nobody", "chip:", "issuer: {csca: {name: UTOPIA}, revoked: true}\nchip:", ":21:41: issuer.revoked: only", true},
	{"two signers", "chip:", "issuer: {rsa: 2048, curve: P-256}\nchip:", ":21:15: issuer.rsa: a signer has either", true},
	{"active key of two kinds", "chip:", "chip:\n  active: {rsa: 2048, curve: P-256}", ":22:11: chip.active: want either rsa or curve", false},
	{"active key of no kind", "chip:", "chip:\n  active: {hash: SHA-256}", ":22:11: chip.active: want either rsa or curve", false},
	{"active key of an odd size", "chip:", "chip:\n  active: {rsa: 2000}", ":22:17: chip.active.rsa: want 1024", false},
	{"active key on no curve", "chip:", "chip:\n  active: {curve: P-999}", ":22:19: chip.active.curve: no curve is called", false},
	{"active key with an odd hash", "chip:", "chip:\n  active: {curve: P-256, hash: MD5}", ":22:32: chip.active.hash: want SHA-1", false},
	{"active key on a curve with SHA-1", "chip:", "chip:\n  active: {curve: P-256, hash: SHA-1}", ":22:32: chip.active.hash: SHA-1 goes with", true},
	{"unannounced key of RSA", "chip:", "chip:\n  active: {rsa: 2048, unannounced: true}", ":22:36: chip.active.unannounced: DG14", true},
	{"nothing opens it", "  pace:\n    - {curve: P-256, cipher: AES-128}\n", "", ":22:17: chip: neither pace nor bac", true},
	{"short PIN", "piv: {}", "piv: {pin: \"12345\"}", ":31:12: piv.pin: want six to eight digits", false},
	{"letters in a PUK", "piv: {}", "piv: {puk: secret12}", ":31:12: piv.puk: want six to eight digits", false},
	{"a key of no algorithm", "piv: {}", "piv: {keys: {9C: RSA-512}}", ":31:18: piv.keys.9C: want RSA-2048, RSA-3072, P-256, P-384 or none", false},
	{"a key of no slot", "piv: {}", "piv: {keys: {9B: P-256}}", `:31:14: unknown field "9B"`, false},
	{"too many tries", "piv: {}", "piv: {tries: 16}", ":31:14: piv.tries: want a number from 1 to 15", false},
	{"more spent than there are", "piv: {}", "piv: {spent: 4}", ":31:14: piv.spent: want a number", true},
	{"unknown token", "piv: {}", "piv: {token: nitrokey}", ":31:14: piv.token: want plain or yubikey", false},
	{"not a mapping", "person:", "person: 4\nother:", ":6:9: int was used where mapping is expected", false},
	{"missing field", "  number: ZZZ0SIM1\n", "", ":17:9: document.number: simulated", false},
	{"key twice", "sex: F", "sex: F\n  sex: M", ":14:3: mapping key \"sex\" already defined", true},
	{"tag", "sex: F", "sex: !!str F", ":13:8: tags, anchors and aliases have no place here", true},
	{"tag on nothing", "sex: F", "sex: !foo", ":13:8: tags, anchors", true},
	{"anchor", "sex: F", "sex: &it F", ":13:8: tags, anchors", true},
	{"alias", "sex: F", "sex: &it F\n  title: *it", ":13:8: tags, anchors", true},
	{"two documents", "person:", "---\nperson:", ":1:1: there is more than one document", true},
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

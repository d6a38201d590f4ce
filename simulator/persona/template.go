package persona

import (
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"fmt"
	"strings"
)

//go:embed template.yaml
var template string

// Template is a commented persona file to start from. Its numbers follow from
// the name, so that two personas are two people.
func Template(name string) []byte {
	sum := sha256.Sum256([]byte("SPECIMEN persona " + name))
	number := binary.BigEndian.Uint64(sum[:8])
	given := strings.ToUpper(name)
	if !plainName.MatchString(given) {
		given = "EXEMPLE"
	}
	return []byte(strings.NewReplacer(
		"{{name}}", name, "{{file}}", name+".yaml", "{{given}}", given,
		"{{number}}", "ZZZ"+base36(number%(36*36*36*36*36*36)), "{{cin}}", fmt.Sprintf("ZZ0%05d", number%100_000),
	).Replace(template))
}

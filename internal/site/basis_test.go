package site_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/site"
)

// carried is the whole table: P what may be asked on the basis, A with an
// authorisation of the CNDP only, a dot what may never.
const carried = `
                      consent contract legal-obligation vital-interest public-interest legitimate-interest
photo                 P P P P P .
surname               P P P P P P
given_names           P P P P P P
national_surname      P P P P P P
national_given_names  P P P P P P
cin                   A A A A A .
document_number       P P P P P P
birth_date            P P P P P .
birth_place           P . P . P .
sex                   P P P P P .
nationality           P P P . P .
address               P P P P P .
personal_number       . . A . A .
expiry_date           P P P P P P
issuing_authority     P P P P P P
issue_date            P P P P P P
`

func TestWhatEachBasisCarries(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(carried), "\n")
	bases := strings.Fields(lines[0])
	require.Len(t, lines, len(site.Fields())+1)
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		for i, basis := range bases {
			asked := with(t, "[photo, surname]", "["+cells[0]+"]", "public-interest", basis, "1 year", "1 day")
			authorised := strings.Replace(asked, "declaration:", "authorisation:", 1)
			_, without := site.Parse([]byte(asked))
			_, given := site.Parse([]byte(authorised))
			name := fmt.Sprintf("%s on %s", cells[0], basis)
			assert.Equal(t, cells[i+1] == "P", without == nil, name)
			assert.Equal(t, cells[i+1] != ".", given == nil, name)
			for _, err := range []error{without, given} {
				if err != nil {
					assert.Contains(t, err.Error(), "purpose visit asks for "+cells[0], name)
				}
			}
		}
	}
	assert.Len(t, site.Bases(), len(bases))
}

// The documentation has the same table.
func TestDocumentedTable(t *testing.T) {
	page, err := os.ReadFile("../../docs/site.md")
	require.NoError(t, err)
	assert.Contains(t, string(page), "```"+carried+"```")
}

// The sentence names the purpose, the field, why, and what would be needed.
func TestRefusalSaysWhatWouldBeNeeded(t *testing.T) {
	_, err := site.Parse([]byte(with(t, "[photo, surname]", "[surname, address]", "public-interest", "legitimate-interest")))
	assert.EqualError(t, err, "17:23: purpose visit asks for address, which legitimate-interest does not carry: it weighs more than an interest of one's own; "+
		"lives-in answers without it; it would take the basis consent, contract, legal-obligation, vital-interest or public-interest")
	_, err = site.Parse([]byte(with(t, "[photo, surname]", "[personal_number]", "public-interest", "contract")))
	assert.ErrorContains(t, err, "it would take the basis legal-obligation or public-interest, with an authorisation of the CNDP")
}

func TestRetentionIsBounded(t *testing.T) {
	for basis, most := range map[string]int{"consent": 365, "contract": 3650, "legal-obligation": 3650, "vital-interest": 90, "public-interest": 1825, "legitimate-interest": 90} {
		for days, fine := range map[int]bool{most: true, most + 1: false} {
			_, err := site.Parse([]byte(with(t, "public-interest", basis, "[photo, surname]", "[surname]", "1 year", fmt.Sprint(days, " days"))))
			assert.Equal(t, fine, err == nil, "%s for %d days: %v", basis, days, err)
		}
	}
}

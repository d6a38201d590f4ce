package site_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cnie/internal/site"
)

// good is a small site file, which tests spoil.
const good = `production: false
languages: [ar, fr]
controller:
  name: {ar: جماعة, fr: Commune}
  address: 1 RUE DU SPECIMEN
  contact: specimen@exemple.invalid
desk:
  id: desk-1
  name: {ar: شباك, fr: Guichet}
purposes:
  - id: visit
    title: {ar: زيارة, fr: Visite}
    notice: {ar: سنقرأ بطاقتكم., fr: Nous lisons votre carte.}
    otherwise: {ar: وثائق, fr: Des papiers}
    basis: public-interest
    reference: un texte
    fields: [photo, surname]
    retention: 1 year
    declaration: D-1/2026
    habilitation: H-1/2026
`

// production makes of the good file, in the place of "production: false", one under
// which real people are served.
const production = "production: true\ntrust: trust\nledger: {dir: ledger}"

// with is the good file with parts replaced: old, new, old, new …
func with(t testing.TB, changes ...string) string {
	t.Helper()
	text := good
	for i := 0; i < len(changes); i += 2 {
		require.Contains(t, text, changes[i])
		text = strings.Replace(text, changes[i], changes[i+1], 1)
	}
	return text
}

func parsed(t testing.TB, changes ...string) *site.Site {
	t.Helper()
	s, err := site.Parse([]byte(with(t, changes...)))
	require.NoError(t, err)
	return s
}

func write(t testing.TB, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// Package spelling finds the word that was probably meant, for the end of a
// sentence about one that is unknown. It knows no language: what it compares are
// names that a program has, in ASCII, as somebody typed them.
package spelling

import "strings"

// maxWord is how much of a word is looked at, in bytes: it may be a stranger's.
const maxWord = 64

// Nearest gives the known word that is the fewest slips away from what was typed,
// the first of several; "" when none is near. Capitals do not count.
func Nearest[T ~string](typed string, known []T) T {
	typed = strings.ToLower(cut(typed))
	nearest, least := T(""), max(3, len(typed)/3+2)
	for _, k := range known {
		if d := slips(typed, strings.ToLower(cut(string(k)))); d < least {
			nearest, least = k, d
		}
	}
	return nearest
}

func cut(word string) string { return word[:min(len(word), maxWord)] }

// slips counts the letters to add, drop, change or swap with their neighbour to
// get from a to b.
func slips(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			change := row[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			next[j] = min(row[j]+1, next[j-1]+1, change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

package fault

import "fmt"

// unknown names the fault that was probably meant.
func unknown(name string) error {
	best, least := "", max(2, len(name)/3)+1
	for _, k := range kinds() {
		if d := distance(name, k.Name); d < least {
			best, least = k.Name, d
		}
	}
	if best == "" {
		return fmt.Errorf("%w: %q; `cnie-sim faults` lists those there are", ErrUnknown, name)
	}
	return fmt.Errorf("%w: %q; did you mean %s?", ErrUnknown, name, best)
}

// distance counts the letters to add, drop, change or swap with their neighbour
// to get from a to b.
func distance(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

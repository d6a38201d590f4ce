package site

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Fields lists the fields in the order in which a desk shows them.
func Fields() []Field {
	var all []Field
	for _, at := range places {
		all = append(all, at.field)
	}
	return all
}

// Answers lists the questions.
func Answers() []Answer { return slices.Sorted(maps.Keys(answered)) }

// meant continues a sentence about a word that is none with the nearest that is
// one: "; did you mean …?" Words far from all get the list.
func meant[T ~string](word string, known []T) string {
	nearest, least := T(""), len(word)/3+2
	for _, k := range known {
		if d := apart(strings.ToLower(word), string(k)); d < least {
			nearest, least = k, d
		}
	}
	if nearest != "" {
		return fmt.Sprintf("; did you mean %s?", nearest)
	}
	if len(known) > len(places) {
		return ""
	}
	return "; there are " + strings.Join(texts(known), ", ")
}

func texts[T ~string](words []T) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = string(w)
	}
	return all
}

// maxWord is how much of a word is looked at, in bytes.
const maxWord = 40

// apart counts the letters to add, drop or change between two words (Wagner and
// Fischer, one row at a time).
func apart(a, b string) int {
	a, b = a[:min(len(a), maxWord)], b[:min(len(b), maxWord)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// keysOf lists every key that a file can have, at any depth.
func keysOf(t reflect.Type) []string {
	for t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var all []string
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("yaml"); name != "" && name != "-" {
			all = append(append(all, name), keysOf(t.Field(i).Type)...)
		}
	}
	return all
}

package site

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"cnie/internal/spelling"
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
	if nearest := spelling.Nearest(word, known); nearest != "" {
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

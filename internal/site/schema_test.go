package site_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/site"
)

//go:generate go test . -run TestPublishedSchema -update

var update = flag.Bool("update", false, "write docs/site.schema.json anew")

const publishedSchema = "../../docs/site.schema.json"

// TestPublishedSchema keeps docs/site.schema.json equal to what the program
// prints.
func TestPublishedSchema(t *testing.T) {
	if *update {
		require.NoError(t, os.WriteFile(publishedSchema, site.Schema, 0o644))
	}
	got, err := os.ReadFile(publishedSchema)
	require.NoError(t, err)
	assert.Equal(t, string(site.Schema), string(got), "run `make generate`")
}

// node is as much of the schema as is compared with the Go types.
type node struct {
	Type       string
	Enum       []string
	Closed     json.RawMessage `json:"additionalProperties"`
	About      string          `json:"description"`
	Properties map[string]*node
	Items      *node
}

func TestSchemaFitsTheStruct(t *testing.T) {
	root := &node{}
	require.NoError(t, json.Unmarshal(site.Schema, root))
	fits(t, "site", root, reflect.TypeFor[site.Site]())
	purpose := root.Properties["purposes"].Items.Properties
	assert.Equal(t, words(site.Fields()), purpose["fields"].Items.Enum)
	assert.Equal(t, words(site.Fields()), purpose["guardian-fields"].Items.Enum)
	assert.Equal(t, words(site.Answers()), slices.Sorted(slices.Values(purpose["answers"].Items.Enum)))
	assert.Equal(t, words(site.Bases()), purpose["basis"].Enum)
	assert.Equal(t, site.Languages, root.Properties["languages"].Items.Enum)
}

func words[T ~string](all []T) []string {
	var texts []string
	for _, one := range all {
		texts = append(texts, string(one))
	}
	return texts
}

func fits(t *testing.T, path string, n *node, typ reflect.Type) {
	require.NotNil(t, n, path)
	kinds := map[reflect.Kind]string{reflect.String: "string", reflect.Bool: "boolean", reflect.Slice: "array", reflect.Struct: "object", reflect.Map: "object"}
	assert.Equal(t, kinds[typ.Kind()], n.Type, path)
	switch typ.Kind() {
	case reflect.Slice:
		fits(t, path+"[]", n.Items, typ.Elem())
	case reflect.Map:
		assert.Equal(t, "false", string(n.Closed), path)
		assert.Len(t, n.Properties, len(site.Languages), path)
	case reflect.Struct:
		assert.Equal(t, "false", string(n.Closed), "%s takes other keys", path)
		keys := 0
		for i := range typ.NumField() {
			if key := typ.Field(i).Tag.Get("yaml"); key != "" && key != "-" {
				name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
				assert.Equal(t, key, name, path)
				fits(t, path+"."+key, n.Properties[key], typ.Field(i).Type)
				assert.NotEmpty(t, n.Properties[key].About, "%s.%s is not described", path, key)
				keys++
			}
		}
		assert.Len(t, n.Properties, keys, path)
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(publishedSchema)
	require.NoError(t, err)
	return schema
}

// asJSON is what an editor that knows YAML hands to its validator.
func asJSON(t *testing.T, content []byte) any {
	t.Helper()
	converted, err := yaml.YAMLToJSON(content)
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(converted))
	require.NoError(t, err)
	return value
}

func TestGoodFilesKeepToTheSchema(t *testing.T) {
	schema := compiled(t)
	for _, content := range []string{string(site.Starter), good, with(t, "production: false", production)} {
		assert.NoError(t, schema.Validate(asJSON(t, []byte(content))))
	}
}

// TestSchemaSeesWhatLoadSees spoils a good file in many ways, each of which both
// must refuse.
func TestSchemaSeesWhatLoadSees(t *testing.T) {
	schema := compiled(t)
	for _, m := range mistakes {
		if !m.onlyLoad {
			assert.Error(t, schema.Validate(asJSON(t, []byte(with(t, m.old, m.new)))), m.new)
		}
	}
}

// The schema knows the whole table of what each basis carries.
func TestSchemaKnowsTheBases(t *testing.T) {
	schema := compiled(t)
	for _, basis := range site.Bases() {
		for _, field := range site.Fields() {
			content := []byte(with(t, "[photo, surname]", "["+string(field)+"]", "public-interest", string(basis), "1 year", "1 day"))
			_, err := site.Parse(content)
			assert.Equal(t, err == nil, schema.Validate(asJSON(t, content)) == nil, "%s on %s", field, basis)
		}
	}
}

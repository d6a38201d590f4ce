package persona

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const publishedSchema = "../../docs/persona.schema.json"

// node is as much of the schema as is compared with the Go types.
type node struct {
	Type                 any
	Pattern              string
	Enum                 []any
	MaxItems             int
	AdditionalProperties *bool
	Properties           map[string]*node
	Items                *node
}

func readSchema(t *testing.T) *node {
	t.Helper()
	content, err := os.ReadFile(publishedSchema)
	require.NoError(t, err)
	root := &node{}
	require.NoError(t, json.Unmarshal(content, root))
	return root
}

// at follows a path of a form: "person.surname".
func (n *node) at(path string) *node {
	for _, name := range strings.Split(path, ".") {
		if n != nil {
			n = n.Properties[name]
		}
	}
	return n
}

// TestSchemaHasTheFields walks the Go types and the schema together: the same
// names, the same kinds, and nothing more allowed.
func TestSchemaHasTheFields(t *testing.T) {
	compareTypes(t, "persona", reflect.TypeFor[Persona](), readSchema(t))
}

func compareTypes(t *testing.T, path string, typ reflect.Type, n *node) {
	if !assert.NotNil(t, n, path) {
		return
	}
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	kinds := map[reflect.Kind]string{
		reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer", reflect.Slice: "array", reflect.Struct: "object",
	}
	if path != "persona.person.birth" { // where YAML makes a number of a year
		assert.Equal(t, kinds[typ.Kind()], n.Type, path)
	}
	switch typ.Kind() {
	case reflect.Slice:
		assert.Equal(t, maxList, n.MaxItems, path)
		compareItems(t, path, typ.Elem(), n.Items)
	case reflect.Struct:
		compareFields(t, path, typ, n, nil)
	}
}

// compareItems knows that one Go type serves two lists, and that each takes all
// of it but what belongs to the other.
func compareItems(t *testing.T, path string, typ reflect.Type, n *node) {
	others := map[string][]string{"persona.chip.pace": {"x942"}, "persona.chip.authentication": {"mapping"}}
	if typ.Kind() == reflect.Struct {
		compareFields(t, path, typ, n, others[path])
		return
	}
	compareTypes(t, path+"[]", typ, n)
}

func compareFields(t *testing.T, path string, typ reflect.Type, n *node, without []string) {
	assert.Equal(t, new(bool), n.AdditionalProperties, "%s takes unknown keys", path)
	var names []string
	for i := range typ.NumField() {
		field := typ.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if name == "-" || slices.Contains(without, name) {
			continue
		}
		names = append(names, name)
		compareTypes(t, path+"."+name, field.Type, n.Properties[name])
	}
	for name := range n.Properties {
		assert.Contains(t, names, name, path)
	}
}

// TestSchemaHasTheForms compares what each text may be.
func TestSchemaHasTheForms(t *testing.T) {
	root := readSchema(t)
	patterns := map[string]string{}
	for _, f := range forms {
		patterns[f.path] = f.expr.String()
	}
	for _, f := range listForms {
		patterns[f.path] = f.expr.String()
		assert.Equal(t, f.expr.String(), root.at(f.path).Items.Pattern, f.path)
	}
	for path, pattern := range patterns {
		n := root.at(path)
		if n.Items == nil {
			assert.Equal(t, pattern, n.Pattern, path)
		}
	}
	values := map[*node][]string{
		root.at("issuer.curve"):                                   curveNames,
		root.at("chip.active.curve"):                              curveNames,
		root.at("chip.active.rsa"):                                strings.Fields(strings.Trim(fmt.Sprint(moduli), "[]")),
		root.at("chip.pace").Items.Properties["curve"]:            curveNames,
		root.at("chip.authentication").Items.Properties["curve"]:  curveNames,
		root.at("chip.pace").Items.Properties["cipher"]:           cipherNames,
		root.at("chip.authentication").Items.Properties["cipher"]: cipherNames,
		root.at("chip.pace").Items.Properties["mapping"]:          {"GM", "IM", "CAM"},
		root.at("chip.pace").Items.Properties["group"]:            groupNames,
		root.at("chip.authentication").Items.Properties["group"]:  groupNames,
		root.at("chip.inspection.curve"):                          curveNames[1:],
		root.at("chip.inspection.rsa"):                            {"2048", "3072"},
		root.at("issuer.rsa"):                                     strings.Fields(strings.Trim(fmt.Sprint(moduli), "[]")),
	}
	for _, c := range choices {
		values[root.at(c.path)] = c.values
	}
	for n, want := range values {
		var got []string
		for _, v := range n.Enum {
			got = append(got, fmt.Sprint(v))
		}
		assert.Equal(t, want, got)
	}
	for _, f := range habitForms {
		assert.Equal(t, f.expr.String(), root.at("chip.quirks").Items.Properties[f.name].Pattern, f.name)
	}
	countTexts(t, root, len(forms)+len(choices)+3+2) // the curves of issuer, chip.active and chip.inspection; summary and why are free
}

// countTexts finds a text of the schema that no form checks.
func countTexts(t *testing.T, root *node, want int) {
	n := 0
	for _, part := range root.Properties {
		n += texts(part)
	}
	assert.Equal(t, want, n, "texts outside lists")
}

func texts(n *node) int {
	count := 0
	if n.Type == "string" || len(n.Enum) == 0 && n.Pattern != "" {
		count++
	}
	for _, part := range n.Properties {
		count += texts(part)
	}
	return count
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

func TestEveryPersonaKeepsToTheSchema(t *testing.T) {
	schema := compiled(t)
	for _, name := range Names() {
		content, err := shipped.ReadFile("personas/" + name + ".yaml")
		require.NoError(t, err)
		assert.NoError(t, schema.Validate(asJSON(t, content)), name)
	}
	for p := range Generate(7, 50) {
		content, err := p.YAML()
		require.NoError(t, err)
		assert.NoError(t, schema.Validate(asJSON(t, content)), p.Name)
	}
	assert.NoError(t, schema.Validate(asJSON(t, Template("mine"))))
}

// TestSchemaSeesWhatLoadSees spoils a good persona in many ways, each of which
// both must refuse.
func TestSchemaSeesWhatLoadSees(t *testing.T) {
	schema := compiled(t)
	good, err := shipped.ReadFile("personas/specimen.yaml")
	require.NoError(t, err)
	for _, c := range mistakes {
		if c.onlyLoad {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			spoilt := []byte(strings.Replace(string(good), c.old, c.new, 1))
			_, err := parse("mine", "mine.yaml", spoilt)
			require.Error(t, err)
			assert.Error(t, schema.Validate(asJSON(t, spoilt)))
		})
	}
}

// The expressions mean the same to Go and to ECMA 262, which JSON Schema uses.
func TestFormsArePortable(t *testing.T) {
	odd := regexp.MustCompile(`\\[^.]|\(\?|\[\[`)
	for _, f := range forms {
		assert.NotRegexp(t, odd, f.expr.String(), f.path)
	}
}

package site

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The schema has the expressions of the program, written so that they mean the
// same to Go and to ECMA 262.
func TestSchemaHasTheForms(t *testing.T) {
	var schema any
	require.NoError(t, json.Unmarshal(Schema, &schema))
	at := func(path ...string) any {
		n := schema
		for _, key := range path {
			n = n.(map[string]any)[key]
		}
		return n
	}
	for pattern, f := range map[any]form{
		at("properties", "desk", "properties", "id", "pattern"):                     identifier,
		at("properties", "operators", "items", "properties", "key", "pattern"):      sshKey,
		at("properties", "policy-sha256", "pattern"):                                digest,
		at("properties", "purposes", "items", "properties", "retention", "pattern"): retention,
	} {
		assert.Equal(t, f.expr.String(), pattern)
		assert.NotRegexp(t, regexp.MustCompile(`\\[^.]|\(\?|\[\[`), f.expr.String())
	}
	notice := at("properties", "purposes", "items", "properties", "notice", "properties", "ar", "maxLength")
	assert.EqualValues(t, maxNotice, notice)
	assert.EqualValues(t, maxPurposes, at("properties", "purposes", "maxItems"))
	assert.EqualValues(t, maxOperators, at("properties", "operators", "maxItems"))
}

package site_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"cnie/internal/site"
)

// Some hundreds of years are more than a time.Duration holds, and must not come out
// as a short or a negative one.
func TestRetentionDoesNotOverflow(t *testing.T) {
	for _, keep := range []string{"293 years", "300 years", "585 years", "586 years", "9999 years", "9999 months"} {
		_, err := site.Parse([]byte(with(t, "    retention: 1 year", "    retention: "+keep)))
		assert.ErrorContains(t, err, "keeps records for "+keep, keep)
	}
}

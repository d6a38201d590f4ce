//go:build race

package trust_test

import "time"

const second = 10 * time.Second

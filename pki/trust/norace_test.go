//go:build !race

package trust_test

import "time"

const second = time.Second

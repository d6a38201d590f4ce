//go:build !unix || aix || solaris || illumos

package esign

// newPage is ordinary memory: the standard library cannot lock any here.
func newPage() ([]byte, error) { return make([]byte, 4096), nil }

func freePage([]byte) error { return nil }

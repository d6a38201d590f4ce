//go:build !linux

package photo

import "os"

// executable is where this program was started from. Should that be gone, nothing
// is started.
func executable() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	return path
}

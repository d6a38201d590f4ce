//go:build !unix

package agent

// syncFolder has nothing to do: Windows keeps names in its own journal, and opens
// no folder for that.
func syncFolder(string) error { return nil }

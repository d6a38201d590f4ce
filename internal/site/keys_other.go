//go:build !unix

package site

// systemKeys is a folder that only administrators may write on Windows as it is
// installed, unlike ProgramData, where users may create files.
func systemKeys() string { return `C:\Program Files\cnie\site.pub` }

// protected leaves it to the installation: rights here are lists, and no test of
// this project runs where they exist.
func protected(string) (writers string, err error) {
	return "not examined on this system; see that only administrators may write there", nil
}

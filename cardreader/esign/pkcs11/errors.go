package pkcs11

import "errors"

// ErrUnavailable says that this build cannot load modules.
var ErrUnavailable = errors.New("this build has no PKCS #11 support: build it for Windows, with cgo, or with the tag dlopen")

// ErrModule says that a file is no module, or one that does not start.
var ErrModule = errors.New("the PKCS #11 module cannot be used")

// ErrNoToken says that no token is there of those that a URI allows.
var ErrNoToken = errors.New("no such PKCS #11 token is there")

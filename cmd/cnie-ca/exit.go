package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"

	"cnie/internal/ca"
)

// Exit codes, after sysexits.h.
const (
	exitUsage        = 64
	exitMalformed    = 65
	exitUnavailable  = 69
	exitInternal     = 70
	exitFile         = 74
	exitNotPermitted = 77
	exitConfig       = 78
	exitInterrupted  = 130
)

// failure is an error with the code that the program ends with.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// failed makes a failure of one sentence.
func failed(code int, format string, args ...any) error {
	return &failure{code, fmt.Errorf(format, args...)}
}

// told turns what the authority says into a sentence with something to do, and an
// exit code.
func told(ctx context.Context, dir string, err error) error {
	var known *failure
	var wrong *ca.ConfigError
	var request *ca.RequestError
	var file *fs.PathError
	var link *os.LinkError
	var network *net.OpError
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case ctx.Err() != nil:
		return failed(exitInterrupted, "interrupted; nothing was changed that is not listed by `cnie-ca list`")
	case errors.As(err, &wrong):
		return failed(exitConfig, "%w", wrong)
	case errors.As(err, &request):
		return failed(exitMalformed, "%w", request)
	case errors.Is(err, ca.ErrUnknown):
		return failed(exitMalformed, "%w; `cnie-ca list` shows those there are", err)
	case errors.Is(err, ca.ErrRefused):
		return failed(exitNotPermitted, "%w", err)
	case errors.Is(err, ca.ErrServed):
		return failed(exitUnavailable, "another process has the authority in %s open; wait for it or stop it", dir)
	case errors.Is(err, ca.ErrUnreachable):
		return failed(exitUnavailable, "the authority in %s is served and does not answer; look after `cnie-ca serve`", dir)
	case errors.Is(err, fs.ErrNotExist) && errors.As(err, &file):
		return failed(exitFile, "%s is not there; `cnie-ca init` makes an authority", file.Path)
	case errors.As(err, &file):
		return failed(exitFile, "cannot %s %s: %w; check the path and its permissions", file.Op, file.Path, file.Err)
	case errors.As(err, &link):
		return failed(exitFile, "cannot %s %s to %s: %w; check the path and its permissions", link.Op, link.Old, link.New, link.Err)
	case errors.As(err, &network):
		return failed(exitUnavailable, "cannot %s on %v: %w; choose another address", network.Op, network.Addr, network.Err)
	}
	return failed(exitInternal, "%w; please report this", err)
}

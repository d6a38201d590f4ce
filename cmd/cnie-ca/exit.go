package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"

	"cnie/internal/ca"
	"cnie/internal/shell"
)

// told turns what the authority says into a sentence with something to do, and an
// exit code.
func told(ctx context.Context, dir string, err error) error {
	var known *shell.Failure
	var wrong *ca.ConfigError
	var request *ca.RequestError
	var file *fs.PathError
	var link *os.LinkError
	var network *net.OpError
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case ctx.Err() != nil:
		return shell.Failed(shell.ExitInterrupted, "interrupted; nothing was changed that is not listed by `cnie-ca list`")
	case errors.As(err, &wrong):
		return shell.Failed(shell.ExitConfig, "%w", wrong)
	case errors.As(err, &request):
		return shell.Failed(shell.ExitMalformed, "%w", request)
	case errors.Is(err, ca.ErrUnknown):
		return shell.Failed(shell.ExitMalformed, "%w; `cnie-ca list` shows those there are", err)
	case errors.Is(err, ca.ErrNoRootKey):
		return shell.Failed(shell.ExitFile, "%w", err)
	case errors.Is(err, ca.ErrRefused):
		return shell.Failed(shell.ExitNotPermitted, "%w", err)
	case errors.Is(err, ca.ErrServed):
		return shell.Failed(shell.ExitUnavailable, "another process has the authority in %s open; wait for it or stop it", dir)
	case errors.Is(err, ca.ErrUnreachable):
		return shell.Failed(shell.ExitUnavailable, "the authority in %s is served and does not answer; look after `cnie-ca serve`", dir)
	case errors.Is(err, fs.ErrNotExist) && errors.As(err, &file):
		return shell.Failed(shell.ExitFile, "%s is not there; `cnie-ca init` makes an authority", file.Path)
	case errors.As(err, &file):
		return shell.Failed(shell.ExitFile, "cannot %s %s: %w; check the path and its permissions", file.Op, file.Path, file.Err)
	case errors.As(err, &link):
		return shell.Failed(shell.ExitFile, "cannot %s %s to %s: %w; check the path and its permissions", link.Op, link.Old, link.New, link.Err)
	case errors.As(err, &network):
		return shell.Failed(shell.ExitUnavailable, "cannot %s on %v: %w; choose another address", network.Op, network.Addr, network.Err)
	}
	return shell.Failed(shell.ExitInternal, "%w; please report this", err)
}

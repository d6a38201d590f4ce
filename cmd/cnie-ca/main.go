// Command cnie-ca is a certification authority: of simulated cards, which it
// calls SPECIMEN, and of the counters and signing agents of an installation.
//
// An authority is a folder. init makes one; serve takes orders over HTTPS (from
// holders of keys, of cards and, with ACME, of host names) and publishes over HTTP
// a revocation list, OCSP answers and, for specimens, time stamps; issue, revoke
// and list work beside a server or without one.
//
// What it prints on standard output is for the caller; what it has to say about
// itself goes to standard error. Exit codes: 0 done (also after a signal to
// serve), 64 wrong usage, 65 a certificate request that cannot be used, or a
// serial number that nobody has, 69 an address in use, or an authority that
// somebody else has open, 70 a defect of this program, 74 a file could not be read
// or written, 77 the authority does not do this, 78 a file of the authority is
// wrong, 130 interrupted.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(mainCode()) }

// mainCode ends the program's work at the first signal; a second one kills it.
func mainCode() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, os.Args[1:], os.Stdout, os.Stderr)
}

// Command cnie-sim plays identity cards that do not exist.
//
// It plugs simulated cards into virtual PC/SC readers, or lets them answer at a
// TCP port, so that any program that reads cards can be tried without one; and it
// pulls them out again at the worst moment, when told to through a socket. Every
// person on these cards is named SPECIMEN, and the certificates that sign them
// are published: nothing that verifies here may be believed elsewhere.
//
// What it prints on standard output is for the caller, text or JSON; what it
// has to say about itself goes to standard error. Exit codes: 0 done (also
// after a signal, which is how a card is pulled out), 64 wrong usage, 65
// malformed input, 69 no virtual reader, or one or a port that is taken, 70 a
// defect of this program, 74 a file could not be read or written, 78 a persona
// file is wrong or a state file is another version's, 130 a signal stopped what
// should have become complete.
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

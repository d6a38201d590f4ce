// Command cnie verifies people by their electronic identity card.
//
// The program is a thin shell: it turns arguments into options, lets
// cardreader/emrtd read a card and pki judge it, and shows the report. What a
// command prints goes to standard output, what it says on the way to standard
// error. The exit code carries the verdict; package-level constants in exit.go
// list the codes.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"cnie/cardreader/pcsc"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends what does not heed the first, such as opening a pipe that nobody writes to
	program := &program{
		system: pcsc.New(),
		stdin:  os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		interactive: term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stderr.Fd())),
		colours:     term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == "",
		anew:        overwriteFreed,
	}
	os.Exit(program.run(ctx, os.Args[1:]))
}

// Command demo plays a clerk and a citizen at a counter that is running, in a
// browser without a window, and keeps pictures of what they saw. scripts/demo.sh
// starts it; it is part of no program that is shipped.
//
// It is a demonstration and no test of its own: it stops with the first thing
// that is not on the screen in time, and says what it was waiting for.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// limit is for all of it, on a machine that is busy.
const limit = 3 * time.Minute

func main() {
	var d demo
	flag.StringVar(&d.clerk, "clerk", "", "the address that pairs a clerk's screen, `URL`")
	flag.StringVar(&d.citizen, "citizen", "", "the address that pairs a citizen's screen, `URL`")
	flag.StringVar(&d.control, "control", "", "the socket of the simulator, `PATH`")
	flag.StringVar(&d.can, "can", "", "the `CAN` of its card")
	flag.StringVar(&d.out, "out", "out", "where pictures go, `DIR`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := d.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		cancel()
		stop()
		os.Exit(1)
	}
}

//go:build cgo

package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"cnie/internal/pcscd"
)

// hang is how long anything may take on a machine that is busy.
const hang = 2 * time.Minute

// rooms is how many tests run side by side: each has a driver with two readers.
const rooms = 3

// world is what all tests share.
var world struct {
	dir     string          // the programs, and the trust anchors in trust/
	marker  string          // the persona with the portrait that is searched for
	shots   string          // where screenshots are left
	browser context.Context // of the one browser
	daemon  *pcscd.Daemon
	free    chan int // drivers that no test has
}

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// run gets the world ready, and takes it apart again.
func run(m *testing.M) (int, error) {
	var err error
	if world.dir, err = os.MkdirTemp("", "browser"); err != nil {
		return 0, err
	}
	defer os.RemoveAll(world.dir)
	if world.marker, err = filepath.Abs("testdata/marker.yaml"); err != nil {
		return 0, err
	}
	if world.shots, err = filepath.Abs("../../../out/counter"); err != nil {
		return 0, err
	}
	if err := os.MkdirAll(world.shots, 0o755); err != nil {
		return 0, err
	}
	for _, command := range [][]string{
		{"go", "build", "-o", world.dir, "cnie/cmd/cnie", "cnie/cmd/cnie-sim"},
		{filepath.Join(world.dir, "cnie-sim"), "trust", filepath.Join(world.dir, "trust")},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			return 0, fmt.Errorf("%v: %w: %s", command, err, out)
		}
	}
	if world.daemon, err = pcscd.Launch(pcscd.Options{Drivers: rooms}); err != nil {
		return 0, err
	}
	defer world.daemon.Stop()
	world.free = make(chan int, rooms)
	for i := range rooms {
		world.free <- i
	}
	closeBrowser, err := openBrowser()
	if err != nil {
		return 0, err
	}
	defer closeBrowser()
	return m.Run(), nil
}

// openBrowser starts Chromium, as Debian ships it. Motion is off, so that frames
// come when something changes and not sixty times a second.
func openBrowser() (func(), error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.Flag("headless", "new"), chromedp.Flag("force-prefers-reduced-motion", true), chromedp.Flag("lang", "en"),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("hide-scrollbars", true), chromedp.UserDataDir(filepath.Join(world.dir, "profile")),
		chromedp.WSURLReadTimeout(hang), chromedp.WindowSize(1280, 1000))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // the sandbox refuses root
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	browser, closeTab := chromedp.NewContext(allocator)
	if err := chromedp.Do(browser); err != nil {
		stop()
		return nil, fmt.Errorf("start Chromium: %w; if it is missing, run `make deps-test`", err)
	}
	world.browser = browser
	return func() { closeTab(); stop() }, nil
}

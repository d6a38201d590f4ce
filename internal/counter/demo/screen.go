package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long one thing may take to appear.
const patience = 30 * time.Second

// screen is one tab of the browser.
type screen struct {
	ctx context.Context
	out string
}

// browse starts a browser, which ends with stop.
func browse(ctx context.Context) (browser context.Context, stop func()) {
	// As high as the longest page: what sticks to the lower edge then covers nothing.
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.WindowSize(1280, 1420),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("disable-background-networking", true))
	started, end := chromedp.NewExecAllocator(ctx, options...)
	browser, cancel := chromedp.NewContext(started)
	return browser, func() { cancel(); end() }
}

// open shows an address in a tab of its own.
func open(browser context.Context, address, out string) (screen, error) {
	ctx, _ := chromedp.NewContext(browser) // ends with the browser
	_, err := chromedp.Run(ctx, chromedp.Navigate(address))
	return screen{ctx, out}, err
}

// ask evaluates an expression in the page.
func ask[T any](s screen, expression string, values ...any) (T, error) {
	return chromedp.Run(s.ctx, chromedp.Evaluate[T](fmt.Sprintf(expression, values...)))
}

// until asks again and again until the page answers yes. It does so from outside:
// the page's content security policy forbids to wait in it with a script that is
// made of text. While one page is replaced by the next there may be nobody to ask.
func (s screen) until(what, expression string, values ...any) error {
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		var yes bool
		if yes, err = ask[bool](s, expression, values...); yes {
			return nil
		}
		if s.ctx.Err() != nil {
			return s.ctx.Err()
		}
	}
	return errors.Join(fmt.Errorf("%s did not come within %v", what, patience), err)
}

// see waits until the page has what a selector finds.
func (s screen) see(selector string) error {
	return s.until(selector, "document.querySelector(%q) !== null", selector)
}

// press waits for a button and presses it.
func (s screen) press(selector string) error {
	return s.until(selector, "(e => (e?.click(), !!e))(document.querySelector(%q))", selector)
}

// fill waits for a field and puts a value into it.
func (s screen) fill(selector, value string) error {
	return s.until(selector, "(e => (e && (e.value = %[2]q), !!e))(document.querySelector(%[1]q))", selector, value)
}

// lacks fails when the page has what must never be there.
func (s screen) lacks(selector string) error {
	there, err := ask[bool](s, "document.querySelector(%q) !== null", selector)
	if err == nil && there {
		err = fmt.Errorf("%s is on the screen", selector)
	}
	return err
}

// picture keeps what is in the window, once its images and fonts are there.
func (s screen) picture(name string) error {
	if err := s.until("fonts and images", `document.fonts.status === "loaded" && [...document.images].every(i => i.complete)`); err != nil {
		return err
	}
	png, err := chromedp.Run(s.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return err
	}
	file := filepath.Join(s.out, name+".png")
	if err := os.WriteFile(file, png, 0o644); err != nil {
		return err
	}
	fmt.Println("  " + file)
	return nil
}

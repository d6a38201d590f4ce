package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.WindowSize(1280, 1000),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("disable-background-networking", true))
	started, end := chromedp.NewExecAllocator(ctx, options...)
	browser, cancel := chromedp.NewContext(started)
	return browser, func() { cancel(); end() }
}

// open shows an address in a tab of its own.
func open(browser context.Context, address, out string) (screen, error) {
	ctx, _ := chromedp.NewContext(browser) // ends with the browser
	s := screen{ctx, out}
	return s, chromedp.Run(ctx, chromedp.Navigate(address))
}

// see waits until the page has what a selector finds. It asks again and again from
// outside: the page's content security policy forbids the browser to wait for it
// with a script made of text.
func (s screen) see(selector string) error {
	for until := time.Now().Add(patience); time.Now().Before(until); {
		var there bool
		err := chromedp.Run(s.ctx, chromedp.Evaluate(fmt.Sprintf("document.querySelector(%q) !== null", selector), &there))
		if there || s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		if err != nil && !strings.Contains(err.Error(), "context") { // the page is being replaced by the next one
			return err
		}
		time.Sleep(30 * time.Millisecond)
	}
	return fmt.Errorf("%s did not come within %v", selector, patience)
}

// press waits for a button and presses it.
func (s screen) press(selector string) error {
	if err := s.see(selector); err != nil {
		return err
	}
	return chromedp.Run(s.ctx, chromedp.Evaluate(fmt.Sprintf("document.querySelector(%q).click()", selector), nil))
}

// fill waits for a field and puts a value into it.
func (s screen) fill(selector, value string) error {
	if err := s.see(selector); err != nil {
		return err
	}
	return chromedp.Run(s.ctx, chromedp.Evaluate(fmt.Sprintf("document.querySelector(%q).value = %q", selector, value), nil))
}

// lacks fails when the page has what must never be there.
func (s screen) lacks(selector string) error {
	var there bool
	err := chromedp.Run(s.ctx, chromedp.Evaluate(fmt.Sprintf("document.querySelector(%q) !== null", selector), &there))
	if err == nil && there {
		err = fmt.Errorf("%s is on the screen", selector)
	}
	return err
}

// link waits for a link and gives its whole address.
func (s screen) link(selector string) (address string, err error) {
	if err = s.see(selector); err == nil {
		err = chromedp.Run(s.ctx, chromedp.Evaluate(fmt.Sprintf("document.querySelector(%q).href", selector), &address))
	}
	return address, err
}

// picture keeps the whole page, once its images and fonts are there.
func (s screen) picture(name string) error {
	var ready bool
	for until := time.Now().Add(patience); !ready && time.Now().Before(until); time.Sleep(30 * time.Millisecond) {
		err := chromedp.Run(s.ctx, chromedp.Evaluate(`document.fonts.status === "loaded" && [...document.images].every(i => i.complete)`, &ready))
		if err != nil {
			return err
		}
	}
	var png []byte
	if err := chromedp.Run(s.ctx, chromedp.FullScreenshot(&png, 100)); err != nil {
		return err
	}
	file := filepath.Join(s.out, name+".png")
	if err := os.WriteFile(file, png, 0o644); err != nil {
		return err
	}
	fmt.Println("  " + file)
	return nil
}

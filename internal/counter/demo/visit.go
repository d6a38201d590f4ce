package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cnie/simulator/control"
)

// demo is what the shell script has started, and where pictures go.
type demo struct {
	clerk, citizen, control, can, out string

	desk, hall screen // the clerk's and the citizen's
}

// act is something that somebody does, or sees.
type act struct {
	what string
	do   func() error
}

func (d *demo) run(ctx context.Context) (err error) {
	browser, stop := browse(ctx)
	defer stop()
	if d.desk, err = open(browser, d.clerk, d.out); err != nil {
		return fmt.Errorf("the browser does not open the clerk's screen: %w; is chromium installed? (make deps-test)", err)
	}
	if d.hall, err = open(browser, d.citizen, d.out); err != nil {
		return fmt.Errorf("open the citizen's screen: %w", err)
	}
	for _, a := range append(d.honest(), d.forged()...) {
		if err := a.do(); err != nil {
			return fmt.Errorf("%s: %w", a.what, err)
		}
	}
	return nil
}

// honest is a visit that goes well.
func (d *demo) honest() []act {
	return []act{
		{"the citizen chooses Arabic", func() error { return d.hall.press("[data-testid=language-ar]") }},
		{"nobody has laid a card yet", func() error { return d.hand(control.Remove, "") }},
		{"the desk waits", func() error { return d.desk.see("[data-testid=purpose-residence]") }},
		{"picture of the start", func() error { return d.desk.picture("counter-1-start") }},
		{"the clerk begins", func() error { return d.begin("A-101") }},
		{"the desk waits for a card", func() error { return d.desk.see("[data-state=waiting-card]") }},
		{"the citizen lays the card", func() error { return d.hand(control.Insert, "") }},
		{"the citizen is asked", func() error { return d.hall.see("[data-testid=agree]") }},
		{"picture of the question", func() error { return d.hall.picture("counter-2-citizen") }},
		{"the clerk types the CAN", d.open},
		{"the citizen agrees", func() error { return d.hall.press("[data-testid=agree]") }},
		{"the card is accepted", func() error { return d.desk.see("[data-verdict=accepted]") }},
		{"the clerk sees the photo", func() error { return d.desk.see("[data-testid=photo]") }},
		{"picture of the verdict", func() error { return d.desk.picture("counter-3-verdict") }},
		{"the clerk compares", func() error { return d.desk.press("[data-testid=match-match]") }},
		{"the visit is recorded", func() error { return d.desk.see("[data-result=accepted] [data-testid=place]") }},
		{"picture of the end", func() error { return d.desk.picture("counter-4-done") }},
		{"the receipt", d.receipt},
		{"the clerk closes", func() error { return d.desk.press("[data-testid=close]") }},
	}
}

// forged is a visit with a photo that is not the one that was signed.
func (d *demo) forged() []act {
	return []act{
		{"somebody lays a forged card", func() error { return d.hand(control.Swap, "specimen,photo-swapped=ancien") }},
		{"the clerk begins", func() error { return d.begin("A-102") }},
		{"the clerk types the CAN", d.open},
		{"the citizen agrees", func() error { return d.hall.press("[data-testid=agree]") }},
		{"the card is refused", func() error { return d.desk.see("[data-verdict=refused]") }},
		{"its photo is not shown", func() error { return d.desk.lacks("[data-testid=photo]") }},
		{"picture of the refusal", func() error { return d.desk.picture("counter-6-refused") }},
		{"the clerk closes", func() error { return d.desk.press("[data-testid=close]") }},
		{"the honest card is back", func() error { return d.hand(control.Swap, "specimen") }},
	}
}

func (d *demo) begin(ticket string) error {
	return errors.Join(
		d.desk.fill("#operator", "clerk-1"),
		d.desk.fill("#ticket", ticket),
		d.desk.press("[data-testid=purpose-residence]"),
	)
}

func (d *demo) open() error {
	return errors.Join(d.desk.fill("[data-testid=password]", d.can), d.desk.press("[data-testid=open]"))
}

// receipt is what the citizen takes home. The clerk's page opens it in a tab of its
// own; here it takes the place of the page for a moment.
func (d *demo) receipt() error {
	const slip = "[data-testid=slip]"
	if err := d.desk.see(slip); err != nil {
		return err
	}
	if err := d.desk.until(slip, "(a => (a.target = '', a.click(), true))(document.querySelector(%q))", slip); err != nil {
		return err
	}
	return errors.Join(
		d.desk.until("the receipt", "!document.querySelector('#main') && document.readyState === 'complete'"),
		d.desk.picture("counter-5-receipt"),
		d.desk.until("the way back", "(history.back(), true)"),
	)
}

// hand moves the simulated card.
func (d *demo) hand(do, card string) error {
	ctx, cancel := context.WithTimeout(d.desk.ctx, time.Minute)
	defer cancel()
	answer, err := control.Ask(ctx, d.control, control.Request{Do: do, Card: card})
	return errors.Join(err, answer.Err())
}

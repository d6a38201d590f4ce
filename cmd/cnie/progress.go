package main

import (
	"math"
	"time"

	"github.com/schollz/progressbar/v3"

	"cnie/cardreader/emrtd"
)

// timing says how long each part of a verification took, in milliseconds.
type timing struct {
	Connect float64 `json:"connect"`
	Access  float64 `json:"access"`
	Read    float64 `json:"read"`
	Chip    float64 `json:"chip"`
	Judge   float64 `json:"judge"`
	Total   float64 `json:"total"`
}

// since is the time from then to now in milliseconds, to the microsecond.
func since(start time.Time) float64 {
	return float64(time.Since(start).Microseconds()) / 1000
}

// progress follows a reading: it shows a bar on a terminal and books the time
// that passes on the step that is under way.
type progress struct {
	timing *timing
	step   emrtd.Step
	began  time.Time
	bar    *progressbar.ProgressBar
}

func (v *verification) newProgress(r *reading) *progress {
	p := &progress{timing: &r.timing, began: time.Now()}
	if v.interactive {
		p.bar = progressbar.NewOptions64(-1,
			progressbar.OptionSetWriter(v.stderr),
			progressbar.OptionSetWidth(24),
			progressbar.OptionShowBytes(true),
			progressbar.OptionClearOnFinish(),
			progressbar.OptionThrottle(50*time.Millisecond),
		)
	}
	return p
}

func (p *progress) update(now emrtd.Progress) {
	p.book(now.Step)
	if p.bar == nil {
		return
	}
	p.bar.Describe(describe(now))
	if now.BytesTotal > 0 {
		p.bar.ChangeMax(now.BytesTotal)
		_ = p.bar.Set(now.BytesRead) // a bar that cannot be drawn does not matter
	}
}

func (p *progress) done() {
	p.book("")
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}

// book adds the time since the last change to the step that was under way.
func (p *progress) book(next emrtd.Step) {
	elapsed := since(p.began)
	switch p.step {
	case emrtd.StepAccess, emrtd.StepWait:
		add(&p.timing.Access, elapsed)
	case emrtd.StepFile:
		add(&p.timing.Read, elapsed)
	case emrtd.StepChip, emrtd.StepActive:
		add(&p.timing.Chip, elapsed)
	}
	p.step, p.began = next, time.Now()
}

// add counts milliseconds, and keeps the sum to the microsecond.
func add(sum *float64, elapsed float64) {
	*sum = math.Round((*sum+elapsed)*1000) / 1000
}

func describe(now emrtd.Progress) string {
	switch now.Step {
	case emrtd.StepAccess:
		return "Opening the card"
	case emrtd.StepWait:
		return "The card takes its time, as after a wrong CAN"
	case emrtd.StepChip, emrtd.StepActive:
		return "Is it the original?"
	}
	return "Reading " + now.File.String()
}

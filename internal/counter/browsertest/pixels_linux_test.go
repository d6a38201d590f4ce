//go:build cgo

package browsertest

import (
	"bytes"
	"context"
	"image"
	"image/color"
	_ "image/png" // the frames
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// watch looks at every frame that a window paints.
type watch struct {
	*window
	mu     sync.Mutex
	frames int
	worst  int // pixels of the marker in one frame
	worked sync.WaitGroup
}

// watch begins to look for the marker's portrait, from now on.
func (w *window) watch() *watch {
	w.Helper()
	look := &watch{window: w}
	require.NoError(w, chromedp.Listen(w.tab, func(event any) {
		if frame, ok := event.(*page.EventScreencastFrame); ok {
			look.worked.Go(func() { look.at(frame) })
		}
	}))
	every := page.StartScreencastParams{Format: page.StartScreencastFormatPng, MaxWidth: 640, MaxHeight: 640, EveryNthFrame: 1, MaxFramesInFlight: 10000}
	send(w, page.StartScreencast, every)
	return look
}

func (k *watch) at(frame *page.EventScreencastFrame) {
	found := k.marked(frame.Data)
	k.mu.Lock()
	k.frames++
	k.worst = max(k.worst, found)
	k.mu.Unlock()
	// The browser paints on when it hears that this one was taken.
	acknowledged := page.ScreencastFrameAckParams{SessionID: frame.SessionID}
	_ = chromedp.Do(k.tab, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error { // a window that closes needs none
		_, err := cdp.Call(ctx, t, page.ScreencastFrameAck, acknowledged)
		return err
	}))
}

// marked counts the pixels that have the colour of the marker's portrait.
func (k *watch) marked(png []byte) (found int) {
	picture, _, err := image.Decode(bytes.NewReader(png))
	if !assert.NoError(k, err) {
		return 0
	}
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y++ {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x++ {
			if isMarker(picture.At(x, y)) {
				found++
			}
		}
	}
	return found
}

// isMarker allows for what JPEG and drawing to scale do to a colour.
func isMarker(c color.Color) bool {
	r, g, b, _ := c.RGBA()
	return r>>8 > 210 && g>>8 < 70 && b>>8 > 150 && b>>8 < 240
}

// seen ends the watch with a last look at the whole page, and gives the most
// pixels of the portrait that one frame had.
func (k *watch) seen() int {
	k.Helper()
	send(k.window, page.StopScreencast, cdp.Empty{})
	last := get(k.window, chromedp.FullScreenshot(100))
	k.worked.Wait()
	k.mu.Lock()
	defer k.mu.Unlock()
	require.Positive(k, k.frames, "nothing was looked at")
	return max(k.worst, k.marked(last))
}

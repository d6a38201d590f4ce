package web

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/counter/web/guard"
	"cnie/internal/counter/web/words"
)

var (
	gallery = flag.String("gallery", "", "take pictures of every state in every language, into this folder, with Chromium")
	only    = flag.String("gallery-only", "", "of those whose name matches this expression")
	size    = flag.String("gallery-size", "1280x800", "of the window")
	full    = flag.Bool("gallery-full", false, "the whole page, not only what the window shows")
)

// unsaid is what a page shows where a catalogue lacks a text.
var unsaid = regexp.MustCompile(`>\s*(?:next|failure|photo|verdict|field|check|step|axis|outcome|citizen|note|match|result|names|answer|question|basis|progress|time)\.[a-z_.-]+`)

// Every state in every language is a whole page without a text that is missing,
// anything inline, or an address elsewhere.
func TestEveryStateInEveryLanguage(t *testing.T) {
	room := newRoom(t, nil)
	all := scenes(t, room.server.options.Site)
	for _, role := range []guard.Role{guard.Clerk, guard.Citizen} {
		screen := room.pair(role)
		var browser *camera
		if *gallery != "" {
			require.NoError(t, os.MkdirAll(*gallery, 0o755))
			browser = room.camera(*size)
			browser.pair(role)
		}
		for _, l := range words.Languages {
			room.server.options.Language = l.Tag
			for _, name := range slices.Sorted(maps.Keys(all)) {
				room.put(all[name])
				body := screen.page("")
				where := string(role) + "-" + name + "-" + l.Tag
				assert.Contains(t, body, `<html lang="`+l.Tag+`" dir="`+l.Dir+`">`, where)
				assert.NotRegexp(t, unsaid, body, where)
				assert.NotRegexp(t, `(?i)<style|<script>|\son[a-z]+=|\sstyle=|https?://`, strings.ReplaceAll(body, `xmlns="http://www.w3.org/2000/svg"`, ""), where)
				if browser != nil && regexp.MustCompile(*only).MatchString(where) {
					browser.shoot(filepath.Join(*gallery, where+".png"))
				}
			}
		}
	}
}

// camera is a browser that is paired in a role and takes pictures.
type camera struct {
	*room
	ctx context.Context
}

// camera opens a browser at a window's size, such as 1280x800.
func (r *room) camera(size string) *camera {
	r.Helper()
	width, height := 0, 0
	_, err := fmt.Sscanf(size, "%dx%d", &width, &height)
	require.NoError(r, err)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.ExecPath("chromium"), chromedp.WindowSize(width, height))
	ctx, cancel := chromedp.NewExecAllocator(r.Context(), options...)
	r.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	r.Cleanup(cancel)
	require.NoError(r, chromedp.Do(ctx, chromedp.EmulateViewport(int64(width), int64(height))))
	return &camera{r, ctx}
}

// pair shows the page of a role from now on.
func (c *camera) pair(role guard.Role) {
	c.Helper()
	require.NoError(c, chromedp.Do(c.ctx, chromedp.Navigate(c.http.URL+c.server.Invite(role)), chromedp.WaitVisible("#main")))
}

// shoot takes a picture of what the window shows, or of the whole page.
func (c *camera) shoot(file string) {
	c.Helper()
	loaded := chromedp.Evaluate[chromedp.Void](`Promise.all([document.fonts.ready, ...[...document.images].map(i => i.decode())])`, chromedp.EvalAwaitPromise)
	require.NoError(c, chromedp.Do(c.ctx, chromedp.Reload(), chromedp.WaitVisible("#main"), loaded))
	take := chromedp.CaptureScreenshot()
	if *full {
		take = chromedp.FullScreenshot(100)
	}
	picture, err := chromedp.Run(c.ctx, take)
	require.NoError(c, err)
	require.NoError(c, os.WriteFile(file, picture, 0o600))
}

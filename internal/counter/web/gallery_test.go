package web

import (
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/counter/web/guard"
	"cnie/internal/counter/web/words"
)

var (
	gallery = flag.String("gallery", "", "take pictures of every state in every language, into this folder, with Chromium")
	only    = flag.String("gallery-only", "", "of those whose name matches this expression")
)

// unsaid is what a page shows where a catalogue lacks a text.
var unsaid = regexp.MustCompile(`>\s*(?:next|failure|photo|verdict|field|check|step|axis|outcome|citizen|note|match|result|names|answer|question|basis|progress)\.[a-z_.-]+`)

// Every state in every language is a whole page without a text that is missing,
// anything inline, or an address elsewhere.
func TestEveryStateInEveryLanguage(t *testing.T) {
	room := newRoom(t, nil)
	all := scenes(t, room.server.options.Site)
	for _, role := range []guard.Role{guard.Clerk, guard.Citizen} {
		for _, l := range words.Languages {
			room.server.options.Language = l.Tag
			screen := room.pair(role)
			for _, name := range slices.Sorted(maps.Keys(all)) {
				room.put(all[name])
				body := screen.page("")
				where := string(role) + "-" + name + "-" + l.Tag
				assert.Contains(t, body, `<html lang="`+l.Tag+`" dir="`+l.Dir+`">`, where)
				assert.NotRegexp(t, unsaid, body, where)
				assert.NotRegexp(t, `(?i)<style|<script>|\son[a-z]+=|\sstyle=|https?://`, strings.ReplaceAll(body, `xmlns="http://www.w3.org/2000/svg"`, ""), where)
				if *gallery != "" && regexp.MustCompile(*only).MatchString(where) {
					room.shoot(role, filepath.Join(*gallery, where+".png"))
				}
			}
		}
	}
}

// shoot has a browser pair and take a picture of what it then sees.
func (r *room) shoot(role guard.Role, file string) {
	r.Helper()
	address := r.http.URL + r.server.Invite(role)
	browser := exec.Command("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--user-data-dir="+r.TempDir(),
		"--window-size=1280,1000", "--timeout=8000", "--screenshot="+file, address)
	out, err := browser.CombinedOutput()
	require.NoError(r, err, string(out))
	_, err = os.Stat(file)
	require.NoError(r, err, string(out))
}

package web

import (
	"net/url"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/counter"
	"cnie/internal/counter/web/guard"
	"cnie/internal/counter/web/words"
)

// Both screens know when a step ends and have a button for more time, one key of
// which works even while somebody types; after the end only the clerk's does.
func TestTimeOfAStep(t *testing.T) {
	room := newRoom(t, nil)
	all := scenes(t, room.server.options.Site)
	end := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, role := range []guard.Role{guard.Clerk, guard.Citizen} {
		screen := room.pair(role)
		for name, scene := range all {
			room.put(scene)
			body := screen.page("")
			if scene.ID == "" || role == guard.Citizen && scene.State.Ended() {
				assert.NotContains(t, body, "data-deadline", "%s %s", role, name)
				continue
			}
			assert.Contains(t, body, `data-deadline="`+strconv.FormatInt(end.UnixMilli(), 10)+`"`, "%s %s", role, name)
			assert.Regexp(t, `<section id="time" data-region aria-live="polite"`, body)
			assert.Regexp(t, `aria-hidden="true"><bdi dir="ltr"><span data-left>`, body, "the number is not read out each second")
			assert.Regexp(t, `data-testid="more" data-shortcut="F2[ "]`, body)
			assert.Regexp(t, `(?s)<noscript><div class="time">.*action="more".*</noscript>`, body, "%s %s without JavaScript", role, name)
		}
		room.put(all["04-asking"])
		screen.press("more", url.Values{"transaction": {"t1"}})
	}
	assert.Equal(t, "more:t1 more:t1", room.desk.said())
	working := all["05-reading"]
	working.Deadline = time.Time{}
	room.put(working)
	assert.NotContains(t, room.pair(guard.Clerk).page(""), "data-deadline", "nobody is waited for")
}

// A label whose text is another language's than the page's stands with its value
// in that language's order: a label in Arabic is to the right of it.
func TestLabelsKeepTheirDirection(t *testing.T) {
	room := newRoom(t, nil)
	room.server.options.Language = "zgh"
	labels, pairs := regexp.MustCompile(`(.{0,40})<span lang="ar" dir="rtl">[^<]*</span>(?::| <bdi)`), 0
	for _, role := range []guard.Role{guard.Clerk, guard.Citizen} {
		screen := room.pair(role)
		for name, scene := range scenes(t, room.server.options.Site) {
			room.put(scene)
			for _, found := range labels.FindAllStringSubmatch(screen.page(""), -1) {
				assert.Regexp(t, `<bdi dir="rtl">(<strong>)?$`, found[1], "%s %s: %s", role, name, found[0])
				pairs++
			}
		}
	}
	assert.Greater(t, pairs, 20)
	assert.Equal(t, "rtl", words.Find("zgh").In("ledger.place").Dir)
}

// Every label that a colon follows is inside an element that has its direction.
func TestColonsAreInsideADirection(t *testing.T) {
	for _, name := range []string{"clerk", "citizen", "holder", "frame"} {
		content, err := os.ReadFile("pages/" + name + ".html")
		require.NoError(t, err)
		for _, found := range regexp.MustCompile(`(.{0,60})\{\{t "([a-z.-]+)"\}\}\{\{colon\}\}`).FindAllStringSubmatch(string(content), -1) {
			assert.Regexp(t, regexp.QuoteMeta(`<bdi dir="{{way "`+found[2]+`"}}">`)+`(<strong>)?$`, found[1], name)
		}
	}
}

// The clerk's page of a guardian has the guardian's name in the form, so that a
// click that comes late says nothing of the minor.
func TestMatchIsAboutThePersonShown(t *testing.T) {
	room := newRoom(t, nil)
	clerk := room.pair(guard.Clerk)
	scene := scenes(t, room.server.options.Site)["06-deciding"]
	scene.Person = counter.Guardian
	room.put(scene)
	form := regexp.MustCompile(`(?s)<form method="post" action="match".*?</form>`).FindString(clerk.page(""))
	assert.Contains(t, form, `name="person" value="guardian"`)
	scene.Person = counter.Holder
	room.put(scene)
	require.Eventually(t, func() bool { now, _ := room.server.station("").look(); return now.Person == counter.Holder }, time.Second, time.Millisecond)
	clerk.press("match", url.Values{"match": {"match"}, "transaction": {"t1"}, "person": {"guardian"}})
	assert.Empty(t, room.desk.said())
	assert.Contains(t, clerk.page(""), `data-key="note.unknown"`)
	clerk.press("match", url.Values{"match": {"match"}, "transaction": {"t1"}, "person": {"holder"}})
	assert.Equal(t, "match:t1:match", room.desk.said())
}

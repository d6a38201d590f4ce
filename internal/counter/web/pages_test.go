package web

import (
	"bufio"
	"encoding/json"
	"errors"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/answer"
	"cnie/internal/counter"
	"cnie/internal/counter/web/assets"
	"cnie/internal/counter/web/guard"
	"cnie/internal/counter/web/words"
	"cnie/internal/names"
	"cnie/internal/site"
	"cnie/pki"
)

// stream opens an event stream and gives what comes, one event at a time.
func (s *screenOf) stream() func() (string, map[string]string) {
	s.Helper()
	request, err := http.NewRequest(http.MethodGet, s.base+"events", nil)
	require.NoError(s, err)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	answered, err := s.client.Do(request)
	require.NoError(s, err)
	require.Equal(s, http.StatusOK, answered.StatusCode)
	lines := bufio.NewScanner(answered.Body)
	lines.Buffer(nil, 1<<20)
	s.Cleanup(func() { answered.Body.Close() })
	return func() (string, map[string]string) {
		name := ""
		for lines.Scan() {
			if found, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				name = found
			}
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && name != "beat" {
				regions := map[string]string{}
				require.NoError(s, json.Unmarshal([]byte(data), &regions))
				return name, regions
			}
		}
		return "", nil
	}
}

func TestStreamFollowsTheTransaction(t *testing.T) {
	room := newRoom(t, nil)
	all := scenes(t, room.server.options.Site)
	next := room.pair(guard.Clerk).stream()
	_, regions := next()
	assert.ElementsMatch(t, clerkRegions, keysOf(regions), "a new stream brings everything")
	room.put(all["06-deciding"])
	var person, verdict string
	for person == "" || verdict == "" {
		_, regions = next()
		person, verdict = person+regions["person"], verdict+regions["verdict"]
	}
	assert.Contains(t, person, "SPECIMEN AMINA")
	assert.Contains(t, verdict, `data-verdict="accepted"`)
	room.put(all["01-idle"])
	for {
		if _, regions = next(); regions["person"] != "" || regions["verdict"] != "" || slices.Contains(keysOf(regions), "person") {
			break
		}
	}
	assert.NotContains(t, regions["person"], "AMINA", "wiped at the desk, wiped on the screen")
	room.server.Close()
	for name := ""; name != "bye"; {
		name, _ = next()
		require.NotEmpty(t, name, "the stream ended without a word")
	}
}

func keysOf(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

// The citizen's screen never holds what the card says of the holder, and its
// session reaches nothing of the clerk's.
func TestCitizenSeesNoData(t *testing.T) {
	room := newRoom(t, nil)
	citizen, clerk := room.pair(guard.Citizen), room.pair(guard.Clerk)
	for name, scene := range scenes(t, room.server.options.Site) {
		room.put(scene)
		body := citizen.page("")
		for _, secret := range []string{"AMINA", "أمينة", "ZZ012345", "1990-01-01", "photo/", "data-verdict"} {
			assert.NotContains(t, body, secret, name)
		}
	}
	for _, path := range []string{"slip", "photo/x", "start", "match", "close", "cancel", "password"} {
		code, _ := citizen.get(path)
		assert.Equal(t, http.StatusNotFound, code, path)
	}
	code, _ := clerk.get("consent")
	assert.Equal(t, http.StatusNotFound, code, "a clerk does not agree for others")
}

// A name with what looks like a hole in it is shown as it is.
func TestFillOnce(t *testing.T) {
	assert.Equal(t, template.HTML("<bdi>{2}</bdi> = <bdi>&lt;b&gt;{1}</bdi>"), fill("{1} = {2}", []string{"{2}", "<b>{1}"}))
}

// Who is asked for fields that leave for another program hears no promise that they
// are wiped, and is told which they are; of a guardian none leave.
func TestCitizenIsToldWhatLeaves(t *testing.T) {
	room := newRoom(t, nil)
	citizen := room.pair(guard.Citizen)
	citizen.press("language", url.Values{"language": {"en"}})
	scene := scenes(t, room.server.options.Site)["04-asking"]
	promise := "Your data and photo are not kept."
	room.put(scene)
	assert.Contains(t, citizen.page(""), promise)
	for i := range room.server.options.Site.Purposes {
		room.server.options.Site.Purposes[i].Release = []site.Field{site.Surname}
	}
	body := citizen.page("")
	assert.NotContains(t, body, promise)
	assert.Contains(t, body, "The controller’s software is given")
	assert.Contains(t, body, `data-testid="leaves-surname"`)
	assert.NotContains(t, body, `data-testid="leaves-photo"`)
	scene.Person = counter.Guardian
	room.put(scene)
	assert.Contains(t, citizen.page(""), promise)
}

// Before anything was agreed, and on a refused card, no name is on the clerk's
// page either, whatever the desk hands over by mistake later.
func TestNoDataWithoutVerdict(t *testing.T) {
	room := newRoom(t, nil)
	clerk := room.pair(guard.Clerk)
	for name, scene := range scenes(t, room.server.options.Site) {
		room.put(scene)
		body := clerk.page("")
		shown := name == "06-deciding" || name == "07-done"
		assert.Equal(t, shown, strings.Contains(body, "AMINA"), name)
		if shown {
			assert.Less(t, strings.Index(body, `data-verdict="accepted"`), strings.Index(body, `data-testid="photo"`), "the verdict comes first")
		}
	}
}

// A minor at a purpose without a guardian is pointed out where the desk sees the
// date of birth; a purpose that asks no more than 16 is not told who is under 18.
func TestMinorWithoutGuardian(t *testing.T) {
	room := newRoom(t, nil)
	clerk := room.pair(guard.Clerk)
	scene := scenes(t, room.server.options.Site)["06-deciding"]
	scene.Changed = time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)
	adults, minors := scene.Purpose, "minor"
	for _, row := range []struct {
		purpose, birth string
		noted          bool
	}{{adults, "2008-11-21", true}, {adults, "2008-11-20", false}, {adults, "2008", false}, {adults, "", false}, {minors, "2019-05-01", false}} {
		holder := *scene.Holder
		holder.BirthDate = row.birth
		shown := scene
		shown.Purpose, shown.Holder = row.purpose, &holder
		room.put(shown)
		assert.Equal(t, row.noted, strings.Contains(clerk.page(""), `data-testid="minor"`), row)
	}
}

func TestPhotoIsThereOnlyAsLongAsTheDeskHasIt(t *testing.T) {
	room := newRoom(t, nil)
	clerk := room.pair(guard.Clerk)
	scene := scenes(t, room.server.options.Site)["06-deciding"]
	room.put(scene)
	path := regexp.MustCompile(`photo/[a-z2-7]{26}`).FindString(clerk.page(""))
	require.NotEmpty(t, path)
	code, body := clerk.get(path)
	assert.Equal(t, http.StatusOK, code)
	assert.True(t, strings.HasPrefix(body, "\x89PNG"))
	code, _ = clerk.get("photo/")
	assert.Equal(t, http.StatusNotFound, code)
	scene.Photo = nil
	room.desk.show(scene)
	code, _ = clerk.get(path)
	assert.Equal(t, http.StatusNotFound, code, "wiped")
	room.put(scenes(t, room.server.options.Site)["06-deciding"])
	assert.NotContains(t, clerk.page(""), path, "the next one has another address")
}

func TestForms(t *testing.T) {
	room := newRoom(t, nil)
	clerk, citizen := room.pair(guard.Clerk), room.pair(guard.Citizen)
	p := purposeWith(t, room.server.options.Site, site.Photo)
	clerk.press("start", url.Values{"purpose": {p.ID}, "ticket": {"A-17"}})
	clerk.press("password", url.Values{"password": {"12 34 56"}, "transaction": {"t1"}})
	scene := scenes(t, room.server.options.Site)["04-asking"]
	room.put(scene)
	citizen.press("consent", url.Values{"answer": {"yes"}, "transaction": {"t1"}, "person": {"holder"}})
	citizen.press("consent", url.Values{"answer": {"no"}, "transaction": {"t1"}, "person": {"holder"}})
	room.put(scenes(t, room.server.options.Site)["06-deciding"])
	clerk.press("match", url.Values{"match": {"unsure"}, "transaction": {"t1"}, "person": {"holder"}})
	clerk.press("cancel", url.Values{"transaction": {"t1"}})
	clerk.press("close", url.Values{"transaction": {"t1"}})
	assert.Equal(t, "start:"+p.ID+":A-17: password:t1:CAN yes:t1 no:t1 match:t1:unsure cancel:t1 close:t1", room.desk.said())
	assert.NotContains(t, room.log.String(), "123456")
}

// A start from a second window, or a second click, does not take the place of a
// visit that is under way: nobody could decide on that one, or stop it, any more.
func TestOneVisitAtATime(t *testing.T) {
	room := newRoom(t, nil)
	room.desk.readers = append(room.desk.readers, counter.Reader{Name: "SPECIMEN Reader 01"})
	clerk, other := room.pair(guard.Clerk), room.pair(guard.Clerk)
	p := purposeWith(t, room.server.options.Site, site.Photo)
	begin := url.Values{"purpose": {p.ID}, "ticket": {"A-17"}}
	clerk.press("start", begin)
	clerk.press("start", begin)
	other.press("start", begin)
	assert.Equal(t, "start:"+p.ID+":A-17:", room.desk.said())
	assert.Contains(t, other.page(""), `data-key="note.state"`)
}

// What another register says is typed at the start and goes to the desk with its
// question. No page has it afterwards, and no log.
func TestRecordToCompareWith(t *testing.T) {
	room := newRoom(t, nil)
	clerk := room.pair(guard.Clerk)
	assert.Contains(t, clerk.page(""), `name="record-surname"`)
	clerk.press("start", url.Values{
		"purpose": {"same-person"}, "ticket": {"A-17"}, "record": {"file-9"}, "record-surname": {" SPECIMEN "}, "record-given_names": {"AMINA"},
		"record-national_surname": {"سبيسيمن"}, "record-birth_date": {"1990-01-01"}, "record-cin": {"ZZ012345"},
	})
	require.Len(t, room.desk.asked, 1)
	asked := room.desk.asked[0]
	assert.Equal(t, "same-person", asked.ID)
	assert.Equal(t, "file-9", asked.Arg)
	assert.Equal(t, &answer.Record{
		Latin: names.Name{Surname: "SPECIMEN", Given: "AMINA"}, National: names.Name{Surname: "سبيسيمن"}, BirthDate: "1990-01-01", CIN: "ZZ012345",
	}, asked.Record)
	for _, value := range []string{"AMINA", "1990-01-01", "ZZ012345"} {
		assert.NotContains(t, clerk.page(""), value)
		assert.NotContains(t, room.log.String(), value)
	}
}

// A number, a stop or a "done" of the visit before is not the next one's.
func TestFormsOfTheVisitBefore(t *testing.T) {
	room := newRoom(t, nil)
	clerk := room.pair(guard.Clerk)
	room.put(scenes(t, room.server.options.Site)["03-password"])
	for _, before := range []string{"", "t0"} {
		clerk.press("password", url.Values{"password": {"123456"}, "transaction": {before}})
		clerk.press("cancel", url.Values{"transaction": {before}})
		clerk.press("close", url.Values{"transaction": {before}})
	}
	assert.Empty(t, room.desk.said())
	assert.Contains(t, clerk.page(""), `<input type="hidden" name="transaction" value="t1">`)
}

// What is not what the page showed is not done, and a note says why.
func TestFormsThatAreNotDone(t *testing.T) {
	room := newRoom(t, nil)
	clerk, citizen := room.pair(guard.Clerk), room.pair(guard.Citizen)
	room.put(scenes(t, room.server.options.Site)["06-deciding"])
	clerk.press("match", url.Values{"match": {"match"}, "transaction": {"t0"}, "person": {"holder"}})
	clerk.press("match", url.Values{"match": {"match"}, "transaction": {"t1"}, "person": {"guardian"}}) // of a page that is still the guardian's
	clerk.press("match", url.Values{"match": {"match"}, "transaction": {"t1"}})
	clerk.press("match", url.Values{"match": {"undecided"}, "transaction": {"t1"}, "person": {"holder"}})
	clerk.press("more", url.Values{"transaction": {"t0"}})
	citizen.press("more", url.Values{})
	citizen.press("consent", url.Values{"answer": {"yes"}, "transaction": {"t0"}, "person": {"holder"}})
	citizen.press("consent", url.Values{"answer": {"yes"}, "transaction": {"t1"}, "person": {"guardian"}})
	citizen.press("consent", url.Values{"answer": {""}, "transaction": {"t1"}, "person": {"holder"}})
	clerk.press("password", url.Values{"password": {"12345"}, "transaction": {"t1"}})
	assert.Empty(t, room.desk.said())
	assert.Contains(t, clerk.page(""), `data-key="note.password"`)
	for _, row := range notes {
		room.desk.fail = row.err
		clerk.press("cancel", url.Values{"transaction": {"t1"}})
		assert.Contains(t, clerk.page(""), `data-key="`+row.key+`"`)
	}
	room.desk.fail = nil
	clerk.press("cancel", url.Values{"transaction": {"t1"}})
	assert.NotContains(t, clerk.page(""), `data-testid="note"`)
}

func TestPasswords(t *testing.T) {
	zone := "IDMARZZZ0SIM1A7<<<<<<<<<<<<<<<9001014F3501017MAR<<<<<<<<<<<4SPECIMEN<<AMINA<<<<<<<<<<<<<<<"
	for typed, want := range map[string]string{
		"123456": "CAN", "١٢٣٤٥٦": "CAN", " 123 456\n": "CAN", "12345": "", "1234567": "", "12345a": "", "": "",
		zone[:89]: "", strings.Repeat("<", 90): "", strings.Repeat("A", 88): "",
	} {
		password, err := parsePassword(typed)
		assert.Equal(t, want, password.Kind(), typed)
		assert.Equal(t, want == "", err != nil, typed)
		if err != nil && typed != "" {
			assert.NotContains(t, err.Error(), typed)
		}
	}
}

func FuzzParsePassword(f *testing.F) {
	for _, seed := range []string{"123456", "١٢٣٤٥٦", strings.Repeat("<", 90), strings.Repeat("A", 88)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		password, err := parsePassword(typed)
		assert.Equal(t, err != nil, password.Kind() == "")
	})
}

// Every message that others may ask for has words, and no words are left over.
func TestEveryMessageHasWords(t *testing.T) {
	wanted := counter.Messages()
	for _, f := range site.Fields() {
		wanted = append(wanted, "field."+string(f))
	}
	for _, q := range site.Answers() {
		wanted = append(wanted, "question."+string(q))
	}
	for _, b := range site.Bases() {
		wanted = append(wanted, "basis."+string(b))
	}
	for _, r := range pki.Rules() {
		id, data := strings.CutPrefix(string(r.ID), "integrity.dg")
		wanted = append(wanted, "check."+map[bool]string{true: "integrity.dg", false: id}[data])
	}
	for _, a := range pki.Axes {
		wanted = append(wanted, "axis."+string(a))
	}
	for _, v := range []answer.Value{answer.Yes, answer.No, answer.Unknown} {
		wanted = append(wanted, "answer."+string(v))
	}
	for _, key := range wanted {
		assert.True(t, words.Has(key), key)
	}
	used := strings.Join(wanted, "\n") + sources(t)
	made := regexp.MustCompile(`^(names|answer|step|progress|outcome|match|result|verdict|compare|sex)\.`) // put together where they are shown
	for _, key := range words.Keys() {
		assert.True(t, made.MatchString(key) || strings.Contains(used, key), "nobody says %s", key)
	}
}

// sources are the program and the pages of this package.
func sources(t *testing.T) string {
	var all strings.Builder
	for _, pattern := range []string{"*.go", "pages/*.html"} {
		names, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range names {
			content, err := os.ReadFile(name)
			require.NoError(t, err)
			all.Write(content)
		}
	}
	return all.String()
}

// Whatever names explain themselves by, the screens can say.
func TestEveryRuleOfNamesAndAnswersHasWords(t *testing.T) {
	for folder, pattern := range map[string]string{"../../names/rules.go": `Rule = "([a-z-]+)"`, "../../answer": `"answer\.([a-z-]+)"`} {
		prefix := map[bool]string{true: "names.", false: "answer."}[strings.HasSuffix(folder, ".go")]
		files, _ := filepath.Glob(folder)
		if prefix == "answer." {
			files, _ = filepath.Glob(folder + "/[a-z]*.go")
		}
		require.NotEmpty(t, files)
		for _, name := range files {
			content, err := os.ReadFile(name)
			require.NoError(t, err)
			for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(content), -1) {
				assert.True(t, words.Has(prefix+found[1]), prefix+found[1])
			}
		}
	}
}

func TestPublicPages(t *testing.T) {
	room := newRoom(t, nil)
	room.put(scenes(t, room.server.options.Site)["07-done"])
	room.server.Measures.Step("open", 20*time.Millisecond)
	require.Eventually(t, func() bool {
		body := room.public("/metrics")
		return strings.Contains(body, `cnie_counter_transactions_total{match="match",state="done",verdict="accepted"} 1`) &&
			strings.Contains(body, `cnie_counter_step_seconds_bucket{step="open",le="0.025"} 1`)
	}, time.Second, 10*time.Millisecond)
	assert.NotContains(t, room.public("/metrics"), "A-17")
	assert.Equal(t, "ok\n", room.public("/healthz"))
	assert.Contains(t, room.public("/pair"), "/assets/pair.js")
	assert.NotEmpty(t, room.public("/assets/fonts/NotoSans-Regular.woff2"))
}

// A registry that calls scripts plain text must not stop them: browsers run none
// that is served so with nosniff.
func TestAssetsWhateverTheSystemCallsThem(t *testing.T) {
	for _, end := range []string{".js", ".css", ".svg", ".woff2"} {
		require.NoError(t, mime.AddExtensionType(end, "text/plain"))
	}
	room := newRoom(t, nil)
	for name, want := range map[string]string{
		"desk.js": "text/javascript; charset=utf-8", "style.css": "text/css; charset=utf-8", "icons/photo.svg": "image/svg+xml", "fonts/NotoSans-Regular.woff2": "font/woff2",
	} {
		answered, err := http.Get(room.http.URL + "/assets/" + name)
		require.NoError(t, err)
		answered.Body.Close()
		assert.Equal(t, http.StatusOK, answered.StatusCode, name)
		assert.Equal(t, want, answered.Header.Get("Content-Type"), name)
	}
}

func (r *room) public(path string) string {
	r.Helper()
	return (&screenOf{room: r, client: http.DefaultClient, base: r.http.URL}).page(path)
}

func TestSlipOnlyOfWhatIsRecorded(t *testing.T) {
	room := newRoom(t, nil)
	clerk := room.pair(guard.Clerk)
	all := scenes(t, room.server.options.Site)
	for name, want := range map[string]int{"06-deciding": http.StatusNotFound, "07-done": http.StatusOK, "09-inconclusive": http.StatusNotFound, "10-holder-refused": http.StatusOK} {
		room.put(all[name])
		code, _ := clerk.get("slip")
		assert.Equal(t, want, code, name)
	}
}

func TestVoices(t *testing.T) {
	own := os.DirFS(t.TempDir())
	v := voices{own: own}
	p := site.Purpose{ID: "account", Fields: []site.Field{site.Photo, site.BirthDate}}
	offered := v.notice(p)
	require.Len(t, offered, 2, "the program's own are Arabic and French")
	near, ok := nearest(offered, words.Find("fr"))
	require.True(t, ok)
	assert.True(t, near.Synthetic)
	assert.Len(t, near.URLs, 5, "ask, two fields, keep, choose")
	p.Release = []site.Field{site.BirthDate}
	near, _ = nearest(v.notice(p), words.Find("fr"))
	assert.Len(t, near.URLs, 4, "nobody says that nothing is kept")
	p.Release = nil

	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "account", "shi"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "account", "shi", "notice.mp3"), []byte("sound"), 0o644))
	v = voices{own: os.DirFS(dir)}
	near, ok = nearest(v.notice(p), words.Find("zgh"))
	require.True(t, ok)
	assert.Equal(t, []string{"audio/shi/notice?purpose=account"}, near.URLs)
	assert.False(t, near.Synthetic)
	for _, name := range []string{"../x", "..", "a/b", "", "A", strings.Repeat("a", 99)} {
		_, _, _, ok := v.find(name, name, name)
		assert.False(t, ok, name)
	}
	for _, language := range []string{"ar", "fr"} {
		for _, f := range site.Fields() {
			_, err := fs.Stat(assets.Audio, language+"/field."+string(f)+".ogg")
			assert.NoError(t, err)
		}
	}
}

func TestCitizensScreenBelongsToTheReaderOfThePageThatOpenedIt(t *testing.T) {
	room := newRoom(t, nil)
	clerk := room.pair(guard.Clerk)
	clerk.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	_, token, _ := strings.Cut(clerk.page(""), `name="csrf" value="`)
	token, _, _ = strings.Cut(token, `"`)
	answered := clerk.post(clerk.base+"citizen", url.Values{"csrf": {token}, "reader": {"SPECIMEN Reader 01"}})
	answered.Body.Close()
	path, invitation, _ := strings.Cut(answered.Header.Get("Location"), "#")
	assert.Equal(t, "/pair", path)
	answered = clerk.post(clerk.http.URL+"/pair", url.Values{"token": {invitation}})
	answered.Body.Close()
	require.Equal(t, http.StatusSeeOther, answered.StatusCode)
	citizen := &screenOf{room: room, client: clerk.client, base: clerk.http.URL + answered.Header.Get("Location")}
	room.put(scenes(t, room.server.options.Site)["04-asking"]) // at another reader
	assert.Contains(t, citizen.page("?reader="), `data-moment="idle"`)
}

// A receipt that cannot be made is no reason to send the citizen away without the
// number of the entry.
func TestSlipThatFails(t *testing.T) {
	room := newRoom(t, func(o *Options) {
		o.Slip = func(counter.Transaction, string, string) ([]byte, error) { return nil, errors.New("no receipt") }
	})
	clerk := room.pair(guard.Clerk)
	for name, scene := range scenes(t, room.server.options.Site) {
		if scene.Place == nil || !scene.State.Ended() {
			continue
		}
		room.put(scene)
		page := clerk.page("slip")
		assert.Contains(t, page, ">42<", name)
		assert.Contains(t, page, room.server.options.Site.Controller.Contact, name)
		assert.NotContains(t, page, "AMINA", name)
	}
}

// What a browser chose is kept as long as its session and no longer.
func TestChoicesGoWithTheSession(t *testing.T) {
	s := newRoom(t, nil).server
	session := &guard.Session{}
	s.choose(session, func(c *screen) { c.operator = "clerk-1" })
	assert.Equal(t, "clerk-1", s.screen(session).operator)
	runtime.KeepAlive(session)
	session = nil
	require.Eventually(t, func() bool {
		runtime.GC()
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.screens) == 0
	}, 10*time.Second, 10*time.Millisecond)
}

package web

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cnie/cardreader/emrtd"
	"cnie/cardreader/emrtd/access"
	"cnie/internal/answer"
	"cnie/internal/counter"
	"cnie/internal/counter/web/guard"
	"cnie/internal/ledger"
	"cnie/internal/photo"
	"cnie/internal/site"
	"cnie/pki"
)

// scripted is a desk whose transaction is what the test says.
type scripted struct {
	mu      sync.Mutex
	now     counter.Transaction
	changed chan struct{}
	calls   []string
	fail    error
	readers []counter.Reader
	asked   []answer.Question // at the last start
}

func newScripted() *scripted {
	return &scripted{changed: make(chan struct{}), readers: []counter.Reader{{Name: "SPECIMEN Reader 00"}}}
}

// show puts a transaction on the desk.
func (d *scripted) show(t counter.Transaction) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = t
	close(d.changed)
	d.changed = make(chan struct{})
}

// did notes a call and answers as the test wants.
func (d *scripted) did(call string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls = append(d.calls, call)
	return d.fail
}

func (d *scripted) said() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.calls, " ")
}

func (d *scripted) Start(_ context.Context, r counter.Request) (string, error) {
	if err := d.did("start:" + r.Purpose + ":" + r.Ticket + ":" + r.Reader); err != nil {
		return "", err
	}
	d.asked = r.Questions
	d.show(counter.Transaction{ID: "t1", Purpose: r.Purpose, State: counter.WaitingCard, Next: "next.put-card", Person: counter.Holder})
	return "t1", nil
}
func (d *scripted) Password(id string, p access.Password) error {
	return d.did("password:" + id + ":" + p.Kind())
}
func (d *scripted) Consent(id string, yes bool) error {
	if yes {
		return d.did("yes:" + id)
	}
	return d.did("no:" + id)
}
func (d *scripted) Match(id string, m counter.Match) error {
	return d.did("match:" + id + ":" + string(m))
}
func (d *scripted) Extend(id string) error { return d.did("more:" + id) }
func (d *scripted) Cancel(id string) error { return d.did("cancel:" + id) }
func (d *scripted) Close(id string) error {
	err := d.did("close:" + id)
	d.show(counter.Transaction{})
	return err
}
func (d *scripted) Get(id string) (counter.Transaction, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.now.ID != id || id == "" {
		return counter.Transaction{}, counter.ErrUnknown
	}
	return d.now, nil
}
func (d *scripted) Watch(ctx context.Context, id string) iter.Seq[counter.Transaction] {
	return func(yield func(counter.Transaction) bool) {
		for {
			d.mu.Lock()
			now, changed := d.now, d.changed
			d.mu.Unlock()
			if now.ID != id || !yield(now) {
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}
}
func (d *scripted) Readers() []counter.Reader {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := append([]counter.Reader(nil), d.readers...)
	if len(list) > 0 && d.now.ID != "" && !d.now.State.Ended() {
		list[0].Transaction = d.now.ID
	}
	return list
}

// portrait is a face that nobody has.
func portrait(t testing.TB) *counter.Photo {
	t.Helper()
	canvas := image.NewRGBA(image.Rect(0, 0, 240, 320))
	for y := range 320 {
		for x := range 240 {
			shade := color.RGBA{196, 214, 236, 255}
			if dx, dy := (x-120)*10/8, y-130; dx*dx+dy*dy < 80*80 {
				shade = color.RGBA{214, 170, 140, 255}
			} else if dx, dy := x-120, y-330; dx*dx+dy*dy < 115*115 {
				shade = color.RGBA{60, 80, 120, 255}
			}
			canvas.Set(x, y, shade)
		}
	}
	var out bytes.Buffer
	require.NoError(t, png.Encode(&out, canvas))
	return counter.NewPhoto(photo.Picture{MIME: "image/png", Data: out.Bytes(), Width: 240, Height: 320})
}

// specimen is somebody who does not exist, with everything that a card can say.
func specimen() *pki.Holder {
	return &pki.Holder{Watermark: pki.MarkSpecimen, DocumentNumber: "ZZZ0SIM1A", IssuingState: "MAR", CIN: "ZZ012345", Surname: "SPECIMEN", GivenNames: "AMINA",
		Nationality: "MAR", Sex: "F", BirthDate: "1990-01-01", ExpiryDate: "2035-01-01", NationalSurname: "سبيسيمن", NationalGivenNames: "أمينة",
		BirthPlace: []string{"RABAT", "الرباط"}, Address: []string{"12 RUE DES SPECIMENS, RABAT", "12 زنقة النماذج، الرباط"}, IssuingAuthority: "SPECIMEN", IssueDate: "2025-01-01"}
}

// report is one in which every check passed but those given.
func report(verdict pki.Verdict, other ...pki.Check) *counter.Report {
	checks := []pki.Check{
		{ID: pki.CheckAccessProtocol, Outcome: pki.Passed, Clause: "ICAO 9303-11 §4.2", Reason: "opened by PACE"},
		{ID: pki.CheckIntegritySigned, Outcome: pki.Passed, Clause: "RFC 5652 §5.6", Reason: "the signature verifies"},
		{ID: "integrity.dg1", Outcome: pki.Passed, Clause: "ICAO 9303-11 §5.1", Reason: "the hash is the signed one"},
		{ID: "integrity.dg2", Outcome: pki.Passed, Clause: "ICAO 9303-11 §5.1", Reason: "the hash is the signed one"},
		{ID: "integrity.dg11", Outcome: pki.Warned, Clause: "ICAO 9303-11 §5.1", Reason: "the hash is the signed one"},
		{ID: pki.CheckIssuerPath, Outcome: pki.Passed, Clause: "ICAO 9303-12 §6.1", Reason: "certified by a specimen authority"},
	}
	return &counter.Report{Verdict: verdict, Checks: append(checks, other...), Specimen: true}
}

// purposeWith is a purpose of the specimen site that asks for a field.
func purposeWith(t testing.TB, s *site.Site, f site.Field) site.Purpose {
	t.Helper()
	best := site.Purpose{}
	for _, p := range s.Purposes {
		for _, have := range p.Fields {
			if have == f && !p.Guardian && len(p.Fields) > len(best.Fields) {
				best = p
			}
		}
	}
	require.NotEmpty(t, best.ID)
	return best
}

// scenes are the states of a desk that people see.
func scenes(t testing.TB, s *site.Site) map[string]counter.Transaction {
	p := purposeWith(t, s, site.Photo)
	base := counter.Transaction{ID: "t1", Purpose: p.ID, Ticket: "A-17", Reader: "SPECIMEN Reader 00", Person: counter.Holder, Card: true, Deadline: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}
	with := func(change func(*counter.Transaction)) counter.Transaction {
		t := base
		change(&t)
		return t
	}
	seen := counter.Seen{Report: report(pki.Accepted), Holder: p.Select(specimen()), Photo: portrait(t),
		Answers: []answer.Result{{Question: answer.Question{ID: answer.Over18}, Value: answer.Yes, Reasons: []string{"answer.age-reached"}}}}
	place := &ledger.Place{Index: 42, Leaf: []byte{1}}
	return map[string]counter.Transaction{
		"01-idle": {},
		"02-card": with(func(t *counter.Transaction) { t.State, t.Next, t.Card = counter.WaitingCard, "next.put-card", false }),
		"03-password": with(func(t *counter.Transaction) {
			t.State, t.Next, t.Tries = counter.WaitingPassword, "next.wrong-can-or-mrz", 1
		}),
		"04-asking": with(func(t *counter.Transaction) {
			t.State, t.Next, t.Report = counter.Asking, "next.holder-answers", report(pki.Inconclusive)
		}),
		"05-reading": with(func(t *counter.Transaction) {
			t.State, t.Next, t.Agreed, t.Progress = counter.Reading, "next.wait", true, counter.Progress{Step: emrtd.StepFile, Read: 6, Total: 15}
		}),
		"06-deciding": with(func(t *counter.Transaction) {
			t.State, t.Next, t.Agreed, t.Seen, t.Place = counter.Deciding, "next.compare-photo", true, seen, place
		}),
		"07-done": with(func(t *counter.Transaction) {
			t.State, t.Next, t.Agreed, t.Seen, t.Place, t.Verdict = counter.Done, "next.hand-card-back", true, seen, place, pki.Accepted
			t.Match = counter.Matches
		}),
		"08-refused": with(func(t *counter.Transaction) {
			t.State, t.Next, t.Verdict, t.Place = counter.Done, "next.card-refused", pki.Refused, place
			t.Report = report(pki.Refused, pki.Check{ID: pki.CheckChip, Outcome: pki.Failed, Clause: "ICAO 9303-11 §6.2", Reason: "the chip does not hold the key"})
		}),
		"09-inconclusive": with(func(t *counter.Transaction) {
			t.State, t.Next, t.Verdict, t.Unrecorded = counter.Done, "next.card-inconclusive", pki.Inconclusive, true
			t.Report = report(pki.Inconclusive, pki.Check{ID: pki.CheckRevocation, Outcome: pki.NotChecked, Clause: "RFC 5280 §6.3", Reason: "no list"})
			t.Report.Unmet = []pki.Axis{pki.AxisRevocation}
		}),
		"10-holder-refused": with(func(t *counter.Transaction) {
			t.State, t.Next, t.Place = counter.RefusedByHolder, "next.holder-refused", place
		}),
		"11-failed": with(func(t *counter.Transaction) {
			t.State, t.Next, t.Failure = counter.Failed, "next.start-again", "failure.other-card"
		}),
	}
}

// room is a desk with its server, and whoever opens pages at it.
type room struct {
	testing.TB
	desk   *scripted
	server *Server
	http   *httptest.Server
	log    *bytes.Buffer
}

func newRoom(t testing.TB, change func(*Options)) *room {
	t.Helper()
	r := &room{TB: t, desk: newScripted(), log: &bytes.Buffer{}}
	r.http = httptest.NewUnstartedServer(nil)
	o := Options{Desk: r.desk, Site: site.Specimen(), Language: "fr", Hosts: []string{r.http.Listener.Addr().String()},
		Log: slog.New(slog.NewTextHandler(&locked{w: r.log}, nil)), Slip: func(counter.Transaction, string, string) ([]byte, error) { return []byte("<!DOCTYPE html>slip"), nil }}
	if change != nil {
		change(&o)
	}
	r.server = New(o)
	r.http.Config.Handler = r.server
	r.http.Start()
	t.Cleanup(r.http.Close)
	t.Cleanup(r.server.Close)
	return r
}

type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// screenOf is a paired browser.
type screenOf struct {
	*room
	client *http.Client
	base   string // of its session
}

// pair pairs a browser in a role.
func (r *room) pair(role guard.Role) *screenOf {
	r.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(r, err)
	s := &screenOf{room: r, client: &http.Client{Jar: jar}}
	_, token, _ := strings.Cut(r.server.Invite(role), "#")
	answer := s.post(r.http.URL+"/pair", url.Values{"token": {token}})
	defer answer.Body.Close()
	require.Equal(r, http.StatusOK, answer.StatusCode, r.log)
	s.base = answer.Request.URL.String()
	return s
}

func (s *screenOf) post(address string, form url.Values) *http.Response {
	s.Helper()
	request, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	require.NoError(s, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", s.http.URL)
	answer, err := s.client.Do(request)
	require.NoError(s, err)
	return answer
}

// page is what the browser shows at a path of its session.
func (s *screenOf) page(path string) string {
	s.Helper()
	code, body := s.get(path)
	require.Equal(s, http.StatusOK, code, "%s: %v", path, s.log)
	return body
}

func (s *screenOf) get(path string) (int, string) {
	s.Helper()
	answer, err := s.client.Get(s.base + path)
	require.NoError(s, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(s, err)
	return answer.StatusCode, string(body)
}

// press sends a form of the page, with the page's own token.
func (s *screenOf) press(action string, form url.Values) {
	s.Helper()
	_, token, _ := strings.Cut(s.page(""), `name="csrf" value="`)
	token, _, _ = strings.Cut(token, `"`)
	form.Set("csrf", token)
	answer := s.post(s.base+action, form)
	answer.Body.Close()
	require.Equal(s, http.StatusOK, answer.StatusCode, s.log)
}

// put shows a transaction at the station of a reader and waits until it is there.
func (r *room) put(t counter.Transaction) {
	r.Helper()
	r.desk.show(t)
	on := r.server.station("")
	if t.ID == "" {
		on.forget("t1")
		return
	}
	require.NoError(r, r.server.follow(on, t.ID))
	require.Eventually(r, func() bool { now, _ := on.look(); return now.State == t.State }, time.Second, time.Millisecond)
}

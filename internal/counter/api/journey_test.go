package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/answer"
	"cnie/internal/counter"
	"cnie/pki"
	"cnie/simulator"
)

// The description is one, says what it says in docs/ too, and has exactly the
// paths that are served.
func TestDescription(t *testing.T) {
	doc := description(t)
	require.NoError(t, doc.Validate(t.Context(), openapi3.EnableSchemaPatternValidation()))
	assert.Equal(t, "3.1.0", doc.OpenAPI)
	published, err := os.ReadFile("../../../docs/openapi.yaml")
	require.NoError(t, err)
	assert.Equal(t, string(Description), string(published), "copy internal/counter/api/openapi.yaml to docs/")

	served := (&Server{}).table()
	for path, m := range served {
		item := doc.Paths.Value(path)
		if !assert.NotNil(t, item, "%s is not described", path) {
			continue
		}
		for method, at := range m {
			op := item.GetOperation(method)
			if assert.NotNil(t, op, "%s %s is not described", method, path) {
				assert.Equal(t, at.open, op.Security != nil && len(*op.Security) == 0, "%s %s", method, path)
			}
		}
		assert.Len(t, item.Operations(), len(m), path)
	}
	for path := range doc.Paths.Map() {
		assert.Contains(t, served, path, "described and not served")
	}
}

// Business software asks whether somebody is of age: from the beginning to the
// signed answer, and no field on the way.
func TestJourney(t *testing.T) {
	w := newWorld(t)
	_, content := w.ask("trial", "GET", Base+"desk", "")
	var desk deskView
	require.NoError(t, json.Unmarshal(content, &desk))
	assert.Len(t, desk.Purposes, 5)
	assert.Equal(t, left, desk.Readers[0].Name)
	_, set := w.ask("", "GET", Base+"keys", "")
	keys, err := answer.ParseKeys(set)
	require.NoError(t, err)
	_, served := w.ask("", "GET", Base+"openapi.json", "")
	again, err := openapi3.NewLoader().LoadFromData(served)
	require.NoError(t, err)
	assert.Equal(t, description(t).Paths.Len(), again.Paths.Len())

	begun := w.begin("trial", `{"purpose":"age","operator":"clerk-1","nonce":"n-1","questions":[{"id":"over-18"}]}`)
	assert.Equal(t, counter.WaitingCard, begun.State)
	stream := w.follow("trial", begun.ID)
	early, _ := w.ask("trial", "GET", Base+"transactions/"+begun.ID+"/result", "")
	assert.Equal(t, http.StatusConflict, early.StatusCode)
	person := card(t, "specimen")
	w.people(begun.ID, person, counter.Matches)
	passed := <-stream
	assert.Equal(t, counter.Done, passed[len(passed)-1].State)
	w.book.mu.Lock()
	for _, entry := range w.book.records {
		assert.Equal(t, "trial", entry.Detail["client"], "the ledger says which software it was")
	}
	assert.Len(t, w.book.records, 2)
	w.book.mu.Unlock()
	assert.True(t, slices.IsSortedFunc(passed, func(a, b Status) int { return int(a.Serial) - int(b.Serial) }))

	got, raw := w.result("trial", begun.ID)
	assert.Equal(t, pki.Accepted, got.Verdict)
	assert.True(t, got.Recorded)
	assert.True(t, got.Specimen)
	require.Len(t, got.Answers, 1)
	assert.Equal(t, answer.Yes, got.Answers[0].Answer)
	assert.Nil(t, got.Fields, "the purpose lets none out")
	require.Len(t, got.Statements, 1)
	said, err := answer.Verify(got.Statements[0], keys, answer.Expected{Audience: "trial", Nonce: "n-1", Now: now, Specimen: true})
	require.NoError(t, err)
	assert.Equal(t, answer.Yes, said.Answer)
	assert.Equal(t, begun.ID, said.Transaction)
	_, err = answer.Verify(got.Statements[0], keys, answer.Expected{Audience: "narrow", Nonce: "n-1", Now: now, Specimen: true})
	assert.ErrorIs(t, err, answer.ErrAudience)
	for _, private := range []string{"SPECIMEN", "AMINA", person.CAN, person.MRZ.DocumentNumber, person.MRZ.BirthDate} {
		assert.NotContains(t, string(raw), private)
		assert.NotContains(t, w.log.String(), `"`+private+`"`)
	}
	_, now := w.ask("trial", "GET", Base+"transactions/"+begun.ID, "")
	assert.Contains(t, string(now), `"state":"done"`)
	for _, want := range []string{"GET /api/v1/transactions/{id}/events OK", "GET /api/v1/transactions/{id}/result OK", "POST /api/v1/transactions Created", "GET /api/v1/transactions/{id}/result Conflict"} {
		assert.True(t, w.seen[want], want)
	}
}

// Fields leave only where the purpose says so, only those, only of the right
// person, and only while the desk has them.
func TestFields(t *testing.T) {
	for _, row := range []struct {
		match    counter.Match
		verdict  pki.Verdict
		withheld string
	}{{counter.Matches, pki.Accepted, ""}, {counter.NoMatch, pki.Refused, notAccepted}, {counter.Unsure, pki.Inconclusive, notAccepted}} {
		w := newWorld(t)
		begun := w.begin("trial", `{"purpose":"residence","operator":"clerk-1","ticket":"A-17","reader":"`+left+`"}`)
		w.people(begun.ID, card(t, "specimen"), row.match)
		w.wait(begun.ID, counter.Done)
		got, raw := w.result("trial", begun.ID)
		assert.Equal(t, row.verdict, got.Verdict)
		assert.Equal(t, row.withheld, got.Withheld)
		assert.NotContains(t, string(raw), `"cin"`)
		assert.NotContains(t, string(raw), `"given_names"`)
		if row.withheld != "" {
			assert.Nil(t, got.Fields)
			continue
		}
		require.NotNil(t, got.Fields)
		assert.NotEmpty(t, got.Fields.Surname)
		assert.NotEmpty(t, got.Fields.BirthDate)
		require.NoError(t, w.desk.Close(begun.ID)) // as after two minutes
		got, _ = w.result("trial", begun.ID)
		assert.Equal(t, forgotten, got.Withheld)
		assert.Nil(t, got.Fields)
		assert.Equal(t, pki.Accepted, got.Verdict)
	}
}

// Nothing is vouched for that is not in the ledger, or about another face.
func TestNothingUnvouched(t *testing.T) {
	for _, row := range []struct {
		name   string
		match  counter.Match
		broken error
		signed int
	}{{"not recorded", counter.Matches, errors.New("disk full"), 0}, {"no match", counter.NoMatch, nil, 1}, {"unsure", counter.Unsure, nil, 1}} {
		w := newWorld(t)
		w.book.broken = row.broken
		begun := w.begin("trial", `{"purpose":"age","operator":"clerk-1","questions":[{"id":"over-18"}]}`)
		w.people(begun.ID, card(t, "specimen"), row.match)
		w.wait(begun.ID, counter.Done)
		got, _ := w.result("trial", begun.ID)
		assert.Equal(t, row.broken == nil, got.Recorded, row.name)
		assert.Equal(t, answer.Unknown, got.Answers[0].Answer, row.name)
		assert.Len(t, got.Statements, row.signed, row.name)
	}
}

// The record that a person is compared with goes in and never comes out.
func TestSamePerson(t *testing.T) {
	w := newWorld(t)
	person := card(t, "specimen")
	year := map[bool]string{true: "19", false: "20"}[person.MRZ.BirthDate[:2] > "26"] + person.MRZ.BirthDate[:2]
	birth := year + "-" + person.MRZ.BirthDate[2:4] + "-" + person.MRZ.BirthDate[4:]
	body := `{"purpose":"same-person","operator":"clerk-1","questions":[{"id":"same-person","arg":"file-4711","record":{"latin":{"surname":"NOBODY-CANARY","given_names":"CANARY"},"birth_date":"` + birth + `"}}]}`
	begun := w.begin("trial", body)
	w.people(begun.ID, person, counter.Matches)
	w.wait(begun.ID, counter.Done)
	got, raw := w.result("trial", begun.ID)
	assert.Equal(t, answer.No, got.Answers[0].Answer)
	assert.Contains(t, got.Answers[0].Reasons, "answer.names-differ")
	assert.NotContains(t, string(raw)+w.log.String(), "CANARY")
	assert.NotContains(t, string(raw), birth)
}

func TestRefusedByHolderAndCancelled(t *testing.T) {
	w := newWorld(t)
	begun := w.begin("trial", `{"purpose":"age","operator":"clerk-1","questions":[{"id":"over-18"}]}`)
	busy, content := w.ask("narrow", "POST", Base+"transactions", `{"purpose":"age","operator":"clerk-1"}`, set("Idempotency-Key", newKey()))
	assert.Equal(t, http.StatusConflict, busy.StatusCode)
	assert.Contains(t, string(content), `"state":"waiting-card"`)
	assert.NotContains(t, string(content), begun.ID, "it is another client's")

	stolen, _ := w.ask("narrow", "DELETE", Base+"transactions/"+begun.ID, "")
	assert.Equal(t, http.StatusNotFound, stolen.StatusCode)
	ended, _ := w.ask("trial", "DELETE", Base+"transactions/"+begun.ID, "")
	assert.Equal(t, http.StatusNoContent, ended.StatusCode)
	w.wait(begun.ID, counter.Cancelled)
	ended, content = w.ask("trial", "DELETE", Base+"transactions/"+begun.ID, "")
	assert.Equal(t, http.StatusConflict, ended.StatusCode)
	assert.Contains(t, string(content), `"state":"cancelled"`)
	got, _ := w.result("trial", begun.ID)
	assert.Empty(t, got.Verdict)
	assert.Empty(t, got.Statements)

	next := w.begin("trial", `{"purpose":"age","operator":"clerk-1","questions":[{"id":"over-18"}]}`)
	require.NoError(t, w.system.Insert(left, simulator.New(card(t, "specimen"))))
	require.NoError(t, w.desk.Consent(next.ID, false))
	w.wait(next.ID, counter.RefusedByHolder)
	got, _ = w.result("trial", next.ID)
	assert.Equal(t, counter.RefusedByHolder, got.State)
	assert.True(t, got.Recorded)
	assert.Empty(t, got.Answers)
	assert.Empty(t, got.Verdict)
}

// The same key is the same transaction, whatever happened to the first answer.
func TestIdempotency(t *testing.T) {
	w := newWorld(t)
	body := `{"purpose":"age","operator":"clerk-1"}`
	once := set("Idempotency-Key", "0123-4567-89ab")
	begun, first := w.ask("trial", "POST", Base+"transactions", body, once)
	require.Equal(t, http.StatusCreated, begun.StatusCode)
	again, second := w.ask("trial", "POST", Base+"transactions", body, once)
	assert.Equal(t, http.StatusOK, again.StatusCode)
	assert.Equal(t, "true", again.Header.Get("Idempotent-Replayed"))
	assert.Equal(t, begun.Header.Get("Location"), again.Header.Get("Location"))
	assert.Equal(t, idOf(t, first), idOf(t, second))
	other, content := w.ask("trial", "POST", Base+"transactions", `{"purpose":"residence","operator":"clerk-1","ticket":"1"}`, once)
	assert.Equal(t, http.StatusUnprocessableEntity, other.StatusCode)
	assert.Contains(t, string(content), "key-reused")
	theirs, content := w.ask("narrow", "POST", Base+"transactions", body, once)
	assert.Equal(t, http.StatusConflict, theirs.StatusCode, "another client's key is another key")
	assert.NotContains(t, string(content), idOf(t, first))

	// Many at once are one.
	w.ask("trial", "DELETE", begun.Header.Get("Location"), "")
	w.wait(idOf(t, first), counter.Cancelled)
	ids := make(chan string, 8)
	for range cap(ids) {
		go func() {
			_, content := w.ask("trial", "POST", Base+"transactions", body, set("Idempotency-Key", "many-at-once"))
			ids <- idOf(t, content)
		}()
	}
	one := <-ids
	for range cap(ids) - 1 {
		assert.Equal(t, one, <-ids)
	}
	assert.NotEqual(t, idOf(t, first), one)
}

func idOf(t *testing.T, content []byte) string {
	var s Status
	assert.NoError(t, json.Unmarshal(content, &s))
	assert.NotEmpty(t, s.ID, strings.TrimSpace(string(content)))
	return s.ID
}

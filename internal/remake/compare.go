package remake

import (
	"bytes"
	"fmt"

	"cnie/apdu/trace"
	"cnie/internal/traces"
)

// keepTime gives each entry the time of the one in its place in the original.
func (o *original) keepTime(made, t *trace.Trace) {
	var exchanges, events []trace.Entry
	for _, e := range t.Entries {
		switch {
		case e.IsExchange():
			exchanges = append(exchanges, e)
		case e.Event != "":
			events = append(events, e)
		}
	}
	last := int64(0)
	for i := range made.Entries {
		e := &made.Entries[i]
		from := &exchanges
		if e.Event != "" {
			from = &events
		}
		e.Took = 0
		if len(e.Random) == 0 && len(*from) > 0 {
			last, e.Took = max(last, (*from)[0].At), (*from)[0].Took
			*from = (*from)[1:]
		}
		e.At = last
	}
}

// differences compares two recordings command by command and tells, for each
// step, what is not equal.
func differences(was, now *trace.Trace) (remarks []string) {
	a, b := outlines(was), outlines(now)
	steps := stepOf(was)
	counts := map[string]int{}
	var order []string
	for i := range min(len(a), len(b)) {
		x, y := a[i], b[i]
		if !bytes.Equal(x.Header, y.Header) || x.Failure != y.Failure {
			remarks = append(remarks, fmt.Sprintf("from command %d (%s) on the sessions differ", i+1, steps[i]))
			break
		}
		for _, what := range different(x, y) {
			key := steps[i] + ": " + what
			if counts[key]++; counts[key] == 1 {
				order = append(order, key)
			}
		}
	}
	for _, key := range order {
		remarks = append(remarks, fmt.Sprintf("%s in %d of the commands", key, counts[key]))
	}
	if len(a) != len(b) {
		remarks = append(remarks, fmt.Sprintf("%d commands instead of %d", len(b), len(a)))
	}
	return remarks
}

func different(x, y trace.Entry) (all []string) {
	if x.Sent != y.Sent || x.Nc != y.Nc || x.Ne != y.Ne {
		all = append(all, "another length is sent")
	}
	if x.Received != y.Received {
		all = append(all, "another length is received")
	}
	if !bytes.Equal(x.SW, y.SW) {
		all = append(all, "another status word")
	}
	return all
}

func outlines(t *trace.Trace) (all []trace.Entry) {
	for _, e := range t.Entries {
		if e.IsExchange() {
			all = append(all, e.Outline())
		}
	}
	return all
}

// stepOf names the step that each command belongs to.
func stepOf(t *trace.Trace) (names []string) {
	for _, step := range t.Decode(traces.Names) {
		for range step.Commands {
			names = append(names, step.Name)
		}
	}
	return names
}

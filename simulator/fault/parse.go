package fault

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ErrUnknown says that no fault has the name; the error that wraps it names a
// similar one if there is one.
var ErrUnknown = errors.New("no such fault")

// Bounds of a specification.
const (
	maxSpec  = 200 // bytes
	maxFrom  = 1_000_000
	maxAfter = time.Hour
)

// Parse reads "NAME[=ARG][@N|@5s]": N is the number of the command at which a
// live fault begins, 5s the time after which it does. The error is one sentence.
func Parse(spec string) (Fault, error) {
	if len(spec) > maxSpec {
		return Fault{}, fmt.Errorf("a fault is written in %d characters at most", maxSpec)
	}
	rest, moment, timed := cutLast(spec, '@')
	name, arg, given := strings.Cut(rest, "=")
	kind, known := find(name)
	if !known {
		return Fault{}, unknown(name)
	}
	f := Fault{Kind: kind, Arg: kind.Default}
	if given {
		if err := kind.arg.check(arg); err != nil {
			return Fault{}, fmt.Errorf("fault %s: %w", name, err)
		}
		f.Arg = arg
	}
	if timed && !f.Live() {
		return Fault{}, fmt.Errorf("fault %s is made with the card, so it cannot begin at %q", name, moment)
	}
	if timed {
		if err := f.begin(moment); err != nil {
			return Fault{}, fmt.Errorf("fault %s: %w", name, err)
		}
	}
	return f, nil
}

// begin reads the moment: a number of commands or a time.
func (f *Fault) begin(moment string) error {
	if n, err := strconv.Atoi(moment); err == nil && n >= 1 && n <= maxFrom && moment[0] != '+' {
		f.From = n
		return nil
	}
	if d, err := time.ParseDuration(moment); err == nil && d > 0 && d <= maxAfter {
		f.After = d
		return nil
	}
	return fmt.Errorf("@%s is neither the number of a command, such as @30, nor a time, such as @5s", moment)
}

// cutLast cuts at the last separator.
func cutLast(s string, separator byte) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, separator); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

func find(name string) (Kind, bool) {
	for _, k := range kinds() {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

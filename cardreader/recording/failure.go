package recording

import (
	"context"
	"errors"

	"cnie/apdu/trace"
	"cnie/cardreader"
)

// errFailed stands for what a recording has no word for.
var errFailed = errors.New("the reader failed, as it did when this was recorded")

// failures pair the errors of a reader with their words in a trace.
var failures = []struct {
	err  error
	word trace.Failure
}{
	{cardreader.ErrCardRemoved, trace.Removed},
	{cardreader.ErrCardReset, trace.OtherReset},
	{cardreader.ErrReaderGone, trace.Unplugged},
	{cardreader.ErrNoService, trace.NoService},
	{context.DeadlineExceeded, trace.GivenUp},
	{context.Canceled, trace.GivenUp},
	{errFailed, trace.Failed},
}

// failureOf is the word for an error, none for nil.
func failureOf(err error) trace.Failure {
	if err == nil {
		return ""
	}
	for _, f := range failures {
		if errors.Is(err, f.err) {
			return f.word
		}
	}
	return trace.Failed
}

// ErrorOf is the error that a word stands for, nil for none.
func ErrorOf(word trace.Failure) error {
	for _, f := range failures {
		if f.word == word {
			return f.err
		}
	}
	return nil
}

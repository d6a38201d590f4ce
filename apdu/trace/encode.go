package trace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// Encode writes the trace. It fails, before it writes anything, when [Parse]
// would not take it back.
func (t *Trace) Encode(w io.Writer) error {
	var file bytes.Buffer
	header, err := line(t.Header)
	if err != nil {
		return err
	}
	file.Write(header)
	for _, e := range t.Entries {
		one, err := line(e)
		if err != nil {
			return err
		}
		file.Write(one)
	}
	if _, err := Parse(bytes.NewReader(file.Bytes())); err != nil {
		return fmt.Errorf("encode trace: %w", err)
	}
	_, err = w.Write(file.Bytes())
	return err
}

// line is the one spelling of a header or an entry, with its line feed.
func line(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode trace: %w", err)
	}
	return b.Bytes(), nil
}

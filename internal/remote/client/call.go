package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"golang.org/x/oauth2"
)

// Bounds on what a service may send.
const (
	maxAnswer = 1 << 20
	maxName   = 256
	maxWords  = 300
)

// ErrUnreachable says that a service does not answer, or stopped in the middle of it.
var ErrUnreachable = errors.New("the service does not answer")

// ErrProtocol says that a service answers otherwise than CSC API v2 has it.
var ErrProtocol = errors.New("the service answers against the protocol")

// Error is a service's refusal, §10.1.
type Error struct {
	Method string
	Status int    // of HTTP
	Code   string // invalid_request, access_denied and the like
	Words  string // the service's description; printable
	// Reason is what `cnie remote serve` adds; other services leave it empty.
	Reason string
	later  string // where the answer to an earlier request can be had
}

// Error implements error.
func (e *Error) Error() string {
	text := fmt.Sprintf("the service refused %s (%d", e.Method, e.Status)
	if e.Code != "" {
		text += " " + e.Code
	}
	text += ")"
	if e.Words != "" {
		text += ": " + e.Words
	}
	return text
}

// call posts a request and reads the answer. A status of 202 is "not yet", which
// only some methods have.
func (c *Client) call(ctx context.Context, tokens oauth2.TokenSource, method string, request, answer any) (status int, err error) {
	body, err := json.Marshal(request)
	if err != nil {
		return 0, err
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/"+method, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	post.Header.Set("Content-Type", "application/json")
	post.Header.Set("Accept", "application/json")
	if tokens != nil {
		token, err := tokens.Token()
		if err != nil {
			return 0, fmt.Errorf("get access to the service: %w", told(method, err))
		}
		token.SetAuthHeader(post)
	}
	response, err := c.http.Do(post)
	if err != nil {
		return 0, fmt.Errorf("%w (%s): %w", ErrUnreachable, method, err)
	}
	defer response.Body.Close()
	most := int64(maxAnswer)
	if l, is := answer.(interface{ most() int64 }); is {
		most = l.most()
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, most+1))
	switch {
	case err != nil:
		return 0, fmt.Errorf("%w (%s): %w", ErrUnreachable, method, err)
	case response.StatusCode/100 != 2:
		return response.StatusCode, refusal(method, response.StatusCode, text)
	case response.StatusCode == http.StatusNoContent:
	case int64(len(text)) > most || json.Unmarshal(text, answer) != nil:
		return 0, fmt.Errorf("%s: %w", method, ErrProtocol)
	}
	return response.StatusCode, nil
}

func refusal(method string, status int, text []byte) error {
	var e struct {
		Code   string `json:"error"`
		Words  string `json:"error_description"`
		Reason string `json:"reason"`
		Later  string `json:"responseID"`
	}
	_ = json.Unmarshal(text, &e) // a refusal without words is one all the same
	return &Error{Method: method, Status: status, Code: plain(e.Code), Words: plain(e.Words), Reason: plain(e.Reason), later: e.Later}
}

// told gives a refusal of the authorization server the same form.
func told(method string, err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response == nil {
		var way *url.Error
		if errors.As(err, &way) {
			return fmt.Errorf("%w: %w", ErrUnreachable, err)
		}
		return err
	}
	return &Error{Method: method, Status: refused.Response.StatusCode, Code: plain(refused.ErrorCode), Words: plain(refused.ErrorDescription)}
}

// plain keeps a service from drawing on the terminal.
func plain(words string) string {
	words = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, words)
	if runes := []rune(words); len(runes) > maxWords {
		return string(runes[:maxWords]) + "…"
	}
	return words
}

// patience is for how long a service is asked on that does not answer: while it is
// started anew, or another takes over.
const patience = time.Minute

// patiently calls a method that may be called again when the connection was lost, or
// the service could not answer just then.
func (c *Client) patiently(ctx context.Context, method string, request, answer any) (status int, err error) {
	began := time.Now()
	for n := 0; ; n++ {
		status, err = c.call(ctx, c.tokens, method, request, answer)
		if !passing(err) || ctx.Err() != nil || time.Since(began) > patience || pause(ctx, n) != nil {
			return status, err
		}
	}
}

// passing tells whether an error may be gone a moment later.
func passing(err error) bool {
	var refused *Error
	if errors.As(err, &refused) {
		return refused.Status == http.StatusTooManyRequests || refused.Status > http.StatusNotImplemented
	}
	return errors.Is(err, ErrUnreachable)
}

// pause waits between two questions, longer each time.
func pause(ctx context.Context, n int) error {
	wait := min(time.Duration(n+1)*250*time.Millisecond, 3*time.Second)
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(wait):
		return nil
	}
}

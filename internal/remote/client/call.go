package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
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

// ErrProtocol says that a service answers otherwise than CSC API v2 has it.
var ErrProtocol = errors.New("the service answers against the protocol")

// Error is a service's refusal, §10.1.
type Error struct {
	Method string
	Status int    // of HTTP
	Code   string // invalid_request, access_denied and the like
	Words  string // the service's description; printable
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
		return 0, fmt.Errorf("ask the service (%s): %w", method, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return 0, fmt.Errorf("read the service's answer (%s): %w", method, err)
	case response.StatusCode/100 != 2:
		return response.StatusCode, refusal(method, response.StatusCode, text)
	case response.StatusCode == http.StatusNoContent:
	case len(text) > maxAnswer || json.Unmarshal(text, answer) != nil:
		return 0, fmt.Errorf("%s: %w", method, ErrProtocol)
	}
	return response.StatusCode, nil
}

func refusal(method string, status int, text []byte) error {
	var e struct {
		Code  string `json:"error"`
		Words string `json:"error_description"`
	}
	_ = json.Unmarshal(text, &e) // a refusal without words is one all the same
	return &Error{Method: method, Status: status, Code: plain(e.Code), Words: plain(e.Words)}
}

// told gives a refusal of the authorization server the same form.
func told(method string, err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response == nil {
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

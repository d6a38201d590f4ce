package client

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// How a holder agrees, §11.5 auth/mode; version 1 also had implicit.
const oauthMode = "oauth2code"

// maxDescription is in characters, §11.6.
const maxDescription = 500

// permission gets the signature activation data for these digests.
func (k *Key) permission(ctx context.Context, digests [][]byte, m method) (string, error) {
	if k.told.mode() == oauthMode {
		return k.browsed(ctx, digests, m)
	}
	return k.authorized(ctx, k.authorization(digests, m))
}

// authorization is what is asked of the holder. The method of signing is told where
// services could take another for granted; the API has no place for it.
func (k *Key) authorization(digests [][]byte, m method) authorizeRequest {
	request := authorizeRequest{
		Credential: k.name, Signatures: len(digests), Hashes: encoded(base64.StdEncoding, digests), Algorithm: m.hashName,
		Description: k.shownDescription(),
	}
	if m.pss != nil {
		request.Method, request.Parameters = m.name, m.parameters
	}
	return request
}

// authorized asks, and waits for the holder.
func (k *Key) authorized(ctx context.Context, request authorizeRequest) (_ string, err error) {
	if request.Answers, err = k.answers(ctx); err != nil {
		return "", err
	}
	var got authorization
	status, err := k.client.call(ctx, k.client.tokens, "credentials/authorize", request, &got)
	for n := 0; err == nil && status == http.StatusAccepted; n++ { // §11.7: the holder has not decided
		if got.Handle == "" {
			return "", fmt.Errorf("credentials/authorize: %w", ErrProtocol)
		}
		if err = pause(ctx, n); err == nil {
			check := checkRequest{got.Handle}
			status, err = k.client.patiently(ctx, "credentials/authorizeCheck", check, &got)
		}
	}
	if err == nil && got.SAD == "" {
		err = fmt.Errorf("credentials/authorize: %w", ErrProtocol)
	}
	return got.SAD, err
}

// browsed has the holder agree in a browser: the token is the permission, §8.4.2.
func (k *Key) browsed(ctx context.Context, digests [][]byte, m method) (string, error) {
	about := url.Values{
		"credentialID":  {k.name},
		"numSignatures": {strconv.Itoa(len(digests))},
		// Padding would only have to be escaped; readers of base64url do without.
		"hashes":           {strings.Join(encoded(base64.RawURLEncoding, digests), ",")},
		"hashAlgorithmOID": {m.hashName},
	}
	if k.description != "" {
		about.Set("description", k.shownDescription())
	}
	token, err := k.client.ask(ctx, credentialScope, about)
	if err != nil {
		return "", err
	}
	return token.AccessToken, nil
}

func (k *Key) shownDescription() string {
	runes := []rune(k.description)
	return string(runes[:min(len(runes), maxDescription)])
}

// answers asks the holder for what the service wants to hear.
func (k *Key) answers(ctx context.Context) ([]authData, error) {
	var answers []authData
	for _, p := range k.told.Auth.Objects {
		if k.client.options.Answer == nil {
			return nil, ErrNoAnswer
		}
		if err := k.challenge(ctx, &p); err != nil {
			return nil, err
		}
		p.Label, p.Description, p.Challenge = plain(p.Label), plain(p.Description), plain(p.Challenge)
		answer, err := k.client.options.Answer(ctx, p)
		if err != nil {
			return nil, err
		}
		if value := answer.Reveal(); len(value) > 0 {
			answers = append(answers, authData{p.ID, string(value)})
		}
		answer.Wipe()
	}
	return answers, nil
}

// challenge has the service ask its question, here or on the holder's telephone
// (§11.8).
func (k *Key) challenge(ctx context.Context, p *Prompt) error {
	if p.Type != "ChallengeResponse" || !k.client.offers("credentials/getChallenge") {
		return nil
	}
	var told struct {
		Challenge string `json:"challenge"`
	}
	_, err := k.client.call(ctx, k.client.tokens, "credentials/getChallenge", challengeRequest{k.name, p.ID}, &told)
	p.Challenge = told.Challenge
	return err
}

// signatures uses the permission.
func (k *Key) signatures(ctx context.Context, permission string, digests [][]byte, m method) ([]string, error) {
	request := signRequest{
		Credential: k.name, SAD: permission, Hashes: encoded(base64.StdEncoding, digests), Algorithm: m.hashName,
		Method: m.name, Parameters: m.parameters,
	}
	if k.client.about.Later && k.client.offers("signatures/signPolling") {
		request.Mode = "A"
	}
	var got signed
	if err := k.spend(ctx, "signatures/signHash", request, &got, &got.later); err != nil {
		return nil, err
	}
	if len(got.Signatures) == 0 {
		return nil, fmt.Errorf("signatures/signHash: %w", ErrProtocol)
	}
	return got.Signatures, nil
}

// spend uses a permission, and waits for what comes of it (§11.12). A permission is
// good for one use and for these hashes, so that it can be presented again when the
// connection was lost: it is taken once, and whoever comes again is told where the
// answer will be.
func (k *Key) spend(ctx context.Context, method string, request, got any, where *later) error {
	status, err := k.client.patiently(ctx, method, request, got)
	var refused *Error
	if errors.As(err, &refused) && refused.later != "" {
		where.Response, err = refused.later, nil
	}
	if where.Response != "" {
		status = http.StatusAccepted
	}
	request = pollRequest{where.Response}
	for n := 0; err == nil && status == http.StatusAccepted; n++ {
		if err = pause(ctx, n); err == nil {
			status, err = k.client.patiently(ctx, "signatures/signPolling", request, got)
		}
	}
	return err
}

func encoded(e *base64.Encoding, digests [][]byte) []string {
	texts := make([]string, 0, len(digests))
	for _, d := range digests {
		texts = append(texts, e.EncodeToString(d))
	}
	return texts
}

package main

import (
	"errors"
	"fmt"
	"net/http"

	"cnie/internal/remote/client"
	"cnie/internal/remote/order"
)

// remoteFailures are what a person can do about services.
var remoteFailures = []struct {
	err      error
	code     int
	sentence string
}{
	{client.ErrReference, exitUsage, "a remote key is written remote:https://HOST/csc/v2/CREDENTIAL, as `cnie keys --key remote:https://HOST` shows it"},
	{client.ErrRedirect, exitUsage, "a browser comes back to http://127.0.0.1:PORT/…, as the service registered it; correct --redirect, or the address that you copied"},
	{client.ErrNoBrowser, exitUsage, "the service wants somebody to agree in a browser, and nobody is at a terminal; give --browser PROGRAM, or --client-secret FILE if the program has one"},
	{client.ErrNoAnswer, exitUsage, "the service asks something of the holder, and nobody is at a terminal to answer"},
	{client.ErrAccess, exitNotPermitted, "the service lets in only programs that have a secret, or in another way than OAuth 2.0; give --client-secret FILE if you have one"},
	{client.ErrUnusable, exitUnavailable, "the service says that this key is switched off, or that its certificate has expired or was revoked; ask its operator"},
	{client.ErrUnsupported, exitUnavailable, "the service's key does not make such signatures; leave --pss out, or choose another key"},
	{client.ErrSignature, exitTryAgain, "what the service sent is no signature of this key over the document, and was thrown away; distrust the service if that goes on"},
	{client.ErrState, exitNotPermitted, "the browser came back from something else than this request, which somebody may have planted; start again"},
	{client.ErrProtocol, exitUnavailable, "the service does not speak API version 2 of the Cloud Signature Consortium as it should; check the address, or ask its operator"},
}

// reasonFailures are what became of a request at the holder's, as `cnie remote serve`
// tells it.
var reasonFailures = map[order.Reason]struct {
	code     int
	sentence string
}{
	order.ByHolder:        {exitRefused, "the holder refused; nothing was signed"},
	order.HashForbidden:   {exitNotPermitted, "the holder signs only documents that can be shown there, and not hashes"},
	order.Expired:         {exitTryAgain, "the holder did not answer in time; nothing was signed, try again"},
	order.TokenExpired:    {exitTryAgain, "the permission expired before it was used; nothing was signed, try again"},
	order.NoCard:          {exitTryAgain, "the holder's card was not in its reader; nothing was signed, try again"},
	order.OtherCard:       {exitTryAgain, "another card is in the holder's reader; nothing was signed"},
	order.Lost:            {exitTryAgain, "the holder's agent was interrupted; the signature is lost and will not be made a second time, try again"},
	order.PINFailed:       {exitWrongPassword, "the holder's card did not accept a PIN; nothing was signed"},
	order.DocumentChanged: {exitTryAgain, "a document changed on its way to the holder; nothing was signed"},
	order.Unsupported:     {exitUnavailable, "the holder's agent or card does not make such signatures; choose another format"},
}

// refusedFor is the reason that a service of this project gave; "" for others.
func refusedFor(err error) string {
	var refused *client.Error
	if errors.As(err, &refused) {
		return refused.Reason
	}
	return ""
}

// remoteFailureOf finds the sentence for an error at a service, nil for others.
func remoteFailureOf(err error) error {
	for _, f := range remoteFailures {
		if errors.Is(err, f.err) {
			return &failure{code: f.code, sentence: f.sentence, cause: err}
		}
	}
	if errors.Is(err, client.ErrUnreachable) {
		return &failure{code: exitUnavailable, sentence: fmt.Sprintf("%s; check the address, the network, and --service-roots if its certificate is from an authority of your own", oneLine(err)), cause: err}
	}
	var refused *client.Error
	if !errors.As(err, &refused) {
		return nil
	}
	if f, known := reasonFailures[order.Reason(refused.Reason)]; known {
		return &failure{code: f.code, sentence: f.sentence, cause: err}
	}
	code, advice := exitUnavailable, "ask its operator"
	switch {
	case refused.Code == "access_denied":
		return &failure{code: exitRefused, sentence: "the holder, or the service for him, refused; nothing was signed", cause: err}
	case refused.Status == http.StatusUnauthorized, refused.Code == "invalid_client", refused.Code == "unauthorized_client":
		code, advice = exitNotPermitted, "check --client and --client-secret"
	case refused.Code == "invalid_authentication_data", refused.Code == "invalid_otp", refused.Code == "invalid_pin":
		code, advice = exitWrongPassword, "type it again with care"
	case refused.Status == http.StatusTooManyRequests, refused.Status >= http.StatusBadGateway:
		code, advice = exitTryAgain, "try again later"
	case refused.Status == http.StatusNotFound:
		advice = "check the address"
	}
	return &failure{code: code, sentence: fmt.Sprintf("%v; %s", refused, advice), cause: err}
}

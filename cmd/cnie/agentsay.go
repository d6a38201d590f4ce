package main

import (
	"errors"
	"fmt"
	"strings"

	"cnie/cardreader/esign"
	"cnie/internal/remote/agent"
	"cnie/internal/remote/gate"
	"cnie/internal/remote/order"
)

// describeOrder says what the holder is asked, in lines. Everything that comes from far
// away was checked by package order to be plain text.
func describeOrder(q agent.Question) string {
	o := q.Order
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-10s%s\n", name, fmt.Sprintf(format, args...))
	}
	switch o.Kind {
	case order.Access:
		fmt.Fprintf(&b, "\nA program asks to see your certificate.\n")
	default:
		fmt.Fprintf(&b, "\nA program asks for your signature.\n")
	}
	line("by", "%s (%s)", o.Requester.Name, o.Requester.ID)
	if o.Purpose != "" {
		line("for", "%s", o.Purpose)
	}
	line("until", "%s", o.Expires.Local().Format("15:04:05"))
	for i, d := range o.Documents {
		line(fmt.Sprintf("%d", i+1), "%s", documentLine(o, d))
		line("", "%s %X", o.Hash, d.Digest)
	}
	if q.Unseen() {
		b.WriteString("WARNING: only hashes came. Nobody can see here what they are of: it may be any text at all.\n")
	}
	return b.String()
}

var formats = map[order.Format]string{order.PAdES: "signature in the file (PAdES)", order.CAdES: "signature beside the file (CAdES)"}

func documentLine(o *order.Order, d order.Document) string {
	if o.Kind == order.Hash {
		if d.Name == "" {
			return "a hash"
		}
		return fmt.Sprintf("a hash, of %q as the program says", d.Name)
	}
	return fmt.Sprintf("%s · %d bytes · %s", d.Name, d.Size, formats[d.Format])
}

// outcomes are what became of an order, for its holder.
var outcomes = map[order.Reason]string{
	"":                    "Signed.",
	order.ByHolder:        "Refused, as you said.",
	order.HashForbidden:   "Refused: a bare hash, and --allow-hash-only was not given.",
	order.TokenForeign:    "Refused: the request has no token of the service.",
	order.TokenExpired:    "Refused: the request's token has expired. Is the clock right?",
	order.TokenAudience:   "Refused: the request's token is for another agent.",
	order.TokenMismatch:   "Refused: the request asks for something else than its token allows.",
	order.TokenUsed:       "Refused: signatures were made for this request before.",
	order.NoConsent:       "Refused: you have not agreed to this request.",
	order.DocumentChanged: "Refused: a document is not the one that was announced.",
	order.OtherCard:       "Refused: the card has another certificate than the agent enrolled.",
	order.Expired:         "Too late: the request has expired, or was withdrawn.",
	order.NoCard:          "Not signed: there was no card, or it was taken away.",
	order.PINFailed:       "Not signed: the PIN was not right.",
	order.Unsupported:     "Not signed: such a signature, or such a document, is not supported.",
	order.Lost:            "Not signed: the agent was interrupted.",
	order.Broken:          "Not signed: something went wrong; run with --debug to see more.",
}

// Tell implements agent.Holder.
func (d *holderDesk) Tell(n agent.Notice) {
	switch n.Kind {
	case agent.Connected:
		d.say("Connected. Requests will be shown here; Ctrl-C ends.")
	case agent.Disconnected:
		d.say("Not connected: %v. Trying again.", n.Err)
	case agent.NewService:
		d.say("First meeting with this service. Its key for tokens (SHA-256, RFC 7638): %s", strings.Join(n.Keys, ", "))
	case agent.WantsCard:
		d.say("Put your card into the reader.")
	case agent.NotRenewed:
		d.say("The agent's certificate could not be renewed: %v. Trying again.", n.Err)
	case agent.Answered:
		if n.Given.Outcome == order.Consented {
			d.say("Agreed. The service is told.")
			return
		}
		d.say("%s", outcomes[n.Given.Reason])
	}
}

// agentFailures are what ends an agent, and what can be done about it.
var agentFailures = []struct {
	err      error
	code     int
	sentence string
}{
	{agent.ErrRunning, exitUnavailable, "an agent is running with this folder already; end it first"},
	{agent.ErrPin, exitConfiguration, "the service signs with another key than before; if its operator confirms that, remove service.json from the agent's folder"},
	{agent.ErrServiceKey, exitConfiguration, "the service signs with another key than service-key: in the agent's file; ask its operator, and distrust the service until then"},
	{gate.ErrNotNamed, exitNotPermitted, "the service does not take this agent for the card's holder; enroll again with the right card"},
	{gate.ErrNotTrusted, exitNotPermitted, "the service does not trust who issued the card's certificate; ask its operator"},
	{agent.ErrDeclined, exitInterrupted, "no PIN was typed; nothing was done"},
	{esign.ErrLastTry, exitWrongPassword, "one try is left before the PIN is blocked; it is not used here"},
	{esign.ErrPINBlocked, exitWrongPassword, "the PIN is blocked; only the card's issuer can help"},
	{esign.ErrWrongPIN, exitWrongPassword, "the PIN is wrong; try again"},
	{esign.ErrPINFormat, exitWrongPassword, "a PIN of this card does not look like that; it was not tried"},
}

// agentFailure finds the sentence for an error of an agent.
func agentFailure(err error) error {
	var told *failure
	switch {
	case err == nil || errors.As(err, &told):
		return err
	case errors.Is(err, agent.ErrNotEnrolled):
		return &failure{code: exitConfiguration, sentence: err.Error() + "; run `cnie agent enroll FILE`", cause: err}
	case errors.Is(err, agent.ErrAuthority):
		return &failure{code: exitNotPermitted, sentence: err.Error() + "; see that it knows the card, and that the card is not revoked", cause: err}
	}
	for _, f := range agentFailures {
		if errors.Is(err, f.err) {
			return &failure{code: f.code, sentence: f.sentence, cause: err}
		}
	}
	return keyFailure(err)
}

// Package gate is how an agent and the service talk: paths, values and errors, for
// both ends.
//
// The agent connects, always: at the holder's end no port is open. It speaks HTTPS
// with a client certificate and waits for orders in a request that the service lets
// hang, which passes every proxy, needs no connection to be kept, and resumes by
// asking again. Any replica of the service will do for any request.
//
//	POST   /agent/v1/sessions                                   Hello → 201 Welcome
//	GET    /agent/v1/sessions/{session}/orders?wait=25&seen=7   → 200 Orders, perhaps none
//	GET    /agent/v1/sessions/{session}/orders/{order}          → 204 while its answer is waited for
//	GET    /agent/v1/sessions/{session}/orders/{order}/documents/{n}   → 200 the n-th document, from 0
//	POST   /agent/v1/sessions/{session}/answers                 order.Answer → 204
//	DELETE /agent/v1/sessions/{session}                         → 204; the agent leaves
//
// A session belongs to one run of an agent and lasts as long as it asks for orders.
// A credential belongs to the agent that brings it first, by its Name, for as long as
// the service keeps its state: another one whose certificate names the same person, as
// a namesake's does, is turned away with ErrNotNamed.
//
// A credential has one session: whoever else brings it is turned away with ErrTaken
// while that lasts, also a second run of the same agent. An agent that was
// interrupted names its former session (Hello.Resume) and takes its place at once;
// one that has lost its record waits for the lease to run out.
//
// An agent asks for orders one request at a time, waits in it for so many seconds,
// and names the last batch that it has received, 0 at first: what was handed out
// since, in a response that got lost, comes again. Orders that it may see twice it
// must know again. An order is handed to one session only.
//
// Orders that a former session of the agent left without an answer are listed in
// Welcome.Open: the agent sends the answer that it has on record, or order.Lost. It
// signs none of them.
//
// An answer is taken once. A second one to the same order is ErrAnswered, unless it
// is the same. So is one to an order that was withdrawn, as happens when a program goes
// away before it has learnt how to ask for the answer: an agent that has a holder
// thinking asks now and then whether the answer is still waited for, and does not mind
// a service that cannot tell.
package gate

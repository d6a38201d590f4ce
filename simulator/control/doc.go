// Package control is the hand that reaches into a running simulator: a program
// or a shell script tells it to pull a card in the middle of a read, to put
// another one in, to switch a fault on.
//
// The other side listens on a Unix socket that only its owner may open. Requests
// and answers are JSON objects, one a line, and take turns; a connection may carry
// any number of them. `cnie-sim ctl` sends one:
//
//	→ {"do":"swap","slot":0,"card":"expired"}
//	← {"slots":[{"slot":0,"at":"127.0.0.1:35963","card":"expired","seen":true}]}
//	→ {"do":"remove","slot":7}
//	← {"error":"there is no slot 7, only 0","exit":64}
//
// Verbs are insert, remove, swap, fault and status; [Request] says what each
// takes. An answer comes when the thing is done: after an insertion, when the
// reader has asked for the card or has taken too long.
package control

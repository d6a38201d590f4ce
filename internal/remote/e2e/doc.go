// Package e2e has no code: its tests put all roles of remote signing together, with
// a real authority, a real PC/SC service and a simulated card in it. One does that
// within a process. The other compiles the programs, runs them as they are installed,
// with two replicas on PostgreSQL and NATS and an agent on a terminal, and kills what
// lies between a document and its signature at each moment at which it matters.
package e2e

// Package e2e has no code: its tests put all roles of remote signing together, with
// a real authority, a real PC/SC service and a simulated card in it.
package e2e

// Package pcscd starts a private PC/SC service with virtual readers, so that
// tests and programs can put simulated cards into a real service without
// touching the machine's own one.
//
// Each [Daemon] is a pcscd process of its own in its own mount namespace: its
// /run is a temporary folder, and the folder of USB drivers is hidden from it,
// so it never grabs a real reader that is plugged in. The service cannot be told
// where to put its socket, hence the namespace; its clients can, by
// PCSCLITE_CSOCK_NAME, hence [Daemon.Socket]. os.Setenv reaches the C library in
// programs built with cgo, but that looks only once in the life of a process.
// Daemons that a process has one after the other therefore have the same
// socket; of several at a time, it can be a client of the first alone.
//
// The virtual reader is vpcd of the vsmartcard project. One driver has two
// readers, each listening on a TCP port for a card to plug itself in (package
// simulator/vpcd does that). NOTE: vpcd listens on all of the machine's
// addresses, not on loopback alone: whoever reaches the port can put a card in.
// Ports are chosen below the range that the kernel gives to outgoing
// connections and are reserved machine-wide for as long as the daemon lives.
//
// A daemon dies with the process that started it; only a process that is killed
// leaves a small folder behind. It needs root or the right to
// make user namespaces, and runs on Linux only.
package pcscd

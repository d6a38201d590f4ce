package piv

import "cnie/simulator"

// The status words of SP 800-73-5 part 2.
const (
	swOK                simulator.Status = 0x9000
	swTriesLeft         simulator.Status = 0x63C0 // low digit: how many
	swSecurityStatus    simulator.Status = 0x6982
	swBlocked           simulator.Status = 0x6983
	swConditions        simulator.Status = 0x6985
	swIncorrectData     simulator.Status = 0x6A80
	swNotFound          simulator.Status = 0x6A82
	swIncorrectP1P2     simulator.Status = 0x6A86
	swReferenceNotFound simulator.Status = 0x6A88
	swInstruction       simulator.Status = 0x6D00
	swUnknown           simulator.Status = 0x6F00
)

func status(sw simulator.Status) simulator.Response { return simulator.Response{SW: sw} }
func ok(data []byte) simulator.Response             { return simulator.Response{Data: data, SW: swOK} }

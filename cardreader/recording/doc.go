// Package recording keeps what a terminal and a card said to each other, and says
// it again.
//
// [Record] stands between a program and its readers and writes down, in the
// format of package apdu/trace, every command with its answer, every reset, and
// every random number that the program draws from [Recorder.Rand]. It changes
// nothing that passes.
//
//	recorder := recording.Record(pcsc.New(), rand.Reader, "cnie 1.0")
//	// read a card through recorder.System() with recorder.Rand()
//	session := recorder.Trace()
//
// [Replay] is the way back: a System whose only card answers as recorded, as
// long as it is told, byte for byte, what the recorded card was told. With the
// recorded random numbers a correct program does say the same again, secure
// messaging included; where it does not, a [*DeviationError] names the step.
// What is read from it is marked as replayed (pki.Evidence) by the reader itself,
// so that nobody takes it for a card.
//
// A recording is of one card. A program that opens several cards at once through
// one Recorder gets a trace that cannot be told apart again.
package recording

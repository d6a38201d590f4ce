// Package trace is the file format of recorded sessions with a card.
//
// A trace is JSON Lines. The first line is a [Header]: which program recorded
// which reader and card, when, and how much of it was kept. Each further line is
// an [Entry]: a command with its answer or its failure, something that happened
// to the connection, or random numbers that the terminal drew. The random
// numbers make a recording whole: with them a session under secure messaging
// plays again byte for byte.
//
//	{"trace":1,"content":"full","program":"cnie 1.0","at":"2026-…Z","reader":"…","atr":"3B80…"}
//	{"at":0,"event":"connect"}
//	{"at":310,"took":420,"send":"00B09C00DF","receive":"3181…9000"}
//	{"at":1730,"random":"5F…"}
//
// For the same reason a recording with content is personal data under a key that
// lies beside it. So there are two kinds. [Full] has every byte, but for the
// commands that carry a PIN or a key in clear, whose data are left out of any
// trace ([Mask]). [Redacted] has headers, lengths, status words and times, and no
// random numbers: enough to see where a session failed, and nothing of whom.
// Which of them may be written where is decided by whoever writes it.
//
// [Parse] is strict: it takes what [Trace.Encode] writes and nothing else, each
// line in its one spelling, and bounds every length.
package trace

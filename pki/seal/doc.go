// Package seal makes evidence travel: a terminal signs what it read from a card,
// and somebody else, on another machine and later, opens it and judges anew.
//
// A sealed file is two lines and a signature:
//
//	cnie evidence 1
//	{"id":"…","read by…":…}
//	-----BEGIN SSH SIGNATURE-----
//	…
//	-----END SSH SIGNATURE-----
//
// The second line is a [Statement] in JSON. The signature is an SSHSIG by the
// terminal's Ed25519 key over exactly the bytes before it, so that nothing is
// ever encoded a second time in order to be verified, and so that OpenSSH can
// verify it too:
//
//	sed '/^-----BEGIN SSH/,$d' FILE | ssh-keygen -Y verify -f terminals \
//	  -I terminal -n evidence@cnie -s FILE.sig
//
// Around this there may be an age file (age-encryption.org/v1), which any age
// program opens. The statement holds personal data and the ephemeral private key
// of Chip Authentication; in clear it is for people who do not exist.
//
// Each byte of a file is bound: an age file is not malleable, the first two lines
// are signed, and the signature has one spelling only, which [Open] insists on.
//
// What the signature proves is who says so. A terminal can make up a transcript
// of Chip Authentication, since it chose the ephemeral key. It cannot make up
// what the State signed. [Statement.Challenge] ties the statement to a question,
// so that an old one cannot be shown again; where the chip has Active
// Authentication it signs an answer to the question itself, and
// [cnie/pki.Report.Answers] says so without trusting the terminal.
package seal

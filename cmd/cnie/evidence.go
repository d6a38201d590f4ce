package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/spf13/pflag"

	"cnie/internal/report"
	"cnie/pki/seal"
)

// evidenceOptions say whether, where and for whom `cnie verify` saves evidence:
// as it was typed, and, after prepare, as it is used.
type evidenceOptions struct {
	file, keyFile, challengeHex string
	recipientTexts              []string

	key        *seal.Key
	challenge  []byte
	recipients []age.Recipient
}

func (e *evidenceOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&e.file, "save-evidence", "", "write everything that was judged to `FILE`, signed by this terminal, for `cnie check`")
	f.StringArrayVar(&e.recipientTexts, "recipient", nil, "encrypt the evidence to this age1… key or `FILE` of such keys; without any, specimen cards only")
	f.StringVar(&e.challengeHex, "challenge", "", "bind the evidence, and what the chip signs, to this `HEX` number, chosen by whoever will rely on it (16 to 64 bytes)")
	f.StringVar(&e.keyFile, "terminal-key", "", "sign with this OpenSSH Ed25519 key `FILE` instead of the one that `cnie terminal` shows")
}

// prepare finds out, before a card is touched, whether evidence can be saved.
func (e *evidenceOptions) prepare(given func(flag string) bool) (err error) {
	if e.file == "" {
		if given("challenge") || len(e.recipientTexts) > 0 || e.keyFile != "" {
			return usage("--recipient, --challenge and --terminal-key belong to --save-evidence FILE; give that too")
		}
		return nil
	}
	if e.challenge, err = parseChallenge(e.challengeHex, given("challenge")); err != nil {
		return err
	}
	for _, text := range e.recipientTexts {
		found, err := parseRecipients(text)
		if err != nil {
			return err
		}
		e.recipients = append(e.recipients, found...)
	}
	if len(e.recipients) > 0 && seal.Encrypt(io.Discard, nil, e.recipients...) != nil {
		return usage("post-quantum recipients (age1pq1…) cannot stand beside others, who would undo their protection; give one kind")
	}
	e.key, err = terminalKey(e.keyFile)
	return err
}

// parseChallenge reads what the command line gives. An empty challenge that was
// given is none that was meant: a script's variable was not set.
func parseChallenge(text string, given bool) ([]byte, error) {
	if !given {
		return nil, nil
	}
	challenge, err := hex.DecodeString(text)
	if err != nil || len(challenge) < seal.MinChallenge || len(challenge) > seal.MaxChallenge {
		return nil, usage("--challenge takes %d to %d bytes in hexadecimal, chosen at random, such as `openssl rand -hex 32` gives", seal.MinChallenge, seal.MaxChallenge)
	}
	return challenge, nil
}

// parseRecipients reads one age public key, or a file of them.
func parseRecipients(text string) ([]age.Recipient, error) {
	source := io.Reader(strings.NewReader(text))
	if !strings.HasPrefix(text, "age1") {
		file, err := os.Open(text)
		if err != nil {
			return nil, usage("--recipient takes a key that begins with age1, or a file of such keys; make one with `age-keygen`")
		}
		defer file.Close()
		source = io.LimitReader(file, maxKeyFile)
	}
	recipients, err := age.ParseRecipients(source)
	if err != nil { // what age says of a line could quote a private key
		return nil, usage("--recipient takes age public keys (age1…), one a line; make one with `age-keygen`")
	}
	return recipients, nil
}

// saveEvidence writes what was read. In clear that is personal data for anybody
// who finds the file, so only people who do not exist are saved like that.
func (v *verification) saveEvidence(files *pending, r result) error {
	e := v.evidence
	if e.file == "" || r.reading == nil {
		return nil
	}
	if len(e.recipients) == 0 && !r.judged.Specimen {
		return &failure{code: exitNotPermitted, sentence: "evidence holds personal data and is saved in clear of specimen cards only; encrypt it with --recipient age1…, or leave --save-evidence out"}
	}
	signed, err := seal.Sign(seal.Statement{
		ID: r.id, SavedAt: time.Now().UTC(), Tool: "cnie " + version, Challenge: e.challenge,
		Judged:   seal.Judgement{At: r.judged.At.UTC(), Verdict: r.judged.Verdict(), Policy: r.judged.Policy().Sentences(), Trust: r.trust},
		Evidence: *r.evidence,
	}, e.key)
	if err != nil {
		return err
	}
	return files.write(e.file, func(w io.Writer) error {
		if len(e.recipients) > 0 {
			return seal.Encrypt(w, signed, e.recipients...)
		}
		_, err := w.Write(signed)
		return err
	})
}

// maxKeyFile bounds files of keys, in bytes.
const maxKeyFile = 64 << 10

// attested is what --json tells about evidence from elsewhere.
type attested struct {
	Terminal    string         `json:"terminal"` // fingerprint of its key
	TerminalKey string         `json:"terminal_key"`
	Known       bool           `json:"known"` // one of those named by --terminal
	ReadAt      time.Time      `json:"read_at"`
	SavedAt     time.Time      `json:"saved_at"`
	Tool        string         `json:"tool"`
	Challenge   string         `json:"challenge,omitempty"`
	Compared    bool           `json:"challenge_compared"`
	Answered    bool           `json:"challenge_answered_by_chip"`
	Encrypted   bool           `json:"encrypted"`
	Judged      seal.Judgement `json:"judged"`
}

// forReport is the same for people.
func (a *attested) forReport() *report.Attestation {
	if a == nil {
		return nil
	}
	return &report.Attestation{
		Terminal: a.Terminal, Pinned: a.Known, ReadAt: a.ReadAt, Now: time.Now(), Tool: a.Tool,
		Challenge: a.Challenge, Compared: a.Compared, Answered: a.Answered, Verdict: a.Judged.Verdict, JudgedAt: a.Judged.At,
	}
}

// cannotRead is the sentence for a file that an argument names.
func cannotRead(name string, err error) error {
	return &failure{code: exitIO, sentence: fmt.Sprintf("cannot read %s: %v", name, bare(err)), cause: err}
}

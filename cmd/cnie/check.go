package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"cnie/pki/seal"
)

// checking is one run of `cnie check`: a verification of what another terminal
// read, with what is known of that terminal.
type checking struct {
	verification
	identityFiles, terminals []string
	challengeHex             string
}

func (p *program) checkCommand() *cobra.Command {
	v := &checking{verification: verification{program: p}}
	c := &cobra.Command{
		Use:   "check FILE",
		Short: "Judge saved evidence again",
		Long: "Judge the evidence that `cnie verify --save-evidence` wrote, on this machine, with\n" +
			"these trust anchors and this policy, for the time at which the card was read.\n\n" +
			"The report is attested by the terminal that read the card: it holds as far as\n" +
			"that terminal is trusted. Name the terminals that you trust with --terminal.\n" +
			"Only that the card was there and is the original can be proved by its chip, if\n" +
			"it has Active Authentication and you set a --challenge for `cnie verify`.\n\n" +
			"Exit codes: those of `cnie verify`; 65 a file that was changed, is not whole or\n" +
			"no evidence, 77 the wrong identity, terminal or challenge.",
		Example: "  cnie check card.evidence --trust anchors/ --terminal counter-7.pub\n" +
			"  cnie check card.evidence --trust anchors/ --identity age.key --challenge 5f…",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("`%s` takes one file; run `%s --help` to see what can be given", c.CommandPath(), c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return v.run(c.Context(), args[0]) },
	}
	f := c.Flags()
	v.judgeFlags(f, "judge for this `TIME` instead of that of the reading, such as 2026-01-31T12:00:00Z")
	f.StringArrayVar(&v.identityFiles, "identity", nil, "`FILE` with the age private key that opens the evidence")
	f.StringArrayVar(&v.terminals, "terminal", nil, "take evidence of this terminal only: the `KEY` or fingerprint that `cnie terminal` shows, or a file of keys")
	f.StringVar(&v.challengeHex, "challenge", "", "take evidence only if it answers this `HEX` number")
	v.showFlags(f)
	return c
}

func (v *checking) run(ctx context.Context, file string) error {
	if err := v.checkOutputs(); err != nil {
		return err
	}
	known, err := parseTerminals(v.terminals)
	if err != nil {
		return err
	}
	challenge, err := parseChallenge(v.challengeHex, v.given("challenge"))
	if err != nil {
		return err
	}
	evidence, err := v.open(file)
	if err != nil {
		return err
	}
	if err := admit(evidence, known, challenge); err != nil {
		return err
	}
	if v.at == "" {
		v.at = evidence.Evidence.ReadAt.Format(time.RFC3339Nano)
	}
	judge, anchors, err := v.judge()
	if err != nil {
		return err
	}
	judged := judge.Verify(ctx, &evidence.Evidence)
	if err := ctx.Err(); err != nil {
		return err
	}
	err = v.show(result{
		id: evidence.ID, judged: judged, evidence: &evidence.Evidence, trust: provenance(v.trustDir, anchors),
		attested: &attested{
			Terminal: evidence.Terminal.Fingerprint(), TerminalKey: evidence.Terminal.String(), Known: known != nil,
			ReadAt: evidence.Evidence.ReadAt, SavedAt: evidence.SavedAt, Tool: evidence.Tool, Encrypted: evidence.Encrypted,
			Challenge: hex.EncodeToString(evidence.Challenge), Compared: challenge != nil,
			Answered: judged.Answers(evidence.Challenge), Judged: evidence.Judged,
		},
	})
	if err != nil {
		return err
	}
	return verdictExit(judged.Verdict())
}

// open reads, decrypts and verifies the file.
func (v *checking) open(name string) (*seal.Sealed, error) {
	return openSealed(name, v.identityFiles, seal.Open, sealErrors)
}

var sealErrors = []sealedError{
	{seal.ErrNeedsKey, exitNotPermitted, needsIdentity},
	{seal.ErrOtherKey, exitNotPermitted, otherIdentity},
	{seal.ErrTooLong, exitMalformed, "is longer than evidence can be; it is not what `cnie verify --save-evidence` wrote"},
	{seal.ErrDamaged, exitMalformed, damaged},
	{seal.ErrSignature, exitMalformed, "was changed after the terminal signed it; do not rely on it"},
	{seal.ErrMalformed, exitMalformed, "is no evidence that this version can judge; it takes what `cnie verify --save-evidence` wrote"},
}

// admit decides whether evidence is of a terminal that is trusted and answers
// the question that was put, as far as either was said.
func admit(evidence *seal.Sealed, known map[string]bool, challenge []byte) error {
	switch {
	case known != nil && !known[evidence.Terminal.Fingerprint()]:
		return &failure{code: exitNotPermitted, sentence: fmt.Sprintf("the evidence is signed by another terminal, %s; do not rely on it", evidence.Terminal.Fingerprint())}
	case challenge != nil && len(evidence.Challenge) == 0:
		return &failure{code: exitNotPermitted, sentence: "the evidence answers no challenge, so it may be an old one; do not rely on it"}
	case challenge != nil && !bytes.Equal(challenge, evidence.Challenge):
		return &failure{code: exitNotPermitted, sentence: "the evidence answers another challenge, so it is not meant for you or is an old one; do not rely on it"}
	}
	return nil
}

// parseTerminals gives the fingerprints of the terminals that are trusted; nil
// when none was named.
func parseTerminals(texts []string) (map[string]bool, error) {
	var known map[string]bool
	for _, text := range texts {
		if known == nil {
			known = map[string]bool{}
		}
		if strings.HasPrefix(text, "SHA256:") {
			known[text] = true
			continue
		}
		content := []byte(text)
		if !strings.HasPrefix(text, "ssh-") {
			var err error
			if content, err = readSome(text, maxTerminals); err != nil {
				return nil, usage("--terminal takes a key or fingerprint as `cnie terminal` shows it, or a file of such keys")
			}
		}
		keys, err := seal.ParsePublicKeys(content)
		if err != nil {
			return nil, usage("--terminal: %v; take what `cnie terminal` shows on that machine", err)
		}
		for _, key := range keys {
			known[key.Fingerprint()] = true
		}
	}
	return known, nil
}

// maxTerminals bounds a file of public keys: some ten thousand counters.
const maxTerminals = 1 << 20

func parseIdentities(name string) ([]age.Identity, error) {
	content, err := readSome(name, maxKeyFile)
	if err != nil {
		return nil, cannotRead(name, err)
	}
	defer clear(content)
	identities, err := age.ParseIdentities(bytes.NewReader(content))
	if err != nil { // what age says of a line could quote the key
		return nil, &failure{code: exitMalformed, sentence: name + " holds no age private key (AGE-SECRET-KEY-…); make one with `age-keygen`"}
	}
	return identities, nil
}

// readSome reads a file that is no longer than it may be.
func readSome(name string, most int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(content)) > most {
		err = fmt.Errorf("longer than %d bytes", most)
	}
	return content, err
}

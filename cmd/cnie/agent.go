package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"cnie/apdu"
	"cnie/cardreader/esign"
	"cnie/cardreader/esign/pkcs11"
	"cnie/internal/remote/agent"
)

const agentFileHelp = `FILE is YAML; paths in it are relative to it:

  service: https://sign.example:7443      # of cnie remote serve, for agents
  service-roots: service.crt              # who issued its certificate, PEM
  service-key: 0f3c…                      # that signs its tokens; else the first met
  authority: https://ca.example:9000      # of cnie-ca
  authority-roots: root.crt
  folder: agent                           # keys, journal and record; private
  key: 9C                                 # or pkcs11:…?module-path=…
  authentication-key: 9A
  reader: Contactless                     # only readers with this in their name
  view: [xdg-open]                        # shows a document; gets a file's name
`

func (p *program) agentCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "agent", Short: "Sign from afar with the card beside this machine", Args: noArguments,
		Long: "An agent sits beside a card. It connects to a service of remote signing, shows\n" +
			"what the service asks its holder to sign, and lets the card sign what the holder\n" +
			"agreed to. Nothing connects to it.\n\n" + agentFileHelp,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.agentEnrollCommand(), p.agentRunCommand())
	return c
}

func (p *program) agentEnrollCommand() *cobra.Command {
	return &cobra.Command{
		Use: "enroll FILE", Short: "Get the agent its certificate, ordered by the card", Args: oneFile,
		Long: "Make a key for the agent and have the authority certify it. The order is signed\n" +
			"by the card's authentication key, so the PIN is asked for once. The certificate\n" +
			"is renewed by itself while the agent runs; after it has expired, enroll again.\n\n" + agentFileHelp,
		Example: "  cnie agent enroll agent.yaml",
		RunE:    func(c *cobra.Command, args []string) error { return p.enrollAgent(c.Context(), args[0]) },
	}
}

func (p *program) agentRunCommand() *cobra.Command {
	var hashes bool
	c := &cobra.Command{
		Use: "run FILE", Short: "Serve the card to its holder's requests, until interrupted", Args: oneFile,
		Long: "Wait for requests, show each with who asks and why, and let the card sign what\n" +
			"the holder agrees to. To agree one types the number that is shown; there is no\n" +
			"way to agree beforehand, and the PIN is asked for after that. An agent that was\n" +
			"stopped in the middle of a signature never makes it a second time.\n\n" +
			"With --allow-hash-only the agent also signs hashes that come without a document.\n" +
			"Nobody can see what such a hash is of: whoever asks could have any text signed.\n\n" +
			"FOLDER/record.jsonl keeps what was asked and answered, one line of JSON each.\n" +
			"Exit codes: 69 the folder is in use, 77 the service does not want this agent, 78\n" +
			"FILE has a mistake, or the agent has not enrolled.\n\n" + agentFileHelp,
		Example: "  cnie agent run agent.yaml",
		RunE:    func(c *cobra.Command, args []string) error { return p.runAgent(c.Context(), args[0], hashes) },
	}
	c.Flags().BoolVar(&hashes, "allow-hash-only", false, "also sign hashes of which nobody can see what they are of")
	return c
}

func oneFile(c *cobra.Command, args []string) error {
	if len(args) == 1 {
		return nil
	}
	return usage("`%s` takes the agent's file; run `%s --help` to see what is in it", c.CommandPath(), c.CommandPath())
}

// agentSetup is an agent's file, and what it names.
type agentSetup struct {
	*agent.Config
	service, authority *x509.CertPool
	cards              agent.Cards
	desk               *holderDesk
}

// maxAgentFile is in bytes, a little more than package agent takes, or a bundle of
// roots.
const maxAgentFile = 1 << 20

func (p *program) setUpAgent(name string) (*agentSetup, error) {
	content, err := readSome(name, maxAgentFile)
	if err != nil {
		return nil, cannotRead(name, err)
	}
	config, err := agent.ParseConfig(content)
	if err != nil {
		return nil, &failure{code: exitConfiguration, sentence: fmt.Sprintf("%s:%v; correct the agent's file", name, err), cause: err}
	}
	for _, path := range []*string{&config.Folder, &config.ServiceRoots, &config.AuthorityRoots} {
		if !filepath.IsAbs(*path) {
			*path = filepath.Join(filepath.Dir(name), *path)
		}
	}
	s := &agentSetup{Config: config}
	if s.service, err = roots(config.ServiceRoots); err != nil {
		return nil, err
	}
	if s.authority, err = roots(config.AuthorityRoots); err != nil {
		return nil, err
	}
	if s.cards, err = p.agentCards(config, config.Key); err != nil {
		return nil, err
	}
	s.desk, err = p.newDesk(config.View)
	return s, err
}

func roots(name string) (*x509.CertPool, error) {
	content, err := readSome(name, maxAgentFile)
	if err != nil {
		return nil, cannotRead(name, err)
	}
	certificates, err := agent.ParseCertificates(content)
	if err != nil {
		return nil, &failure{code: exitConfiguration, sentence: fmt.Sprintf("%s: %v; name a file with certificates in PEM", name, err), cause: err}
	}
	pool := x509.NewCertPool()
	for _, c := range certificates {
		pool.AddCert(c)
	}
	return pool, nil
}

func (p *program) agentCards(c *agent.Config, key string) (agent.Cards, error) {
	if !c.InModule() {
		log := p.log()
		trace := apdu.WithTrace(func(e apdu.Exchange) { log.Debug("apdu", "exchange", e) })
		return agent.Readers{System: p.system, Name: c.Reader, Option: []apdu.Option{trace}}, nil
	}
	uri, err := pkcs11.ParseURI(key)
	if err != nil {
		return nil, &failure{code: exitConfiguration, sentence: fmt.Sprintf("%v; correct the agent's file", err), cause: err}
	}
	return agent.Module{URI: uri}, nil
}

// newDesk needs a terminal: consent and PIN come from nowhere else.
func (p *program) newDesk(view []string) (*holderDesk, error) {
	file, is := p.stdin.(*os.File)
	if !is || !term.IsTerminal(int(file.Fd())) {
		return nil, usage("an agent needs a terminal: the holder reads, agrees and types the PIN there")
	}
	return &holderDesk{in: file, out: p.stderr, view: view, lines: make(chan line)}, nil
}

func (p *program) runAgent(ctx context.Context, name string, hashes bool) error {
	s, err := p.setUpAgent(name)
	if err != nil {
		return err
	}
	if hashes {
		s.desk.say("WARNING: hashes are signed without a document, of which nobody can see what they are of.")
	}
	a, err := agent.Open(agent.Options{
		Folder: s.Folder, Service: s.Service, Roots: s.service, Key: s.ServiceKey, Authority: &agent.Authority{URL: s.Authority, Roots: s.authority},
		Cards: s.cards, Holder: s.desk, Hashes: hashes, Log: p.log(),
	})
	if err != nil {
		return agentFailure(err)
	}
	return agentFailure(errors.Join(a.Run(ctx), a.Close()))
}

func (p *program) enrollAgent(ctx context.Context, name string) error {
	s, err := p.setUpAgent(name)
	if err != nil {
		return err
	}
	others, err := p.agentCards(s.Config, s.Authentication)
	if err != nil {
		return err
	}
	signing, err := findKey(ctx, s.cards, s.Config, s.Key, esign.Options{})
	if err != nil {
		return agentFailure(err)
	}
	if err := signing.tokens.Close(); err != nil { // its certificate is all that is wanted
		return agentFailure(err)
	}
	authentication, err := findKey(ctx, others, s.Config, s.Authentication, esign.Options{Ask: s.desk.PIN})
	if err != nil {
		return agentFailure(err)
	}
	defer authentication.tokens.Close()
	identity, err := agent.Enrol(ctx, s.Folder, &agent.Authority{URL: s.Authority, Roots: s.authority}, authentication.key, signing.key)
	if err != nil {
		return agentFailure(err)
	}
	_, err = fmt.Fprintf(p.lines(), "Enrolled the agent of %s, until %s.\nCredential: %s\n",
		identity.Agent.Leaf.Subject.CommonName, identity.Agent.Leaf.NotAfter.Local().Format("2006-01-02 15:04"), identity.Credential())
	return err
}

// foundKey is a key on a card that is open.
type foundKey struct {
	key    *esign.Key
	tokens agent.Tokens
}

// findKey finds the one key that the file means: a slot, or what a URI leaves.
func findKey(ctx context.Context, cards agent.Cards, c *agent.Config, name string, o esign.Options) (*foundKey, error) {
	tokens, err := cards.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	keys, err := tokens.Keys(ctx)
	var found []*esign.Key
	for _, key := range keys {
		if key.Certificate() != nil && (c.InModule() || key.Description().Slot == name) {
			found = append(found, key)
		}
	}
	if len(found) == 1 {
		return &foundKey{found[0], tokens}, nil
	}
	sentence := fmt.Sprintf("there are %d keys %s with a certificate where one is needed; put one card into the readers, and look with `cnie keys`", len(found), name)
	return nil, errors.Join(&failure{code: exitUnavailable, sentence: sentence, cause: err}, tokens.Close())
}

package main

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/esign"
	"cnie/cardreader/esign/piv"
	"cnie/cardreader/esign/pkcs11"
)

// keyring is one run of `cnie keys`.
type keyring struct {
	*program
	reader, module string
	key            string // remote:URL
	remote         remoteOptions
	asJSON         bool

	list  keyList
	first error // of the problems
}

// keyList is what was found, and what --json prints.
type keyList struct {
	Keys     []listedKey  `json:"keys"`
	Problems []keyProblem `json:"problems,omitempty"`
}

// listedKey is what is shown of one key: its holder's own certificate, and how to
// name the key.
type listedKey struct {
	Reader      string     `json:"reader,omitempty"`
	Token       string     `json:"token,omitempty"` // serial number or label
	Slot        string     `json:"slot"`
	URI         string     `json:"uri,omitempty"`
	Remote      bool       `json:"remote,omitempty"` // its holder is asked where the key is
	Algorithm   string     `json:"algorithm"`
	PINEachTime bool       `json:"pin_each_time"`
	Holder      string     `json:"holder,omitempty"`
	Certificate bool       `json:"certificate"`
	NotBefore   *time.Time `json:"not_before,omitempty"`
	NotAfter    *time.Time `json:"not_after,omitempty"`
}

// keyProblem is a card, or a key on it, that cannot be used.
type keyProblem struct {
	Where   string `json:"where"`
	Problem string `json:"problem"`
}

func (p *program) keysCommand() *cobra.Command {
	k := &keyring{program: p, list: keyList{Keys: []listedKey{}}}
	c := &cobra.Command{
		Use: "keys", Short: "List the keys that can sign, on cards, in a PKCS #11 module or at a service", Args: noArguments,
		Long: "List the keys that can sign: on the cards in all readers (PIV), or on the tokens\n" +
			"of a PKCS #11 module, or at a service of remote signing. No PIN is needed and none\n" +
			"is asked for. A module may show only after its PIN that a key wants it each time.\n\n" +
			"A module is a program of its maker: give --pkcs11 only files that you trust.",
		Example: "  cnie keys\n  cnie keys --pkcs11 /usr/lib/x86_64-linux-gnu/opensc-pkcs11.so\n" +
			"  cnie keys --pkcs11 'pkcs11:token=Office?module-path=/usr/lib/softhsm/libsofthsm2.so'\n" +
			"  cnie keys --key remote:https://sign.example --client office --client-secret secret.txt",
		RunE: func(c *cobra.Command, _ []string) error { return k.run(c.Context()) },
	}
	c.Flags().StringVar(&k.reader, "reader", "", "only readers whose name contains this `TEXT`")
	c.Flags().StringVar(&k.module, "pkcs11", "", "look into this PKCS #11 module instead: a `FILE`, or a pkcs11: URI with module-path")
	c.Flags().StringVar(&k.key, "key", "", "list the keys of a service of remote signing instead: `remote:URL`")
	k.remote.accessFlags(c.Flags())
	c.Flags().BoolVar(&k.asJSON, "json", false, "print JSON")
	return c
}

func (k *keyring) run(ctx context.Context) error {
	if k.reader != "" && k.module != "" {
		return usage("--reader is for cards and --pkcs11 for a module, which has readers of its own; give one of them")
	}
	look := k.lookOnCards
	switch {
	case k.key != "" && !isRemote(k.key):
		return usage("--key takes remote:URL here; cards and modules are listed without it")
	case k.key != "":
		look = k.lookRemote
	case k.remote.given():
		return usage("--client and the other flags of a service go with --key remote:URL; leave them out")
	case k.module != "":
		look = k.lookInModule
	}
	if err := look(ctx); err != nil {
		return signFailure(err)
	}
	if err := k.print(); err != nil {
		return err
	}
	switch {
	case len(k.list.Keys) > 0:
		return nil
	case k.first != nil:
		return signFailure(k.first)
	case k.asJSON:
		return nil
	}
	return &failure{code: exitUnavailable, sentence: "no key that can sign was found; put a signature card into a reader, or name its maker's module with --pkcs11 FILE"}
}

// lookOnCards opens every card that is there. One that cannot be used does not hide
// the others.
func (k *keyring) lookOnCards(ctx context.Context) error {
	readers, err := k.system.Readers(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(readers, func(r cardreader.Reader) bool { return r.HasCard && contains(r.Name, k.reader) }) {
		if _, err := pick(readers, k.reader); err != nil && !k.asJSON {
			return err
		}
	}
	for _, r := range readers {
		if !r.HasCard || !contains(r.Name, k.reader) {
			continue
		}
		if err := k.lookOnCard(ctx, r.Name); err != nil {
			if ctx.Err() != nil {
				return err
			}
			k.problem(r.Name, err)
		}
	}
	return nil
}

func (k *keyring) lookOnCard(ctx context.Context, reader string) error {
	card, err := k.system.Connect(ctx, reader)
	if err != nil {
		return err
	}
	defer card.Close()
	log := k.log()
	channel := apdu.NewChannel(card, apdu.WithTrace(func(e apdu.Exchange) { log.Debug("apdu", "exchange", e) }))
	token, err := piv.Open(ctx, channel, esign.Options{})
	if err != nil {
		return err
	}
	defer token.Close()
	return k.add(ctx, reader, token)
}

// lookInModule loads a module. What it is given is a file's name unless it is a
// URI.
func (k *keyring) lookInModule(ctx context.Context) error {
	uri := pkcs11.URI{Module: k.module}
	if strings.HasPrefix(k.module, "pkcs11:") {
		var err error
		if uri, err = pkcs11.ParseURI(k.module); err != nil {
			return err
		}
	}
	tokens, err := pkcs11.Open(ctx, uri, esign.Options{})
	if err != nil {
		return err
	}
	for _, token := range tokens {
		defer token.Close()
		if err := k.add(ctx, "", token); err != nil {
			return err
		}
	}
	return nil
}

// add lists a token's keys, and what is wrong with those that are none.
func (k *keyring) add(ctx context.Context, reader string, token *esign.Token) error {
	keys, err := token.Keys(ctx)
	if err != nil && (ctx.Err() != nil || len(keys) == 0) {
		return err
	}
	if err != nil {
		k.problem(cmp.Or(reader, "module"), err)
	}
	for _, key := range keys {
		d := key.Description()
		listed := listedKey{
			Reader: reader, Token: d.Token, Slot: d.Slot, URI: d.URI, Algorithm: key.Algorithm(), PINEachTime: d.AlwaysPIN,
			Holder: d.Holder(), Certificate: d.Certificate != nil,
		}
		if c := d.Certificate; c != nil {
			listed.NotBefore, listed.NotAfter = &c.NotBefore, &c.NotAfter
		}
		k.list.Keys = append(k.list.Keys, listed)
	}
	return nil
}

// problem notes an error in the words that it would have alone.
func (k *keyring) problem(where string, err error) {
	sentence := classify(context.Background(), signFailure(err)).sentence
	if k.first == nil {
		k.first = err
	}
	k.list.Problems = append(k.list.Problems, keyProblem{where, strings.TrimSuffix(sentence, "; please report this")})
}

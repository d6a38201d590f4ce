package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cnie/pki/trust"
	"cnie/pki/trust/fetch"
)

// trustImport is one run of `cnie trust import`.
type trustImport struct {
	*trustStore
	signers    []string
	allowOlder bool
	tlsCA      string
}

func (t *trustStore) importCommand() *cobra.Command {
	i := &trustImport{trustStore: t}
	c := &cobra.Command{
		Use:   "import FILE|DIR|URL…",
		Short: "Take in lists, certificates and revocation lists",
		Long: "Take in master lists, deviation lists, CSCA and link certificates and revocation\n" +
			"lists, from files (DER or PEM), folders or https addresses. A list is believed if\n" +
			"its signer is one that --signer names, or an authority that you took in yourself,\n" +
			"or an authority of a State whose list is held. --signer is remembered. A single\n" +
			"certificate, which nobody signs as a list, is taken from a server only if --signer\n" +
			"names it.",
		Example: "  cnie trust import DE_ML.ml --signer csca-germany.der\n" +
			"  cnie trust import https://pkd.example/DE_ML.ml\n  cnie trust import csca/ MAR.crl",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("`%s` takes the files or https addresses to take in; run `%s --help`", c.CommandPath(), c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return i.run(c.Context(), args) },
	}
	f := c.Flags()
	f.StringArrayVar(&i.signers, "signer", nil, "certificate `FILE` of a list's signer or of its authority, or the SHA-256 of the signer's certificate")
	f.BoolVar(&i.allowOlder, "allow-older", false, "take a list in the place of a newer one")
	f.StringVar(&i.tlsCA, "tls-ca", "", "PEM `FILE` with the authorities to trust for https, instead of the system's")
	f.BoolVar(&t.asJSON, "json", false, "print JSON")
	return c
}

func (i *trustImport) run(ctx context.Context, sources []string) error {
	in := trust.Import{Now: time.Now(), AllowOlder: i.allowOlder}
	if err := i.readSigners(&in); err != nil {
		return err
	}
	for _, source := range sources {
		items, err := i.read(ctx, source)
		if err != nil {
			return trustFailure(err)
		}
		in.Items = append(in.Items, items...)
	}
	dir, created, err := i.openOrCreate()
	if err != nil {
		return err
	}
	results, err := dir.Import(in)
	if created { // what was refused leaves no empty store behind
		err = errors.Join(err, dir.Discard())
	}
	if err != nil {
		return trustFailure(err)
	}
	if err := i.show(dir, results); err != nil {
		return err
	}
	return refusals(results)
}

// readSigners reads what --signer names.
func (i *trustImport) readSigners(in *trust.Import) error {
	for _, signer := range i.signers {
		mark := strings.ToLower(strings.ReplaceAll(signer, ":", ""))
		if raw, err := hex.DecodeString(mark); err == nil && len(raw) == 32 {
			in.Fingerprints = append(in.Fingerprints, mark)
			continue
		}
		content, err := readFile(signer, trust.MaxFile)
		if err != nil {
			return trustFailure(err)
		}
		if block, _ := pem.Decode(content); block != nil {
			content = block.Bytes
		}
		in.Signers = append(in.Signers, content)
	}
	return nil
}

// trustExtensions are the names by which a folder's files are taken in.
var trustExtensions = []string{".ml", ".mls", ".dl", ".dvl", ".der", ".cer", ".crt", ".pem", ".crl"}

// read gets what one argument stands for.
func (i *trustImport) read(ctx context.Context, source string) ([]trust.Item, error) {
	if strings.Contains(source, "://") {
		content, err := i.fetch(ctx, source)
		return []trust.Item{{Origin: source, Content: content, Fetched: true}}, err
	}
	about, err := os.Stat(source)
	if err != nil {
		return nil, err
	}
	names := []string{source}
	if about.IsDir() {
		if names, err = trustFiles(source); err != nil {
			return nil, err
		}
	}
	var items []trust.Item
	show := i.bar("Reading")
	for n, name := range names {
		content, err := readFile(name, trust.MaxFile)
		if err != nil {
			return nil, err
		}
		items = append(items, trust.Item{Origin: filepath.Base(name), Content: content})
		show(int64(n+1), int64(len(names)))
	}
	return items, nil
}

// trustFiles lists a folder's files of the known names, in order.
func trustFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() && slices.Contains(trustExtensions, strings.ToLower(filepath.Ext(e.Name()))) {
			names = append(names, filepath.Join(dir, e.Name()))
		}
	}
	if len(names) == 0 {
		return nil, usage("%s holds no file named %s", dir, strings.Join(trustExtensions, ", "))
	}
	return names, nil
}

func (i *trustImport) fetch(ctx context.Context, address string) ([]byte, error) {
	o := fetch.Options{Limit: trust.MaxFile, Progress: i.bar("Fetching")}
	if i.tlsCA != "" {
		text, err := readFile(i.tlsCA, trust.MaxFile)
		if err != nil {
			return nil, err
		}
		o.CA = x509.NewCertPool()
		if !o.CA.AppendCertsFromPEM(text) {
			return nil, usage("%s holds no certificate in PEM", i.tlsCA)
		}
	}
	content, err := fetch.Get(ctx, address, o)
	if err != nil {
		return nil, fetchFailure(ctx, err)
	}
	return content, nil
}

// fetchFailure tells a server that cannot be reached from one that is wrong.
func fetchFailure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if f, isKnown := trustFailure(err).(*failure); isKnown && f.code != exitIO {
		return f
	}
	return &failure{code: exitUnavailable, sentence: oneLine(err) + "; check the address and the network", cause: err}
}

// readFile reads a file of at most limit bytes, its size asked for first.
func readFile(name string, limit int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var content bytes.Buffer
	if about, err := file.Stat(); err == nil && about.Size() > limit {
		return nil, fmt.Errorf("read %s: %w", name, trust.ErrTooLarge)
	} else if err == nil {
		content.Grow(int(about.Size()) + bytes.MinRead) // a large file is not copied as the buffer grows
	}
	n, err := io.Copy(&content, io.LimitReader(file, limit+1))
	if err == nil && n > limit {
		err = fmt.Errorf("read %s: %w", name, trust.ErrTooLarge)
	}
	return content.Bytes(), err
}

// imported is what --json prints of one result.
type imported struct {
	trust.Held
	Outcome string `json:"outcome"` // added, held, refused
	Reason  string `json:"reason,omitempty"`
	Arrived int    `json:"arrived,omitempty"`
	Left    int    `json:"left,omitempty"`
}

func (i *trustImport) show(dir *trust.Dir, results []trust.Result) error {
	all := make([]imported, 0, len(results))
	for _, r := range results {
		one := imported{Held: r.Held, Outcome: "held", Arrived: r.Arrived, Left: r.Left}
		switch {
		case r.Refused != nil:
			one.Outcome, one.Reason = "refused", oneLine(r.Refused)
		case r.New:
			one.Outcome = "added"
		}
		all = append(all, one)
	}
	if i.asJSON {
		return i.printJSON(map[string]any{"trust": dir.Path(), "version": dir.Version(), "results": all})
	}
	for _, one := range all {
		fmt.Fprintln(i.lines(), one.sentence())
		for _, remark := range one.Remarks[:min(len(one.Remarks), 5)] {
			fmt.Fprintln(i.lines(), "         remark:", remark)
		}
	}
	if dir.Version() == 0 {
		_, err := fmt.Fprintf(i.lines(), "Nothing was taken in; there is no trust store in %s yet.\n", dir.Path())
		return err
	}
	fmt.Fprintf(i.lines(), "Version %d of %s.\n", dir.Version(), dir.Path())
	return i.tellLost(dir, results)
}

func (one imported) sentence() string {
	what := one.Name
	if what == "" {
		what = "from " + one.Origin
	}
	s := fmt.Sprintf("%-8s %s %s", one.Outcome, one.Kind, what)
	if !one.Date.IsZero() {
		s += " of " + day(one.Date)
	}
	if one.Kind == trust.MasterList && one.Entries > 0 {
		s += fmt.Sprintf(": %d certificates, %d arrived, %d left", one.Entries, one.Arrived, one.Left)
	}
	if one.Reason != "" {
		return s + ": " + one.Reason
	}
	return s + "\n         SHA-256 " + one.SHA256
}

// tellLost counts the certificates whose parent is not here, once new ones came.
func (i *trustImport) tellLost(dir *trust.Dir, results []trust.Result) error {
	brings := func(r trust.Result) bool { return r.New && (r.Kind == trust.MasterList || r.Kind == trust.Authority) }
	if !slices.ContainsFunc(results, brings) {
		return nil
	}
	store, err := dir.Store()
	if err != nil {
		return trustFailure(err)
	}
	lost := 0
	all := i.relations(store)
	for _, r := range all {
		if r.Anchor == nil {
			lost++
		}
	}
	fmt.Fprintf(i.lines(), "%d of %d certificates are chained to a self-signed one.\n", len(all)-lost, len(all))
	if lost > 0 {
		fmt.Fprintln(i.lines(), "Run `cnie trust status` to see why the others are not.")
	}
	return nil
}

// refusals makes the exit code tell that something was left out.
func refusals(results []trust.Result) error {
	var first error
	count := 0
	for _, r := range results {
		if r.Refused != nil {
			count++
			if first == nil {
				first = r.Refused
			}
		}
	}
	switch {
	case count == 0:
		return nil
	case len(results) == 1:
		if f, isKnown := trustFailure(first).(*failure); isKnown && f.code == exitNotPermitted {
			return f
		}
		return &failure{code: exitNotPermitted, sentence: "it was not taken in: " + oneLine(first), cause: first}
	}
	return &failure{code: exitNotPermitted, sentence: fmt.Sprintf("%d of %d were refused, the others taken in; the first refusal: %s", count, len(results), oneLine(first)), cause: first}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/text/language"

	"cnie/pki/cert"
	"cnie/pki/cms"
	"cnie/pki/trust"
	"cnie/pki/trust/fetch"
	"cnie/pki/trust/sshsig"
)

// bundleNamespace keeps a signature made for a trust bundle from being taken for
// anything else, and the other way round.
const bundleNamespace = "cnie-trust"

// trustStore is what the commands below `cnie trust` have in common.
type trustStore struct {
	*program
	dir    string
	asJSON bool
}

func (p *program) trustCommand() *cobra.Command {
	t := &trustStore{program: p}
	c := &cobra.Command{
		Use:   "trust",
		Short: "Keep the certificates that verdicts rest upon",
		Long: "Keep country signing certificates, master lists, revocation lists and deviation\n" +
			"lists in a directory that remembers where each came from and never goes back to\n" +
			"an older list unasked. Nothing is fetched that you do not name.\n\n" +
			"Exit codes: 0 done, 64 usage, 65 malformed, 69 server not available, 74 cannot read\n" +
			"or write, 75 another update is under way, 77 not to be believed, 78 no trust store.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("there is no command %q below `%s`; run `%s --help` to see those there are", args[0], c.CommandPath(), c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.PersistentFlags().StringVar(&t.dir, "trust", "", "`DIR` of the trust store (default: "+defaultTrustWords+")")
	c.AddCommand(t.importCommand(), t.listCommand(), t.statusCommand(), t.exportCommand(), t.verifyBundleCommand(),
		t.noteCommand(), t.rollbackCommand())
	return c
}

const defaultTrustWords = "cnie/trust in the user's folder of settings"

// defaultTrust is the store of the user who runs the program.
func defaultTrust() (string, error) {
	settings, err := os.UserConfigDir()
	if err != nil {
		return "", usage("there is no folder of settings here; say with --trust DIR where the trust store is")
	}
	return filepath.Join(settings, "cnie", "trust"), nil
}

// path is the store that the command line means.
func (t *trustStore) path() (string, error) {
	if t.dir != "" {
		return t.dir, nil
	}
	return defaultTrust()
}

func (t *trustStore) open() (*trust.Dir, error) {
	path, err := t.path()
	if err != nil {
		return nil, err
	}
	dir, err := trust.Open(path)
	if err != nil {
		return nil, trustFailure(err)
	}
	return dir, nil
}

// openOrCreate is for the command that fills a store.
func (t *trustStore) openOrCreate() (dir *trust.Dir, created bool, err error) {
	path, err := t.path()
	if err != nil {
		return nil, false, err
	}
	dir, err = trust.Open(path)
	if errors.Is(err, trust.ErrNotManaged) {
		created = true
		dir, err = trust.Create(path)
	}
	if err != nil {
		return nil, false, trustFailure(err)
	}
	return dir, created, nil
}

// trustProblems are errors that a person can do something about, each with its
// code and advice.
var trustProblems = []struct {
	err    error
	code   int
	advice string
}{
	{fs.ErrExist, exitConfiguration, "choose an empty folder with --trust"},
	{trust.ErrNotManaged, exitConfiguration, "fill one with `cnie trust import`, or say with --trust DIR where it is"},
	{trust.ErrLocked, exitTryAgain, "wait for it and try again"},
	{trust.ErrOlder, exitNotPermitted, "give --allow-older if you mean to go back"},
	{trust.ErrSigner, exitNotPermitted, "compare the fingerprint with the publisher's and give --signer"},
	{trust.ErrUnknown, exitUsage, "look with `cnie trust list` and `cnie trust list --versions`"},
	{sshsig.ErrSignature, exitNotPermitted, "get the bundle again, or another --signer"},
	{sshsig.ErrMalformed, exitMalformed, "make it with `cnie trust export --key` or ssh-keygen -Y sign -n " + bundleNamespace},
	{sshsig.ErrKey, exitUsage, "give an Ed25519 key as ssh-keygen -t ed25519 writes it"},
	{fetch.ErrInsecure, exitUsage, "give an address that begins with https://"},
	{fetch.ErrStatus, exitUnavailable, "check the address"},
	{fetch.ErrTooLarge, exitMalformed, "check the address"},
	{trust.ErrTooLarge, exitMalformed, "no trust file is that large"},
	{cert.ErrTooLong, exitMalformed, "this program takes none that is longer"},
	{cert.ErrMalformed, exitMalformed, "get it again from its publisher"},
	{cms.ErrMalformed, exitMalformed, "get it again from its publisher"},
}

// trustFailure turns an error into a sentence and an exit code.
func trustFailure(err error) error {
	var f *failure
	if err == nil || errors.As(err, &f) || errors.Is(err, context.Canceled) {
		return err
	}
	for _, p := range trustProblems {
		if errors.Is(err, p.err) {
			return &failure{code: p.code, sentence: fmt.Sprintf("%s; %s", oneLine(err), p.advice), cause: err}
		}
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return &failure{code: exitIO, sentence: fmt.Sprintf("cannot %s %s: %v", path.Op, path.Path, path.Err), cause: err}
	}
	return &failure{code: exitIO, sentence: oneLine(err) + "; check the disk", cause: err}
}

// oneLine keeps joined errors in one sentence.
func oneLine(err error) string { return strings.Join(strings.Split(err.Error(), "\n"), ": ") }

// bar shows on a terminal how far a long step has come.
func (p *program) bar(what string) func(done, total int64) {
	if !p.interactive {
		return func(int64, int64) {}
	}
	bar := progressbar.NewOptions64(-1, progressbar.OptionSetWriter(p.stderr), progressbar.OptionSetWidth(24),
		progressbar.OptionSetDescription(what), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(50*time.Millisecond))
	return func(done, total int64) {
		if total > 0 {
			bar.ChangeMax64(total)
		}
		_ = bar.Set64(done) // a bar that cannot be drawn does not matter
		if done == total {
			_ = bar.Finish()
		}
	}
}

// relations verifies what chains to what, which takes a while.
func (p *program) relations(store *trust.Store) []trust.Relation {
	show := p.bar("Verifying chains")
	return store.Relations(func(done, total int) { show(int64(done), int64(total)) })
}

// ofCountry reports whether a certificate is of a country, named by two letters
// or by the three of a machine-readable zone.
func ofCountry(c *cert.Certificate, country string) bool {
	if country == "" || strings.EqualFold(c.Subject.Country, country) || strings.EqualFold(c.SubjectAltCountry, country) {
		return true
	}
	region, err := language.ParseRegion(country)
	return err == nil && len(country) == 3 && strings.EqualFold(region.String(), c.Subject.Country)
}

// day writes a date, and a dash where there is none.
func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.DateOnly)
}

// oldness says how old something is, in days, as a person would.
func oldness(then, now time.Time) string {
	switch days := int(now.Sub(then).Hours() / 24); {
	case days < 0:
		return "from the future"
	case days == 0:
		return "of today"
	case days == 1:
		return "1 day old"
	default:
		return fmt.Sprintf("%d days old", days)
	}
}

// ownStore is the user's own store where there is one, else empty.
func ownStore() string {
	dir, err := defaultTrust()
	if err != nil {
		return ""
	}
	if _, err := trust.Open(dir); err != nil {
		return ""
	}
	return dir
}

package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "cnie/"

// unit is one package as `go list` tells it.
type unit struct {
	ImportPath string
	Doc        string
	Dir        string
	Imports    []string
	Deps       []string
	CgoFiles   []string
}

// rule forbids packages under From, or exactly those, to import packages under To,
// except those under But. Deep rules look at everything that gets linked in.
type rule struct {
	from, to, but []string
	exactly, deep bool
	reason        string
}

// of reports whether the rule is about a package.
func (r rule) of(path string) bool {
	if r.exactly {
		return slices.Contains(r.from, strings.TrimPrefix(path, module))
	}
	return under(path, r.from)
}

var rules = []rule{
	{from: []string{"pki", "lds"}, to: []string{"apdu", "cardreader"}, but: []string{"apdu/tlv"}, deep: true,
		reason: "a judge that cannot touch the card cannot be fooled by it twice"},
	{from: []string{"cardreader/emrtd", "cardreader/esign"}, to: []string{"cardreader/pcsc"}, deep: true,
		reason: "the protocols work on any transmitter"},
	{from: []string{"simulator"}, to: []string{"apdu/securemsg", "cardreader/pcsc", "cardreader/emrtd", "cardreader/esign", "pki"}, but: []string{"pki/specimen"}, deep: true,
		reason: "the card's side is written separately, so that a symmetric mistake cannot hide"},
	{from: []string{"cmd/cnie"}, to: []string{"simulator", "pki/specimen"}, deep: true,
		reason: "the tool that judges cards cannot make them"},
	{from: []string{"cmd/cnie", "cmd/cnie-sim", "apdu", "cardreader", "lds", "pki", "simulator"}, to: []string{"github.com/smallstep/certificates", "internal/ca"}, deep: true,
		reason: "a verifier is not a certification authority"},
	{from: []string{"cmd"}, to: []string{"pki/adsig/adsigtest", "cardreader/readertest", "cardreader/esign/esigntest", "internal/pcscd", "internal/vectors"}, deep: true,
		reason: "what serves tests is in no program"},
	{from: []string{"cmd/cnie", "cmd/cnie-ca"}, to: []string{"internal/remake"}, deep: true,
		reason: "remaking a recording makes a card"},
	{from: []string{"cardreader", "apdu"}, to: []string{"simulator", "cmd"}, deep: true,
		reason: "imports run downward"},
	{from: []string{"apdu"}, to: []string{"cardreader", "lds", "pki"}, deep: true,
		reason: "the language of cards knows nothing of documents"},
	{from: []string{"lds"}, to: []string{"pki"}, deep: true,
		reason: "nouns carry no verdict"},
	{from: []string{"pki/specimen"}, to: []string{"pki", "pki/cert", "pki/cms", "pki/trust"}, deep: true,
		reason: "what makes certificates is written apart from what judges them"},
	{from: []string{"cmd/cnie", "cmd/cnie-ca", "internal/counter/web", "internal/counter/api"}, to: []string{"internal/counter/demo", "internal/counter/browsertest", "internal/counter/hostiletest"}, deep: true,
		reason: "the desk knows nothing of who plays clerk and citizen"},
	{from: []string{"internal/counter"}, exactly: true, to: []string{"internal/counter", "internal/receipt", "cardreader/pcsc", "cardreader/esign", "simulator", "pki/specimen"}, deep: true,
		reason: "a desk works on any reader and without any screen, so that it can be tested whole"},
	{from: []string{"internal/counter"}, exactly: true, to: []string{"net/http", "html/template"},
		reason: "what people see of a desk is drawn elsewhere"},
	{from: []string{"internal/counter/web", "internal/counter/api"}, to: []string{"cardreader/pcsc", "cardreader/esign", "simulator", "pki/specimen", "cmd"}, deep: true,
		reason: "screens see what the desk shows them; cards and ledgers are opened by the program"},
	{from: []string{"internal/receipt"}, to: []string{"lds", "pki", "cardreader", "internal/site", "internal/counter", "internal/ledger"}, deep: true,
		reason: "what prints receipts has never seen a holder, and cannot print one"},
	{from: []string{"internal/ledger"}, to: []string{"lds", "pki", "apdu", "cardreader", "internal/site", "internal/counter", "internal/answer"}, deep: true,
		reason: "the ledger knows no holder: what it could not be given it cannot keep"},
	{from: []string{"internal/names"}, to: []string{"apdu", "cardreader", "lds", "pki", "internal/answer", "internal/site", "internal/counter"}, deep: true,
		reason: "comparing two names takes nothing but two names"},
	{from: []string{"internal/photo"}, to: []string{"apdu/securemsg", "cardreader", "pki", "internal/counter", "internal/site"}, deep: true,
		reason: "the decoder of hostile pictures knows a picture, and not whose"},
	{from: []string{"internal/site", "internal/answer"}, to: []string{"cardreader", "simulator", "internal/counter", "internal/ledger", "internal/receipt", "cmd"}, deep: true,
		reason: "what may be asked, and what is answered, is decided on values"},
	{from: []string{"internal/remote/client"}, to: []string{"apdu", "cardreader", "lds", "pki", "simulator", "internal/remote/agent", "internal/remote/gate", "internal/remote/desk", "internal/ledger"}, deep: true,
		reason: "the client of a signing service is written to the public protocol, and shares no code with ours"},
	{from: []string{"internal/dh", "internal/ec", "internal/mac", "internal/kdf", "internal/secret"}, to: []string{"apdu", "cardreader", "lds", "pki", "simulator", "cmd"}, deep: true,
		reason: "primitives stand at the bottom"},
}

// cgoRooms are the packages that may contain cgo, directly.
var cgoRooms = []string{"cardreader/pcsc", "cardreader/esign/yubikey", "cardreader/esign/pkcs11"}

func TestImports(t *testing.T) {
	units := list(t)
	for _, r := range rules {
		for _, u := range units {
			if !r.of(u.ImportPath) {
				continue
			}
			imports := u.Imports
			if r.deep {
				imports = u.Deps
			}
			for _, path := range imports {
				forbidden := under(path, r.to) && !under(path, r.but) && !r.of(path)
				assert.Falsef(t, forbidden, "%s imports %s: %s", u.ImportPath, path, r.reason)
			}
		}
	}
}

func TestCgoStaysInItsRooms(t *testing.T) {
	for _, u := range list(t) {
		if !slices.ContainsFunc(cgoRooms, func(room string) bool { return u.ImportPath == module+room }) {
			assert.Empty(t, u.CgoFiles, "%s has cgo", u.ImportPath)
		}
	}
}

func TestEveryPackageHasADoc(t *testing.T) {
	for _, u := range list(t) {
		assert.NotEmpty(t, u.Doc, "%s has no package comment", u.ImportPath)
	}
}

// Programs that judge or read cards take their instructions from arguments; an
// environment variable that picks a fake card or relaxes a check would be a
// hidden door.
func TestNoEnvironmentSwitches(t *testing.T) {
	// PCSCLITE_CSOCK_NAME is the PC/SC library's own, which cnie doctor looks behind.
	// GODEBUG is the Go runtime's, to which cnie counter adds what clears memory.
	allowed := map[string]bool{"NO_COLOR": true, "TERM": true, "PCSCLITE_CSOCK_NAME": true, "GODEBUG": true}
	lookup := regexp.MustCompile(`os\.(?:Getenv|LookupEnv)\("([^"]*)"\)`)
	for _, u := range list(t) {
		for name, source := range sources(t, u.Dir) {
			for _, match := range lookup.FindAllStringSubmatch(source, -1) {
				assert.True(t, allowed[match[1]], "%s/%s reads the environment variable %s", u.ImportPath, name, match[1])
			}
		}
	}
}

func sources(t *testing.T, dir string) map[string]string {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	found := map[string]string{}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
			content, err := os.ReadFile(dir + "/" + e.Name())
			require.NoError(t, err)
			found[e.Name()] = string(content)
		}
	}
	return found
}

// under reports whether an import path is one of the rooms or inside one. A
// path with a dot in its first element, or of the standard library, is whole.
func under(path string, rooms []string) bool {
	return slices.ContainsFunc(rooms, func(room string) bool {
		for _, full := range []string{room, module + room} {
			if path == full || strings.HasPrefix(path, full+"/") {
				return true
			}
		}
		return false
	})
}

func list(t *testing.T) []unit {
	t.Helper()
	units, err := listed()
	require.NoError(t, err)
	require.NotEmpty(t, units)
	return units
}

var listed = sync.OnceValues(func() (units []unit, err error) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Doc,Dir,Imports,Deps,CgoFiles", module+"...").Output()
	if err != nil {
		return nil, err
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var u unit
		if err := d.Decode(&u); errors.Is(err, io.EOF) {
			return units, nil
		} else if err != nil {
			return nil, err
		}
		units = append(units, u)
	}
})

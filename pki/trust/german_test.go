package trust_test

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cnie/internal/vectors"
	"cnie/pki/cms"
	"cnie/pki/trust"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const germanFile = "DE_ML_2025-06-25-09-31-57.ml"

// german imports the German master list of June 2025, its signer pinned by the
// certificate of the German authority that the list itself carries.
func german(t testing.TB) *trust.Dir {
	t.Helper()
	raw := vectors.File(t, "masterlist", germanFile)
	sd, err := cms.Parse(raw)
	require.NoError(t, err)
	dir, err := trust.Create(filepath.Join(t.TempDir(), "trust"))
	require.NoError(t, err)
	results, err := dir.Import(trust.Import{
		Now: now, Items: []trust.Item{{Origin: germanFile, Content: raw}}, Signers: [][]byte{sd.Certificates[1].Raw},
	})
	require.NoError(t, err)
	require.Len(t, results, 1)
	require.NoError(t, results[0].Refused)
	assert.Equal(t, 559, results[0].Entries)
	assert.Equal(t, 559, results[0].Arrived)
	assert.Empty(t, results[0].Remarks)
	return dir
}

// TestGermanList takes a real list in and finds it again as it was.
func TestGermanList(t *testing.T) {
	dir := german(t)
	require.Equal(t, 2, dir.Version())
	held := dir.Held()
	require.Len(t, held, 2)
	assert.Equal(t, trust.MasterList, held[0].Kind)
	assert.Equal(t, "DE/bund", held[0].Name)
	assert.Equal(t, "2025-06-25", held[0].Date.Format(time.DateOnly))
	assert.Equal(t, trust.Signer, held[1].Kind)
	store, err := dir.Store()
	require.NoError(t, err)
	certificates, _ := store.Count()
	assert.Equal(t, 559, certificates)
	for _, c := range store.Members() {
		standing := store.Standing(c)
		assert.False(t, standing.Vanished)
		require.Len(t, standing.Sources, 1)
		assert.Equal(t, "master list DE/bund", standing.Sources[0].Name)
		assert.Equal(t, germanFile, standing.Sources[0].Origin)
	}
}

// TestGermanListNeedsASigner refuses the list on nobody's word, and on that of
// somebody else.
func TestGermanListNeedsASigner(t *testing.T) {
	raw := vectors.File(t, "masterlist", germanFile)
	dir, err := trust.Create(t.TempDir())
	require.NoError(t, err)
	results, err := dir.Import(trust.Import{Now: now, Items: []trust.Item{{Origin: germanFile, Content: raw}}})
	require.NoError(t, err)
	assert.ErrorIs(t, results[0].Refused, trust.ErrSigner)
	assert.ErrorContains(t, results[0].Refused, "CSCA Master List Signer")
	assert.Equal(t, 1, dir.Version())
}

// TestGermanRelations compares every relation with a search that tries all keys
// of the list on the certificates that found no parent.
func TestGermanRelations(t *testing.T) {
	store := trust.NewStore(masterList(t), nil)
	told := 0
	relations := store.Relations(func(done, total int) { told++; assert.Equal(t, 559, total) })
	require.Len(t, relations, 559)
	assert.Equal(t, 559, told)
	var roots, links, lost int
	for _, r := range relations {
		switch {
		case r.SelfSigned:
			roots++
			assert.Same(t, r.Certificate, r.Anchor)
		case r.Anchor != nil:
			links++
			assert.NoError(t, r.Certificate.CheckSignatureFrom(r.Parent))
			assert.Empty(t, r.Missing)
		default:
			lost++
			assert.NotEmpty(t, r.Missing)
			assert.Nil(t, r.Parent)
			for _, c := range store.Members() {
				assert.Error(t, r.Certificate.CheckSignatureFrom(c), "%v has a parent after all", r.Certificate.Subject)
			}
		}
	}
	assert.Equal(t, []int{559, 12}, []int{roots + links + lost, lost})
	t.Logf("%d self-signed, %d links with their parent, %d whose parent no list member is", roots, links, lost)
}

// TestMoroccanRelations: one name in all generations, told apart by key. The
// parent of the oldest link, the key of 2015, left the list when it expired.
func TestMoroccanRelations(t *testing.T) {
	type relation struct{ parent, anchor, missing string }
	got := map[string]relation{}
	for _, r := range trust.NewStore(masterList(t), nil).Relations(nil) {
		c := r.Certificate
		if c.Subject.CommonName != "CSCA-MAROC" {
			continue
		}
		name := func(id []byte) string { return strings.ToUpper(hex.EncodeToString(id[:4])) }
		label, entry := name(c.SubjectKeyID)+" by "+name(c.AuthorityKeyID), relation{missing: r.Missing}
		if r.Parent != nil {
			entry.parent = name(r.Parent.SubjectKeyID) + " by " + name(r.Parent.AuthorityKeyID)
		}
		if r.Anchor != nil {
			entry.anchor = name(r.Anchor.SubjectKeyID)
		}
		got[label] = entry
	}
	assert.Equal(t, map[string]relation{
		"DB04DAE6 by DB04DAE6": {anchor: "DB04DAE6"},
		"91FB674B by 91FB674B": {anchor: "91FB674B"},
		"41FEBF89 by 41FEBF89": {anchor: "41FEBF89"},
		"91FB674B by DB04DAE6": {parent: "DB04DAE6 by DB04DAE6", anchor: "DB04DAE6"},
		"41FEBF89 by 91FB674B": {parent: "91FB674B by 91FB674B", anchor: "91FB674B"},
		"DB04DAE6 by 4B22248F": {missing: "the key 4B22248FB5107AECF2F60550FF5553E8494422A7 of C=MA, O=Gov, CN=CSCA-MAROC is not here"},
	}, got)
}

// TestGermanListDamaged finds a changed byte, wherever it is.
func TestGermanListDamaged(t *testing.T) {
	dir := german(t)
	path := filepath.Join(dir.Path(), "objects", dir.Held()[0].SHA256+".ml")
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	raw[len(raw)/2] ^= 1
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	_, err = dir.Store()
	assert.ErrorContains(t, err, "has changed")

	results, err := dir.Import(trust.Import{Now: now, Items: []trust.Item{{Origin: "damaged", Content: raw}}})
	assert.Error(t, err, "the store itself is damaged")
	assert.Empty(t, results)
}

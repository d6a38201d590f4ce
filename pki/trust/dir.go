package trust

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	objectsDir  = "objects"
	versionsDir = "versions"
	lockName    = "lock"
	keepLast    = 8 // versions
)

// MaxFile is the largest file that is taken in, in bytes. The largest public
// master list has under 2 MB.
const MaxFile = 16 << 20

var (
	// ErrNotManaged reports a folder that Create did not make.
	ErrNotManaged = errors.New("not a managed trust store")
	// ErrLocked reports that another process is updating the directory.
	ErrLocked = errors.New("another update is under way")
	// ErrTooLarge reports a file beyond MaxFile, or a folder with too many.
	ErrTooLarge = errors.New("too large")
	// ErrUnknown reports a certificate or a version that the directory does not have.
	ErrUnknown = errors.New("no such thing in the trust store")
)

// Dir is a managed directory: a store on disk that remembers where everything
// came from. Files are named by their hash and never change; an index, replaced
// in one step, says which of them make up the version of today. A Dir is one
// version as it was when it was opened; an update makes it the newest.
type Dir struct {
	path  string
	index *index
	disk  disk
	fresh bool // Create made the folder
}

// Open opens a managed directory. The error wraps ErrNotManaged where there is
// none.
func Open(dir string) (*Dir, error) { return open(dir, system{}) }

func open(dir string, d disk) (*Dir, error) {
	text, err := readBounded(filepath.Join(dir, indexName), maxIndex)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open %s: %w", dir, ErrNotManaged)
	}
	if err != nil {
		return nil, fmt.Errorf("open trust store: %w", err)
	}
	x, err := decodeIndex(text)
	if err != nil {
		return nil, fmt.Errorf("open trust store %s: %w", dir, err)
	}
	return &Dir{path: dir, index: x, disk: d}, nil
}

// Create makes an empty managed directory. A folder that holds anything else is
// left alone.
func Create(dir string) (*Dir, error) { return create(dir, system{}) }

func create(dir string, d disk) (*Dir, error) {
	_, err := os.Stat(dir)
	made := &Dir{path: dir, index: newIndex(), disk: d, fresh: errors.Is(err, fs.ErrNotExist)}
	if err := made.prepare(); err != nil {
		return nil, fmt.Errorf("create trust store: %w", err)
	}
	return made, made.update(func(next *index, _ map[string][]byte) error {
		next.Made, next.Action = time.Now().UTC().Truncate(time.Second), "create"
		return nil
	})
}

// Discard takes back what Create made where nothing came of it: an empty store
// would look as if somebody had filled it. A Dir that holds anything stays.
func (d *Dir) Discard() error {
	if d.index.Version != 1 || len(d.index.Held) > 0 {
		return nil
	}
	release, err := lockFile(filepath.Join(d.path, lockName))
	if err != nil {
		return fmt.Errorf("lock trust store: %w", err)
	}
	newest, err := open(d.path, d.disk)
	if err == nil && newest.index.Version == 1 {
		for _, name := range []string{indexName, filepath.Join(versionsDir, versionFile(1)), versionsDir, objectsDir} {
			err = errors.Join(err, d.disk.remove(filepath.Join(d.path, name)))
		}
		d.index = newIndex()
	}
	release()
	if err != nil || d.index.Version != 0 {
		return err
	}
	if err = d.disk.remove(filepath.Join(d.path, lockName)); err == nil && d.fresh {
		err = d.disk.remove(d.path)
	}
	return err
}

// prepare makes the folders, which a crash may have left behind empty.
func (d *Dir) prepare() error {
	entries, err := os.ReadDir(d.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case name == objectsDir, name == versionsDir, name == lockName, strings.HasPrefix(name, temporary):
		case name == indexName:
			return fmt.Errorf("%s: %w", d.path, fs.ErrExist)
		default:
			return fmt.Errorf("%s holds other files, such as %s: %w", d.path, name, fs.ErrExist)
		}
	}
	for _, sub := range []string{"", objectsDir, versionsDir} {
		if err := d.disk.makeDir(filepath.Join(d.path, sub)); err != nil {
			return err
		}
	}
	return nil
}

// Path is the folder.
func (d *Dir) Path() string { return d.path }

// Version is the number of the version that is open.
func (d *Dir) Version() int { return d.index.Version }

// Held lists the files, without the certificates inside master lists.
func (d *Dir) Held() []Held { return slices.Clone(d.index.Held) }

// Store reads the directory into the index that a judge asks.
func (d *Dir) Store() (*Store, error) {
	loaded, err := d.load()
	if err != nil {
		return nil, err
	}
	return loaded.store(), nil
}

func (d *Dir) load() (*contents, error) {
	loaded, err := d.index.load(d.read)
	if err != nil {
		return nil, fmt.Errorf("read trust store %s: %w", d.path, err)
	}
	return loaded, nil
}

// read returns a file whose name is its hash.
func (d *Dir) read(name string) ([]byte, error) {
	return readBounded(filepath.Join(d.path, objectsDir, name), MaxFile)
}

// Deviations reads the entries of a deviation list that is held.
func (d *Dir) Deviations(h Held) ([]Deviation, error) {
	raw, err := checked(d.read, h.file(), h.SHA256)
	if err != nil {
		return nil, err
	}
	return deviationsWithin(raw)
}

// Note records why a certificate, named by its SHA-256 or by its key identifier,
// left a list while it was in force: a judge takes its signatures from then on.
// One key identifier may stand for a root and its link. The error wraps
// ErrUnknown when no member of that name is missing from a list.
func (d *Dir) Note(name, reason string, now time.Time) error {
	name = strings.ToLower(strings.NewReplacer(":", "", " ", "").Replace(name))
	return d.update(func(next *index, _ map[string][]byte) error {
		loaded, err := next.load(d.read)
		if err != nil {
			return err
		}
		found := 0
		for i := range next.Members {
			m := &next.Members[i]
			key := fmt.Sprintf("%x", loaded.certificates[m.SHA256].KeyIdentifier())
			if (m.SHA256 == name || key == name) && m.vanished() {
				m.Reason, m.Noted = reason, now.UTC()
				found++
			}
		}
		if found == 0 {
			return fmt.Errorf("%w: a certificate %s that vanished from a list", ErrUnknown, name)
		}
		next.Made, next.Action = now.UTC(), "note on "+name
		return nil
	})
}

package trust

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Version is one state that a managed directory has been in.
type Version struct {
	Number  int       `json:"version"`
	Made    time.Time `json:"made"`
	Action  string    `json:"action"` // what made it
	Current bool      `json:"current"`
}

// versionFile is named so that names sort as numbers do.
func versionFile(number int) string { return fmt.Sprintf("%08d.json", number) }

// update makes the next version: change fills in what differs from the newest
// one, which need not be the one that is open, and the files that it adds. All
// or nothing of it is seen by others, whenever the machine stops.
func (d *Dir) update(change func(next *index, files map[string][]byte) error) error {
	release, err := lockFile(filepath.Join(d.path, lockName))
	if err != nil {
		return fmt.Errorf("lock trust store: %w", err)
	}
	defer release()
	if newest, err := open(d.path, d.disk); err == nil {
		d.index = newest.index
	} else if !errors.Is(err, ErrNotManaged) {
		return err
	}
	next, err := d.index.clone()
	if err != nil {
		return err
	}
	next.Version++
	files := map[string][]byte{}
	if err := change(next, files); err != nil {
		return err
	}
	if err := d.commit(next, files); err != nil {
		return fmt.Errorf("write trust store: %w", err)
	}
	d.index = next
	d.sweep()
	return nil
}

// clone copies the index by way of its encoding, so that nothing is shared.
func (x *index) clone() (*index, error) {
	text, err := x.encode()
	if err != nil || x.Version == 0 {
		return &index{Format: x.Format, ID: x.ID}, err
	}
	return decodeIndex(text)
}

// commit writes the files, then the version, then the index that points there.
// The last rename is the moment at which the new version counts.
func (d *Dir) commit(next *index, files map[string][]byte) error {
	text, err := next.encode()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := d.putObject(name, files[name]); err != nil {
			return err
		}
	}
	if err := put(d.disk, filepath.Join(d.path, versionsDir, versionFile(next.Version)), text); err != nil {
		return err
	}
	return put(d.disk, filepath.Join(d.path, indexName), text)
}

// putObject writes a file named by its hash, unless it is there already, whole.
func (d *Dir) putObject(name string, content []byte) error {
	if held, err := d.read(name); err == nil && bytes.Equal(held, content) {
		return nil
	}
	return put(d.disk, filepath.Join(d.path, objectsDir, name), content)
}

// sweep removes what no version that is kept needs, and what a crash left. What
// cannot be removed now does no harm and is removed next time.
func (d *Dir) sweep() {
	needed := d.index.files()
	numbers, err := d.numbers()
	if err != nil {
		return
	}
	for _, number := range numbers {
		path := filepath.Join(d.path, versionsDir, versionFile(number))
		if number <= d.index.Version-keepLast || number > d.index.Version {
			_ = d.disk.remove(path)
			continue
		}
		x, err := readVersion(path)
		if err != nil {
			return // a version that cannot be read must not cost another its files
		}
		maps.Copy(needed, x.files())
	}
	d.removeExcept(filepath.Join(d.path, objectsDir), func(name string) bool { return needed[name] != "" })
	for _, sub := range []string{"", versionsDir} {
		d.removeExcept(filepath.Join(d.path, sub), func(name string) bool { return !strings.HasPrefix(name, temporary) })
	}
}

func (d *Dir) removeExcept(dir string, keep func(name string) bool) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !keep(e.Name()) && e.Type().IsRegular() {
			_ = d.disk.remove(filepath.Join(dir, e.Name()))
		}
	}
}

// numbers lists the versions on disk, in ascending order.
func (d *Dir) numbers() ([]int, error) {
	entries, err := os.ReadDir(filepath.Join(d.path, versionsDir))
	var found []int
	for _, e := range entries {
		var number int
		if _, err := fmt.Sscanf(e.Name(), "%08d.json", &number); err == nil && e.Name() == versionFile(number) {
			found = append(found, number)
		}
	}
	return found, err
}

func readVersion(path string) (*index, error) {
	text, err := readBounded(path, maxIndex)
	if err != nil {
		return nil, err
	}
	return decodeIndex(text)
}

// Versions lists the versions that are kept, oldest first.
func (d *Dir) Versions() ([]Version, error) {
	numbers, err := d.numbers()
	if err != nil {
		return nil, fmt.Errorf("list versions: %w", err)
	}
	var kept []Version
	for _, number := range numbers {
		x, err := readVersion(filepath.Join(d.path, versionsDir, versionFile(number)))
		if err != nil {
			return nil, fmt.Errorf("read version %d: %w", number, err)
		}
		if number <= d.index.Version {
			kept = append(kept, Version{number, x.Made, x.Action, number == d.index.Version})
		}
	}
	return kept, nil
}

// Rollback makes a new version with the content of an earlier one. The error
// wraps ErrUnknown when that one is not kept.
func (d *Dir) Rollback(number int, now time.Time) error {
	return d.update(func(next *index, _ map[string][]byte) error {
		earlier, err := readVersion(filepath.Join(d.path, versionsDir, versionFile(number)))
		if err != nil || number >= next.Version {
			return fmt.Errorf("%w: version %d", ErrUnknown, number)
		}
		earlier.Version, earlier.Made = next.Version, now.UTC()
		earlier.Action = fmt.Sprintf("roll back to version %d", number)
		*next = *earlier
		return nil
	})
}

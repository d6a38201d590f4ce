package trust

import (
	"errors"
	"os"
	"time"
)

// OpenOn and CreateOn are Open and Create on a disk that may stop.
func OpenOn(dir string, d *CutDisk) (*Dir, error)   { return open(dir, d) }
func CreateOn(dir string, d *CutDisk) (*Dir, error) { return create(dir, d) }

// Lock takes the lock of a directory.
var Lock = lockFile

// ParseDeviations reads the content of a deviation list.
var ParseDeviations = parseDeviations

// ErrPower is what every step of a CutDisk says from a point on.
var ErrPower = errors.New("power cut")

// CutDisk stops for good after Left steps, as a machine does: what was not yet
// synced is half there, and nothing is tidied up.
type CutDisk struct {
	system
	Left  int
	dirty map[string]bool // files whose content may not be on the disk
}

func (d *CutDisk) step() error {
	if d.Left--; d.Left >= 0 {
		return nil
	}
	for path := range d.dirty {
		if about, err := os.Stat(path); err == nil {
			_ = os.Truncate(path, about.Size()/2)
		}
	}
	d.dirty = nil
	return ErrPower
}

func (d *CutDisk) makeDir(path string) error { return errors.Join(d.step(), d.system.makeDir(path)) }

func (d *CutDisk) create(dir string) (newFile, error) {
	if err := d.step(); err != nil {
		return nil, err
	}
	file, err := d.system.create(dir)
	return cutFile{file, d}, err
}

func (d *CutDisk) rename(from, to string) error {
	if err := d.step(); err != nil {
		return err
	}
	if d.dirty[from] { // renamed before it was synced: the name would lie
		delete(d.dirty, from)
		d.dirty[to] = true
	}
	return d.system.rename(from, to)
}

func (d *CutDisk) syncDir(path string) error {
	if err := d.step(); err != nil {
		return err
	}
	return d.system.syncDir(path)
}

func (d *CutDisk) remove(path string) error {
	if err := d.step(); err != nil {
		return err
	}
	return d.system.remove(path)
}

type cutFile struct {
	newFile
	disk *CutDisk
}

func (f cutFile) Write(content []byte) (int, error) {
	if err := f.disk.step(); err != nil {
		n, _ := f.newFile.Write(content[:len(content)/2])
		return n, err
	}
	if f.disk.dirty == nil {
		f.disk.dirty = map[string]bool{}
	}
	f.disk.dirty[f.Name()] = true
	return f.newFile.Write(content)
}

func (f cutFile) Sync() error {
	if err := f.disk.step(); err != nil {
		return err
	}
	delete(f.disk.dirty, f.Name())
	return f.newFile.Sync()
}

// OpenList verifies a list whose signer is one of those given.
func OpenList(raw []byte, now time.Time, signers [][]byte) error {
	g := guarantors{marks: map[string]bool{}, store: NewStore(nil, nil)}
	for _, signer := range signers {
		g.marks[fingerprint(signer)] = true
	}
	_, err := openList(raw, now, g.vouch)
	return err
}

package persona

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cnie/lds"
)

const maxDump = 1 << 18 // bytes of one file, more than any chip holds

// FromDir makes a card of a folder with one file for each EF: DG1.bin or
// Datagroup1.bin, EF_COM.bin, EF.SOD.bin, CardAccess.bin and so on, in any case.
// What is not there, the card does not have. With an EF.CardAccess, PACE opens
// it with the CAN 123456; without one, BAC does. A dump has no private keys, so
// the card refuses Chip Authentication.
func FromDir(dir string) (*Card, error) {
	files, err := readDump(dir)
	if err != nil {
		return nil, fmt.Errorf("read card dump: %w", err)
	}
	atr, err := hex.DecodeString(dumpATR)
	if err != nil {
		return nil, err
	}
	card := &Card{Name: filepath.Base(dir), Dump: true, ATR: atr, CAN: defaultCAN, Files: files}
	if err := card.openDump(); err != nil {
		return nil, fmt.Errorf("read card dump %s: %w", dir, err)
	}
	return card, nil
}

// openDump decides what opens the card.
func (c *Card) openDump() error {
	if access, ok := c.Files[lds.CardAccess]; ok {
		infos, err := lds.ParseCardAccess(access)
		if err != nil {
			return err
		}
		c.PACE = infos.PACE
	}
	c.BAC = len(c.PACE) == 0
	first, ok := c.Files[lds.DG1]
	if !ok && c.BAC {
		return errors.New("with neither EF.CardAccess nor EF.DG1 nothing could open the card")
	}
	if !ok {
		return nil
	}
	mrz, err := lds.ParseDG1(first)
	if err != nil && c.BAC {
		return err
	}
	if err == nil {
		c.MRZ = mrz.Key()
		c.MRZLines, err = mrz.Lines()
	}
	return err
}

func readDump(dir string) (map[lds.File][]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	files := map[lds.File][]byte{}
	for _, entry := range entries {
		f, ok := fileOf(entry)
		if !ok {
			continue
		}
		if files[f] != nil {
			return nil, fmt.Errorf("%s holds %v twice", dir, f)
		}
		if files[f], err = readBounded(filepath.Join(dir, entry.Name())); err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds no file of a card, such as DG1.bin or EF_SOD.bin", dir)
	}
	return files, nil
}

// fileOf recognises a file by its name: "Datagroup1.bin", "EF.DG1.bin" and
// "dg1.bin" are the same.
func fileOf(entry fs.DirEntry) (lds.File, bool) {
	name, binary := strings.CutSuffix(strings.ToLower(entry.Name()), ".bin")
	if entry.IsDir() || !binary {
		return 0, false
	}
	name = strings.NewReplacer("_", "", ".", "", "-", "", " ", "", "datagroup", "dg").Replace(name)
	f, err := lds.ParseFile(strings.TrimPrefix(name, "ef"))
	return f, err == nil
}

func readBounded(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 || info.Size() > maxDump || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is empty or larger than any file of a card", path)
	}
	return os.ReadFile(path)
}

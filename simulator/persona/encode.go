package persona

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"cnie/lds"
)

// YAML writes the persona as a file that [Load] reads.
func (p *Persona) YAML() ([]byte, error) {
	content, err := yaml.MarshalWithOptions(p, yaml.Indent(2), yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("write persona %s: %w", p.Name, err)
	}
	return content, nil
}

// WriteDir writes every file of the card into dir, which must be there, as
// [FromDir] reads them: EF.DG1.bin, EF.SOD.bin and so on.
func (c *Card) WriteDir(dir string) error {
	for f, content := range c.Files {
		if err := os.WriteFile(filepath.Join(dir, fileName(f)), content, 0o644); err != nil {
			return fmt.Errorf("write card %s: %w", c.Name, err)
		}
	}
	return nil
}

// fileName is the file's own, without the slash that EF.ATR/INFO has.
func fileName(f lds.File) string { return strings.ReplaceAll(f.String(), "/", "") + ".bin" }

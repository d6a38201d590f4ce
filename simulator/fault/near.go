package fault

import (
	"fmt"

	"cnie/internal/spelling"
)

// unknown names the fault that was probably meant.
func unknown(name string) error {
	var names []string
	for _, k := range kinds() {
		names = append(names, k.Name)
	}
	if meant := spelling.Nearest(name, names); meant != "" {
		return fmt.Errorf("%w: %q; did you mean %s?", ErrUnknown, name, meant)
	}
	return fmt.Errorf("%w: %q; `cnie-sim faults` lists those there are", ErrUnknown, name)
}

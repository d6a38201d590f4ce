package pcscd

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// folders are those of this process's daemons. The lowest free number is taken,
// so that the socket's path stays the same from one daemon to the next.
var folders pool

type pool struct {
	sync.Mutex
	taken map[string]bool
}

func (p *pool) take() string {
	p.Lock()
	defer p.Unlock()
	if p.taken == nil {
		p.taken = map[string]bool{}
	}
	for n := 0; ; n++ {
		// Short: a socket's path has 107 bytes at most.
		dir := filepath.Join(os.TempDir(), fmt.Sprintf("cnie-pcscd-%d-%d", os.Getpid(), n))
		if !p.taken[dir] {
			p.taken[dir] = true
			return dir
		}
	}
}

func (p *pool) give(dir string) {
	p.Lock()
	defer p.Unlock()
	delete(p.taken, dir)
}

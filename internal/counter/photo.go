package counter

import (
	"sync"

	"cnie/internal/photo"
)

// Photo is a portrait that can be wiped while a snapshot of it is about.
type Photo struct {
	mu      sync.RWMutex
	picture photo.Picture
}

// NewPhoto keeps a picture, which is nobody else's from now on.
func NewPhoto(picture photo.Picture) *Photo { return &Photo{picture: picture} }

// Show lends the picture to f, which must keep nothing of it; false, without a
// call, once it was wiped.
func (p *Photo) Show(f func(photo.Picture)) bool {
	if p == nil {
		return false
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	if len(p.picture.Data) == 0 {
		return false
	}
	f(p.picture)
	return true
}

func (p *Photo) wipe() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.picture.Data)
	p.picture = photo.Picture{}
}

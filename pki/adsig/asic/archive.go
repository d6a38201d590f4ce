package asic

import (
	"context"
	"crypto"
	"fmt"
	"io"
	"slices"
	"strings"

	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/tsp"
	"cnie/pki/cert"
	"cnie/pki/cms"
)

// raise brings a signature to a level and returns what is to be written beside
// its manifest. On an error it is what was reached; nil when nothing was.
func raise(ctx context.Context, message []byte, e entry, level cades.Level, a *cades.Augmenter) ([]addition, error) {
	var lower error
	if level > cades.BB {
		raised, err := a.Augment(ctx, message, min(level, cades.BLT), cades.DigestsOf(e.text))
		if raised == nil {
			return nil, err
		}
		message, lower = raised, err
	}
	signature := addition{e.by, message}
	if level < cades.BLTA || lower != nil {
		return []addition{signature}, lower
	}
	stamped, err := stampArchive(ctx, a, 1, slices.Concat(e.covers, references(a.StampHash(), addition{e.name, e.text}, signature)))
	return append([]addition{signature}, stamped...), err
}

// stampArchive makes an archive manifest over files, and a timestamp over it
// (EN 319 162-1 §4.4.5, §A.7). That is what makes level B-LTA of a container: an
// archive timestamp inside a signature would not cover the files.
func stampArchive(ctx context.Context, a *cades.Augmenter, number int, over []reference) ([]addition, error) {
	m := &manifest{by: fmt.Sprintf(metaFolder+"timestamp%03d.tst", number), covers: over}
	text, err := m.encode(stampType)
	if err != nil {
		return nil, err
	}
	h := a.StampHash()
	token, err := tsp.Ask(ctx, a.Stamp, h, cert.Algorithm{Hash: h}.Digest(text))
	if err != nil {
		return nil, fmt.Errorf("%w: %v: %w", cades.ErrLevel, cades.BLTA, err)
	}
	return []addition{{archiveName, text}, {m.by, token.Raw}}, nil
}

func references(h crypto.Hash, files ...addition) (all []reference) {
	for _, f := range files {
		kind := signatureType
		switch {
		case strings.HasSuffix(f.name, ".xml"):
			kind = manifestType
		case strings.HasSuffix(f.name, ".tst"):
			kind = stampType
		}
		all = append(all, reference{f.name, kind, h, cert.Algorithm{Hash: h}.Digest(f.content)})
	}
	return all
}

// Augment raises every signature in the container and writes it anew. Where an
// archive timestamp covers the signatures they stay as they are, and what B-LTA
// adds is one more, which covers the one before and all that validating that one
// will take. Where a level cannot be reached the container is written at the
// one that was, and the error wraps cades.ErrLevel.
func (c *Container) Augment(ctx context.Context, w io.Writer, level cades.Level, a *cades.Augmenter) error {
	replaced, lower := map[string]addition{}, error(nil)
	if len(c.archives) == 0 {
		for _, e := range c.signed {
			if err := c.raiseOne(ctx, e, min(level, cades.BLT), a, replaced); err != nil {
				lower = err
			}
		}
	}
	if level < cades.BLTA || lower != nil {
		return firstOf(c.rewrite(w, replaced, nil), lower)
	}
	added, err := c.renew(ctx, a, replaced)
	return firstOf(c.rewrite(w, replaced, added), err)
}

// firstOf is the error that matters more.
func firstOf(err, lower error) error {
	if err != nil {
		return err
	}
	return lower
}

func (c *Container) raiseOne(ctx context.Context, e entry, level cades.Level, a *cades.Augmenter, replaced map[string]addition) error {
	message, err := c.read(e.by)
	if err != nil {
		return err
	}
	raised, err := a.Augment(ctx, message, level, cades.DigestsOf(e.text))
	if raised != nil {
		replaced[e.by] = addition{e.by, raised}
	}
	return err
}

// renew adds an archive timestamp. The one before gets what validating it takes,
// and its manifest another name: the latest is always called the same
// (EN 319 162-1 §A.7).
func (c *Container) renew(ctx context.Context, a *cades.Augmenter, replaced map[string]addition) ([]addition, error) {
	number := c.free("ASiCArchiveManifest%03d.xml", "timestamp%03d.tst")
	i := slices.IndexFunc(c.archives, func(e entry) bool { return e.name == archiveName })
	if i >= 0 {
		latest := c.archives[i]
		replaced[latest.name] = addition{fmt.Sprintf(metaFolder+"ASiCArchiveManifest%03d.xml", number), latest.text}
		token, err := c.completed(ctx, a, latest)
		if err != nil {
			clear(replaced)
			return nil, fmt.Errorf("%w: %v: %w", cades.ErrLevel, cades.BLTA, err)
		}
		replaced[latest.by] = addition{latest.by, token}
		number = c.free("ASiCArchiveManifest%03d.xml", "timestamp%03d.tst")
	}
	over, err := c.everything(a.StampHash(), replaced)
	if err != nil {
		return nil, err
	}
	added, err := stampArchive(ctx, a, number, over)
	if err != nil {
		clear(replaced)
	}
	return added, err
}

// completed puts into a timestamp's own message what validating it will take.
func (c *Container) completed(ctx context.Context, a *cades.Augmenter, latest entry) ([]byte, error) {
	token, err := c.read(latest.by)
	if err != nil {
		return nil, err
	}
	sd, err := cms.Parse(token)
	if err != nil {
		return nil, err
	}
	knowing := *a
	knowing.Pool = append(slices.Clone(a.Pool), c.certificates()...)
	g, err := knowing.Gather(ctx, token) // a timestamp is a signed message itself
	if err != nil {
		return nil, err
	}
	p, err := sd.Parts()
	if err != nil {
		return nil, err
	}
	g.AddTo(&p)
	return p.Encode()
}

// certificates lists those that came with any signature or timestamp.
func (c *Container) certificates() (all []*cert.Certificate) {
	for _, e := range slices.Concat(c.signed, c.archives) {
		message, err := c.read(e.by)
		if err != nil {
			continue
		}
		if sd, err := cms.Parse(message); err == nil {
			all = append(all, sd.Certificates...)
		}
	}
	return all
}

// everything refers to each file that will be in the container.
func (c *Container) everything(h crypto.Hash, replaced map[string]addition) (all []reference, err error) {
	for _, f := range c.order {
		if c.files[f.Name] == nil || f.Name == mimeFile {
			continue
		}
		if r, found := replaced[f.Name]; found {
			all = append(all, references(h, r)...)
			continue
		}
		m := &manifest{}
		d := Document{Name: f.Name, Open: func() (io.ReadCloser, error) { return f.Open() }}
		if err := m.refer(d, h); err != nil {
			return nil, err
		}
		all = append(all, m.covers...)
	}
	return all, nil
}

package agent

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"cnie/internal/remote/gate"
	"cnie/internal/remote/order"
)

// maxDocument bounds what is taken onto the holder's disk.
const maxDocument = 1 << 30

// errChanged says that a document is not the one with this digest, or of this size.
var errChanged = errors.New("the document has another digest than the order says")

// documents are private copies, and open files of them.
type documents struct {
	folder string
	files  []*os.File
}

// fetch takes the documents of an order from the service and hashes them. What
// differs from the order is not kept.
func (a *Agent) fetch(ctx context.Context, o *order.Order) (*documents, error) {
	folder, err := os.MkdirTemp(a.options.Folder, "documents-") // of mode 0700
	if err != nil {
		return nil, err
	}
	d := &documents{folder: folder}
	for i, wanted := range o.Documents {
		if err := a.fetchOne(ctx, o, d, i, wanted); err != nil {
			d.close()
			return nil, fmt.Errorf("fetch document %d of %d: %w", i+1, len(o.Documents), err)
		}
	}
	return d, nil
}

// fetchOne begins anew when the connection failed, as often as the order's time
// allows.
func (a *Agent) fetchOne(ctx context.Context, o *order.Order, d *documents, i int, wanted order.Document) error {
	file, err := os.OpenFile(filepath.Join(d.folder, fmt.Sprint(i+1)), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	d.files = append(d.files, file)
	for {
		err := take(file, wanted, o.Hash.Hash(), func(w io.Writer) error { return a.link.document(ctx, o.ID, i, w) })
		var disk *fs.PathError
		if err == nil || errors.Is(err, errChanged) || errors.Is(err, gate.ErrUnknown) || errors.As(err, &disk) {
			return err
		}
		if !rest(ctx, shortest) {
			return errors.Join(context.Cause(ctx), err)
		}
	}
}

func take(file *os.File, wanted order.Document, hash crypto.Hash, from func(io.Writer) error) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := file.Truncate(0); err != nil {
		return err
	}
	h := hash.New()
	limited := &bounded{w: io.MultiWriter(file, h), left: wanted.Size}
	if err := from(limited); err != nil {
		return err
	}
	if limited.left != 0 || !bytes.Equal(h.Sum(nil), wanted.Digest) {
		return errChanged
	}
	return nil
}

// bounded takes as many bytes as were announced, and not one more.
type bounded struct {
	w    io.Writer
	left int64
}

func (b *bounded) Write(p []byte) (int, error) {
	if int64(len(p)) > b.left {
		return 0, errChanged
	}
	b.left -= int64(len(p))
	return b.w.Write(p)
}

// named gives the copies names that end as their content suggests, so that the
// operator's viewer knows what to do. The document's own name has no say: a
// program that opens files by their name must not be told to run one.
func (d *documents) named() ([]string, error) {
	var paths []string
	for _, file := range d.files {
		kind, err := ending(file)
		if err != nil {
			return nil, err
		}
		path := file.Name() + kind
		if err := os.Link(file.Name(), path); err != nil {
			path = file.Name() // a file system without links
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func ending(file io.ReaderAt) (string, error) {
	head := make([]byte, 4096)
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	head = head[:n]
	if bytes.HasPrefix(head, []byte("%PDF-")) {
		return ".pdf", nil
	}
	for cut := range min(utf8.UTFMax, n) { // a letter may be cut at the end
		if text := string(head[:n-cut]); utf8.ValidString(text) && !strings.ContainsRune(text, 0) {
			return ".txt", nil
		}
	}
	return ".bin", nil
}

// close removes the copies.
func (d *documents) close() {
	for _, file := range d.files {
		_ = file.Close()
	}
	_ = os.RemoveAll(d.folder) // Run sweeps what is left
}

// sweep removes copies that a killed agent has left.
func sweep(folder string) error {
	left, err := filepath.Glob(filepath.Join(folder, "documents-*"))
	for _, path := range left {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return err
}

package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"time"

	"cnie/pki/cert"
	"cnie/pki/cms"
)

// Import is one update of a managed directory: what to take in and on whose
// word.
type Import struct {
	Now   time.Time
	Items []Item
	// Signers are certificates that the operator vouches for as signers of
	// lists, or as authorities of such signers; DER. They are remembered.
	Signers [][]byte
	// Fingerprints vouch likewise for a list signer, by the SHA-256 of its
	// certificate in hex.
	Fingerprints []string
	AllowOlder   bool // take a list in the place of a newer one
}

// Item is one file as it came: a master list, a deviation list, certificates or
// revocation lists, DER or any number of them as PEM. Origin says from where.
type Item struct {
	Origin  string
	Content []byte
	Fetched bool // by a server, which may send what it likes: certificates have to be named by Signers or Fingerprints
}

// Result is what became of one thing that was found in the items.
type Result struct {
	Held
	New     bool
	Refused error // why it was not taken in; it wraps ErrSigner, ErrOlder or another reason
	Arrived int   // certificates that a master list has and the one before had not
	Left    int   // the other way round
}

// errNothing ends an update that changes nothing.
var errNothing = errors.New("nothing new")

// Import takes in everything that it can vouch for, as one new version. What it
// cannot vouch for is a refused Result; what it cannot read is an error, and
// then nothing was taken in.
func (d *Dir) Import(in Import) ([]Result, error) {
	var results []Result
	err := d.update(func(next *index, files map[string][]byte) error {
		u, err := d.newIntake(next, files, in)
		if err != nil {
			return err
		}
		err = u.run()
		results = u.results
		return err
	})
	if errors.Is(err, errNothing) {
		err = nil
	}
	return results, err
}

// found is one thing inside the items.
type found struct {
	kind        Kind
	origin      string
	fetched     bool
	raw         []byte
	certificate *cert.Certificate
	list        *cert.CRL
}

// open splits an item into what it holds.
func (i Item) open() ([]found, error) {
	if len(i.Content) > MaxFile {
		return nil, fmt.Errorf("read %s: %w", i.Origin, ErrTooLarge)
	}
	var all []found
	err := eachDER(i.Content, func(der []byte) error {
		f, err := recognise(der)
		f.origin, f.fetched = i.Origin, i.Fetched
		all = append(all, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", i.Origin, err)
	}
	return all, nil
}

// eachDER hands over each object of a file: the file itself, or every block of
// it when it is PEM.
func eachDER(content []byte, add func(der []byte) error) error {
	if !isPEM(content) {
		return add(content)
	}
	if bytes.Count(content, []byte("-----BEGIN ")) > maxFiles {
		return ErrTooLarge
	}
	for block, rest := pem.Decode(content); ; block, rest = pem.Decode(rest) {
		if block == nil {
			return trailing(rest)
		}
		if err := add(block.Bytes); err != nil {
			return err
		}
	}
}

// recognise tells by its first bytes what something is. Signed messages begin
// with an object identifier, certificates and revocation lists with a sequence.
func recognise(der []byte) (found, error) {
	f := found{raw: der}
	if beginsWithOID(der) {
		f.kind = MasterList // or a deviation list; openList tells
		return f, nil
	}
	var err error
	if f.certificate, err = cert.Parse(der); err == nil {
		f.kind = Authority
		return f, nil
	}
	if f.list, err = cert.ParseCRL(der); err == nil {
		f.kind = RevocationList
		return f, nil
	}
	if errors.Is(err, cert.ErrTooLong) {
		return f, err
	}
	return f, fmt.Errorf("%w: neither a certificate, nor a revocation list, nor a signed list", cert.ErrMalformed)
}

func beginsWithOID(der []byte) bool {
	if len(der) < 2 || der[0] != 0x30 {
		return false
	}
	content := 2
	if der[1] > 0x80 {
		content += int(der[1] & 0x7f)
	}
	return len(der) > content && der[content] == 0x06
}

// intake is an import under way.
type intake struct {
	Import
	index   *index
	loaded  *contents
	files   map[string][]byte
	at      map[string]int // members by SHA-256
	store   *Store         // of what is taken in so far
	pins    []*cert.Certificate
	results []Result
}

func (d *Dir) newIntake(next *index, files map[string][]byte, in Import) (*intake, error) {
	loaded, err := next.load(d.read)
	if err != nil {
		return nil, err
	}
	u := &intake{Import: in, index: next, loaded: loaded, files: files, at: map[string]int{}, store: loaded.store()}
	for i, m := range next.Members {
		u.at[m.SHA256] = i
	}
	for _, der := range in.Signers {
		pin, err := cert.Parse(der)
		if err != nil {
			return nil, fmt.Errorf("read the list signer: %w", err)
		}
		u.pins = append(u.pins, pin)
	}
	for _, mark := range in.Fingerprints {
		if !isFingerprint(mark) {
			return nil, errFingerprint
		}
	}
	return u, nil
}

// run takes in authorities first, since they vouch for lists, and lists before
// the revocations of those who are on them.
func (u *intake) run() error {
	var all []found
	for _, item := range u.Items {
		found, err := item.open()
		if err != nil {
			return err
		}
		all = append(all, found...)
	}
	for _, step := range []struct {
		kind Kind
		take func(found) (Result, error)
	}{{Authority, u.takeAuthority}, {MasterList, u.takeList}, {RevocationList, u.takeRevocations}} {
		for _, f := range all {
			if f.kind != step.kind {
				continue
			}
			result, err := step.take(f)
			if err != nil && !isRefusal(err) {
				return fmt.Errorf("read %s: %w", f.origin, err)
			}
			result.Refused = err
			u.results = append(u.results, result)
		}
		u.store = u.loaded.store()
	}
	return u.finish()
}

// finish remembers the signers that the operator vouched for, once a list of
// theirs was good, and names the version.
func (u *intake) finish() error {
	accepted := func(r Result) bool { return r.Refused == nil && (r.Kind == MasterList || r.Kind == DeviationList) }
	if slices.ContainsFunc(u.results, accepted) {
		for _, pin := range u.pins {
			u.keepSigner(pin)
		}
		u.index.Marks = slices.Compact(slices.Sorted(slices.Values(append(u.index.Marks, u.Fingerprints...))))
	}
	if len(u.index.Members) > maxMembers || len(u.index.Held) > maxMembers {
		return ErrTooLarge
	}
	if !slices.ContainsFunc(u.results, func(r Result) bool { return r.New }) {
		return errNothing
	}
	u.index.Made, u.index.Action = u.Now.UTC(), "import"
	for _, r := range u.results {
		if r.New {
			u.index.Action = fmt.Sprintf("import of %s %s", r.Kind, r.Name)
			break
		}
	}
	return nil
}

// isRefusal tells what is readable but not to be believed.
func isRefusal(err error) bool {
	for _, refusal := range []error{ErrSigner, ErrOlder, errUnfit, cms.ErrSignature, cms.ErrMessageDigest, cms.ErrNoSigner, cert.ErrUnsupported} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

// errUnfit is the reason for refusing what is no use to a verifier.
var errUnfit = errors.New("of no use")

// takeAuthority takes a single certificate, on the operator's own word.
func (u *intake) takeAuthority(f found) (Result, error) {
	c := f.certificate
	r := Result{Held: Held{
		Kind: Authority, Name: c.Subject.String(), SHA256: fingerprint(f.raw), Origin: f.origin, Imported: u.Now.UTC(),
		Date: c.NotBefore, Next: c.NotAfter, Country: c.Subject.Country, Remarks: c.Deviations,
	}}
	if u.index.file(r.SHA256, Authority) != nil {
		return r, nil
	}
	selfSigned := c.SelfIssued() && c.CheckSignatureFrom(c) == nil
	switch {
	case !c.IsCA && !selfSigned:
		return r, fmt.Errorf("%w: it is not the certificate of a signing authority", errUnfit)
	case c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageCertSign|x509.KeyUsageCRLSign) == 0:
		return r, fmt.Errorf("%w: its key may not sign certificates", errUnfit)
	case c.SelfIssued() && !selfSigned && string(c.AuthorityKeyID) == string(c.SubjectKeyID):
		return r, fmt.Errorf("%w: its own signature does not verify", errUnfit)
	case f.fetched && !u.named(r.SHA256):
		return r, fmt.Errorf("%w: a server sent the certificate of %s (SHA-256 %s), for which nobody vouches", ErrSigner, c.Subject, r.SHA256)
	}
	m := u.member(r.SHA256, c)
	m.saw(byOperator, u.Now.UTC())
	m.File = true
	u.keep(r.Held, f.raw)
	r.New = true
	return r, nil
}

// named says that the operator named a certificate.
func (u *intake) named(sum string) bool {
	return slices.Contains(u.Fingerprints, sum) ||
		slices.ContainsFunc(u.pins, func(pin *cert.Certificate) bool { return fingerprint(pin.Raw) == sum })
}

// member finds or makes what is remembered of a certificate.
func (u *intake) member(sum string, c *cert.Certificate) *member {
	i, known := u.at[sum]
	if !known {
		i = len(u.index.Members)
		u.at[sum] = i
		u.index.Members = append(u.index.Members, member{SHA256: sum})
		u.loaded.certificates[sum] = c
	}
	return &u.index.Members[i]
}

// keep adds a file and the record of it.
func (u *intake) keep(h Held, raw []byte) {
	u.index.Held = append(u.index.Held, h)
	u.files[h.file()] = raw
}

func (u *intake) keepSigner(pin *cert.Certificate) {
	sum := fingerprint(pin.Raw)
	if u.index.file(sum, Signer) != nil {
		return
	}
	u.keep(Held{
		Kind: Signer, Name: pin.Subject.String(), SHA256: sum, Origin: byOperator, Imported: u.Now.UTC(),
		Date: pin.NotBefore, Next: pin.NotAfter, Country: pin.Subject.Country,
	}, pin.Raw)
}

package trust

import (
	"fmt"
	"slices"
	"time"

	"cnie/pki/cert"
	"cnie/pki/cms"
)

// takeList takes a master list or a deviation list, if its signer is vouched for
// and it is newer than the one held of the same publisher.
func (u *intake) takeList(f found) (Result, error) {
	r := Result{Held: Held{Kind: f.kind, SHA256: fingerprint(f.raw), Origin: f.origin, Imported: u.Now.UTC()}}
	if held := u.index.file(r.SHA256, MasterList, DeviationList); held != nil {
		r.Held = *held
		return r, nil
	}
	list, err := openList(f.raw, u.Now, u.guarantors().vouch)
	if err != nil {
		return r, err
	}
	r.Kind, r.Name, r.Date, r.Remarks = list.kind, list.series(), list.date, list.remarks
	r.Signer, r.Country = fingerprint(list.signer.Raw), list.signer.Issuer.Country
	if held := u.index.held(r.Kind, r.Name); held != nil && !r.Date.After(held.Date) && !u.AllowOlder {
		return r, fmt.Errorf("%w: the list of %s of %s is held", ErrOlder, r.Name, held.Date.Format(time.DateOnly))
	}
	if r.Kind == MasterList {
		if err := list.onlySpecimens(); err != nil {
			return r, err
		}
		err = u.takeMembers(&r, list)
	} else {
		var entries []Deviation
		entries, err = parseDeviations(list.content)
		r.Entries = len(entries)
	}
	if err != nil {
		return r, err
	}
	u.index.Held = slices.DeleteFunc(u.index.Held, func(h Held) bool { return h.Kind == r.Kind && h.Name == r.Name })
	u.keep(r.Held, f.raw)
	u.store = u.loaded.store()
	r.New = true
	return r, nil
}

// guarantors are the pins and those members who may speak for a list: what the
// operator brought in himself, and the authorities of a State whose list is
// held, which change their keys and the signers of their lists.
func (u *intake) guarantors() guarantors {
	marks := map[string]bool{}
	for _, mark := range slices.Concat(u.index.Marks, u.Fingerprints) {
		marks[mark] = true
	}
	publishers := map[string]bool{}
	for _, h := range u.index.Held {
		if h.Kind == MasterList && h.Country != "" {
			publishers[h.Country] = true
		}
	}
	return guarantors{
		pins: slices.Concat(u.pins, u.loaded.pins), marks: marks, store: u.store,
		speaks: func(c *cert.Certificate) bool {
			i, known := u.at[fingerprint(c.Raw)]
			return publishers[c.Subject.Country] || known && u.index.Members[i].listedBy(byOperator)
		},
	}
}

// takeMembers brings what is remembered up to a master list: who is on it, and
// who no longer is. Those who left keep a file of their own.
func (u *intake) takeMembers(r *Result, list *signedList) error {
	listed := map[string]bool{}
	for raw, err := range masterListEntries(list.content) {
		if err != nil {
			return err
		}
		r.Entries++
		c, err := cert.Parse(raw)
		if err != nil {
			r.Remarks = append(r.Remarks, fmt.Sprintf("certificate %d was left out: %v", r.Entries, err))
			continue
		}
		sum := fingerprint(raw)
		listed[sum] = true
		m := u.member(sum, c)
		if !m.listedBy(r.Name) {
			r.Arrived++
		}
		m.saw(r.Name, r.Date)
	}
	for i := range u.index.Members {
		m := &u.index.Members[i]
		if listed[m.SHA256] || !m.listedBy(r.Name) {
			continue
		}
		c := u.loaded.certificates[m.SHA256]
		m.missed(r.Name, r.Date, c.NotAfter)
		m.File = true
		u.files[m.SHA256+"."+extensions[Authority]] = c.Raw
		r.Left++
	}
	return nil
}

// takeRevocations takes a revocation list that an authority here signed, in the
// place of an older one by the same key.
func (u *intake) takeRevocations(f found) (Result, error) {
	list := f.list
	r := Result{Held: Held{
		Kind: RevocationList, Name: list.Issuer.String(), SHA256: fingerprint(f.raw), Origin: f.origin, Imported: u.Now.UTC(),
		Date: list.ThisUpdate, Next: list.NextUpdate, Country: list.Issuer.Country, Entries: len(list.Entries), Remarks: list.Deviations,
	}}
	if u.index.file(r.SHA256, RevocationList) != nil {
		return r, nil
	}
	if why := u.store.Unusable(list); why != "" {
		return r, fmt.Errorf("%w: %s", errUnfit, why)
	}
	if r.Date.After(u.Now.Add(clockSkew)) { // kept, it would bar every honest one until that day
		return r, fmt.Errorf("%w: it is of %s, which is in the future", errUnfit, r.Date.Format(time.DateOnly))
	}
	signer, _ := u.store.CRLSigner(list)
	r.Signer = fmt.Sprintf("%x", signer.KeyIdentifier())
	sameKey := func(h Held) bool { return h.Kind == r.Kind && h.Name == r.Name && h.Signer == r.Signer }
	if i := slices.IndexFunc(u.index.Held, sameKey); i >= 0 && !r.Date.After(u.index.Held[i].Date) && !u.AllowOlder {
		return r, fmt.Errorf("%w: the revocation list of %s of %s is held", ErrOlder, r.Name, u.index.Held[i].Date.Format(time.DateOnly))
	}
	if !r.Next.IsZero() && u.Now.After(r.Next) {
		r.Remarks = append(slices.Clip(r.Remarks), "out of date when it came in")
	}
	u.index.Held = slices.DeleteFunc(u.index.Held, sameKey)
	u.keep(r.Held, f.raw)
	r.New = true
	return r, nil
}

// deviationsWithin reads a deviation list whose signature was verified before.
func deviationsWithin(raw []byte) ([]Deviation, error) {
	sd, err := cms.Parse(raw)
	if err != nil {
		return nil, err
	}
	return parseDeviations(sd.Content)
}

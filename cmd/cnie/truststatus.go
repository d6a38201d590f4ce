package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cnie/pki/cert"
	"cnie/pki/trust"
)

// soon is how many certificates `trust status` shows of those that expire next.
const soon = 5

// trustStatus is what `cnie trust status` finds.
type trustStatus struct {
	Trust     string         `json:"trust"`
	Version   int            `json:"version"`
	Lists     []heldList     `json:"lists"`
	Countries map[string]int `json:"countries"`
	Total     int            `json:"certificates"`
	Chained   int            `json:"chained"`
	Unchained []lostOne      `json:"unchained"`
	Vanished  []listed       `json:"vanished"`
	Next      []listed       `json:"expire_next"`
	Specimens int            `json:"specimens"`
}

// heldList is a list with its age.
type heldList struct {
	trust.Held
	Age        string            `json:"age"`
	Due        bool              `json:"due"` // a newer one should be there by now
	Deviations []trust.Deviation `json:"deviations,omitempty"`
}

// lostOne is a certificate that leads to no anchor. It does no harm where
// another certificate of the same key does.
type lostOne struct {
	listed
	Why      string `json:"why"`
	Harmless bool   `json:"harmless"`
}

func (t *trustStore) statusCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "status", Short: "Say what the store is worth today: ages, gaps, what expires next", Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			dir, err := t.open()
			if err != nil {
				return err
			}
			s, err := t.examine(dir, time.Now())
			if err != nil {
				return trustFailure(err)
			}
			if t.asJSON {
				return t.printJSON(s)
			}
			return s.text(t.lines())
		},
	}
	c.Flags().BoolVar(&t.asJSON, "json", false, "print JSON")
	return c
}

func (t *trustStore) examine(dir *trust.Dir, now time.Time) (*trustStatus, error) {
	store, err := dir.Store()
	if err != nil {
		return nil, err
	}
	s := &trustStatus{
		Trust: dir.Path(), Version: dir.Version(), Countries: map[string]int{},
		Lists: []heldList{}, Unchained: []lostOne{}, Vanished: []listed{}, Next: []listed{},
	}
	if err := s.addLists(dir, now); err != nil {
		return nil, err
	}
	relations := t.relations(store)
	anchored := map[string]bool{} // public keys
	for _, r := range relations {
		if r.Anchor != nil {
			anchored[string(r.Certificate.RawSPKI)] = true
		}
	}
	for _, r := range relations {
		s.addMember(row(store, r.Certificate), now)
		if r.Anchor == nil {
			s.Unchained = append(s.Unchained, lostOne{row(store, r.Certificate), r.Missing, anchored[string(r.Certificate.RawSPKI)]})
		}
	}
	s.Chained = s.Total - len(s.Unchained)
	slices.SortFunc(s.Next, func(a, b listed) int {
		return cmp.Or(a.NotAfter.Compare(b.NotAfter), strings.Compare(a.SHA256, b.SHA256))
	})
	s.Next = s.Next[:min(len(s.Next), soon)]
	slices.SortFunc(s.Unchained, func(a, b lostOne) int {
		return cmp.Or(strings.Compare(a.Country, b.Country), strings.Compare(a.SHA256, b.SHA256))
	})
	return s, nil
}

func (s *trustStatus) addLists(dir *trust.Dir, now time.Time) error {
	for _, h := range dir.Held() {
		if h.Kind == trust.Authority || h.Kind == trust.Signer {
			continue
		}
		list := heldList{Held: h, Age: oldness(h.Date, now), Due: !h.Next.IsZero() && now.After(h.Next)}
		if h.Kind == trust.DeviationList {
			var err error
			if list.Deviations, err = dir.Deviations(h); err != nil {
				return err
			}
		}
		s.Lists = append(s.Lists, list)
	}
	return nil
}

func (s *trustStatus) addMember(one listed, now time.Time) {
	s.Total++
	s.Countries[cmp.Or(one.Country, "?")]++
	if one.Specimen {
		s.Specimens++
	}
	if one.Standing.Vanished {
		s.Vanished = append(s.Vanished, one)
	}
	if now.Before(one.NotAfter) && one.Kind == "root" {
		s.Next = append(s.Next, one)
	}
}

func (s *trustStatus) text(w io.Writer) error {
	fmt.Fprintf(w, "Trust store %s, version %d.\n", s.Trust, s.Version)
	for _, l := range s.Lists {
		s.textList(w, l)
	}
	if len(s.Lists) == 0 {
		fmt.Fprintln(w, "No list is held: nothing tells what was revoked.")
	}
	fmt.Fprintf(w, "%d certificates of %d countries, %d of them chained to a self-signed one.\n", s.Total, len(s.Countries), s.Chained)
	if s.Total > 0 {
		var counts []string
		for _, country := range slices.Sorted(maps.Keys(s.Countries)) {
			counts = append(counts, fmt.Sprintf("%s %d", country, s.Countries[country]))
		}
		fmt.Fprintln(w, wrapped(counts))
	}
	if s.Specimens > 0 {
		fmt.Fprintf(w, "SPECIMEN: %d of them vouch for people who do not exist.\n", s.Specimens)
	}
	for _, v := range s.Vanished {
		fmt.Fprintf(w, "Vanished: %s %s, %s.\n", v.Subject, short(v.KeyID), v.Status)
	}
	for _, lost := range s.Unchained {
		harm := ""
		if lost.Harmless {
			harm = "; no harm, another certificate of its own key is chained"
		}
		fmt.Fprintf(w, "Not chained: %s, key %s: %s%s.\n", lost.Subject, short(lost.KeyID), lost.Why, harm)
	}
	for _, next := range s.Next {
		fmt.Fprintf(w, "Expires next: %s, %s %s.\n", day(next.NotAfter), next.Subject, short(next.KeyID))
	}
	return nil
}

func (s *trustStatus) textList(w io.Writer, l heldList) {
	due := ""
	if !l.Next.IsZero() {
		due = ", next due " + day(l.Next)
	}
	if l.Due {
		due = ", OUT OF DATE since " + day(l.Next)
	}
	fmt.Fprintf(w, "%s of %s: %s, %s%s, %d entries, from %s.\n", strings.ToUpper(string(l.Kind[:1]))+string(l.Kind[1:]), l.Name, day(l.Date), l.Age, due, l.Entries, l.Origin)
	for _, d := range l.Deviations {
		fmt.Fprintf(w, "  %s %s: %s.\n", cmp.Or(d.DocumentType, "any document"), d.Signer, strings.Join(d.Descriptions, "; "))
	}
}

// wrapped sets short words in lines.
func wrapped(words []string) string {
	var out strings.Builder
	width := 0
	for i, word := range words {
		switch {
		case i == 0:
		case width+len(word) > 76:
			out.WriteString(",\n")
			width = 0
		default:
			out.WriteString(", ")
			width += 2
		}
		out.WriteString(word)
		width += len(word)
	}
	return out.String()
}

func short(hexadecimal string) string { return strings.ToUpper(hexadecimal[:min(len(hexadecimal), 8)]) }

func fingerprint(c *cert.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

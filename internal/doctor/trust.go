package doctor

import (
	"fmt"
	"time"
)

// Trust is what the trust data say about themselves.
type Trust struct {
	Problem   string // why they cannot be used, as a clause; empty: they can
	Path      string // empty: there are none
	Anchors   int    // certificates
	Specimens int    // of them
	Lists     []List
}

// List is a signed list with dates.
type List struct {
	Name string // "revocation list of MA"
	Date time.Time
	Next time.Time     // when the next is due; zero: nobody said
	Age  time.Duration // how old the policy lets it become
	// Revokes says that it is a revocation list.
	Revokes bool
}

// tolerance is for clocks that run a little fast or slow, and for dates without
// a time of day.
const tolerance = 24 * time.Hour

// clock compares this machine's with what cannot lie in the future: the
// program itself, and lists that others signed.
func (x *examination) clock() {
	now := x.Now()
	const fix = "Set date and time, and let the network keep them (`sudo timedatectl set-ntp true`)."
	if now.Before(x.Built.Add(-tolerance)) {
		x.block("clock", fmt.Sprintf("The clock says %s, but this program was made on %s.", day(now), day(x.Built)), fix)
		return
	}
	for _, l := range x.Trust.Lists {
		if now.Before(l.Date.Add(-tolerance)) {
			x.block("clock", fmt.Sprintf("The clock says %s, but the %s was made on %s.", day(now), l.Name, day(l.Date)), fix)
			return
		}
	}
	x.ok("clock", "The clock says "+day(now)+".")
}

// trust says what verdicts will rest upon.
func (x *examination) trust() {
	t := x.Trust
	switch {
	case t.Problem != "":
		x.block("trust", "The trust data cannot be used: "+t.Problem+".", "Correct --trust, or go back with `cnie trust rollback`.")
		return
	case t.Anchors == 0:
		x.remark("trust", "There are no trust anchors, so that no card can be accepted.", "Take in a master list (`cnie trust import LIST --signer FILE`), or name a folder with --trust.")
		return
	}
	x.ok("trust", fmt.Sprintf("The trust data are in %s: certificates: %d, lists: %d.", t.Path, t.Anchors, len(t.Lists)))
	if t.Specimens > 0 {
		x.remark("specimen", "The trust data hold a specimen authority, by which anybody can make cards.", "Take another folder for --trust where real cards are read.")
	}
	x.age()
}

// age tells of lists that are older than they should be, in one sentence for all
// of them.
func (x *examination) age() {
	now := x.Now()
	var oldest List
	count, revoking := 0, false
	for _, l := range x.Trust.Lists {
		revoking = revoking || l.Revokes
		if !l.old(now) {
			continue
		}
		if count++; count == 1 || l.Date.Before(oldest.Date) {
			oldest = l
		}
	}
	if count > 0 {
		x.remark("age", fmt.Sprintf("Lists that are too old: %d, first of all the %s of %s.", count, oldest.Name, day(oldest.Date)),
			"Get the new ones from their publishers and take them in with `cnie trust import`.")
	}
	if !revoking {
		x.remark("revocation", "There is no revocation list, so that nobody notices a revoked signer.", "Take one in: `cnie trust import FILE.crl`.")
	}
}

// old tells whether another list should be there by now.
func (l List) old(now time.Time) bool {
	return !l.Next.IsZero() && now.After(l.Next) || l.Age != 0 && now.Sub(l.Date) > l.Age
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

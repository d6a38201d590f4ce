// Package site reads the file that says what a counter may do: who runs it, at
// which desk, and for which purposes it may ask what of a citizen.
//
// A purpose names its legal basis (law 09-08, article 4), the fields and the
// answers that it needs, how long a record of the visit is kept, and what the
// citizen hears before agreeing. It cannot ask for more than its basis carries:
// a table says which field stands on which basis and why, and a file that goes
// beyond it is refused when it is read, not when a citizen stands there. The
// bounds are this program's reading of proportionality, stricter in places
// than the law; what the law itself asks (an authorisation of the CNDP before a
// national number is processed, article 12) has to be stated with its number.
//
// A file is signed, detached, by somebody who does not sit at the desk, so that
// a clerk cannot widen it: with minisign or with ssh-keygen -Y sign in the
// namespace cnie-site. The keys that may sign stand in a file which only its
// owner can write. A production site must be signed and refuses specimen
// cards; every other site, and a desk without any file, sees fields of specimen
// cards and of no others. What a clerk gains by laying the file aside is thus a
// desk that knows nobody.
package site

// Package store is the service's state, in SQLite or PostgreSQL: who is there, what
// was asked, what was answered.
//
// A request goes from queued to handed to answered, or from either of the first two
// to expired, as one does that is withdrawn. Each of these steps is one statement that names the state it leaves,
// and says whether it found it: of two replicas that try the same step, or of one
// that tries twice because it died in between, one succeeds. So
//
//   - a consent is spent once, since a request to sign has the consent that it rests
//     on in a column that is unique;
//   - a request is handed to one session, and one session only answers it;
//   - an answer, once there, stays.
//
// Whatever else replicas tell one another is only to wake them up.
//
// SQLite is one file for one process, written through to the disk at each step: a
// token that was spent stays spent when the power fails. PostgreSQL is for several.
package store

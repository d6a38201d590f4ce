// Package guard decides which requests reach the counter's pages.
//
// The counter listens on loopback, and so does every page of the Internet that
// the clerk's browser has open: a page elsewhere can send requests here
// (CSRF), can have its own name resolve to 127.0.0.1 and then read the answers
// (DNS rebinding), can frame the desk and trick a click. None of the usual
// signs is enough alone, so all of them must be right:
//
//   - Host is, to the letter, one of the names this server has;
//   - Origin, which scripts cannot set, is the one of this very Host: always on
//     what changes something, and on streams unless the browser says by
//     Sec-Fetch-Site that the page is this one; "null" is nobody's;
//   - Sec-Fetch-Site is same-origin, or none for an address that a person typed,
//     and what asks is not a frame;
//   - the session's cookie, HttpOnly and SameSite=Strict, and on what changes
//     something the session's own token besides.
//
// # Pairing
//
// The program prints an address that works once. Its secret stands in the
// fragment, which browsers send to nobody; the page at that address posts it
// here for a session. A session has one role. The citizen's screen gets its own,
// which opens nothing of the clerk's.
//
// Cookies know no port: a browser would hand the cookie of 127.0.0.1:7312 to
// whatever listens on 127.0.0.1:8080. The path of a session is therefore random
// and the cookie is bound to it, so that only who knows the path is ever sent
// it; and the path alone opens nothing.
//
// A refusal is a bare 403 or, for a wrong Host, 421: who asks wrongly learns
// nothing, not even whether there is a session.
package guard

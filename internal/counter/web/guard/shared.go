package guard

import (
	"net/http"
	"slices"
)

// Protect tells the browser what answers of the counter never do. Whatever else
// is served beside the pages says the same.
func Protect(h http.Header) { protect(h) }

// Addressed reports whether a request was sent to one of these names, to the
// letter.
func Addressed(r *http.Request, hosts []string) bool { return slices.Contains(hosts, r.Host) }

// Once reports whether none of these headers is there twice, so that nobody
// downstream can see another one than was judged.
func Once(r *http.Request, names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return len(r.Header.Values(name)) > 1 })
}

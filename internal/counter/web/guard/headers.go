package guard

import (
	"mime"
	"net/http"
	"slices"
	"strings"
)

// policy allows what the pages consist of, from here, and nothing else: no
// inline script or style, no frame around them or in them.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; media-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Protect tells the browser what pages of the counter never do. Whatever else is
// served beside them says the same.
func Protect(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), hid=(), payment=(), publickey-credentials-get=()")
	// Not no-referrer: under that, browsers send forms with Origin: null.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Robots-Tag", "noindex")
}

// fromHere reports whether a request with a right Host comes from a page of this
// server or from nobody's: an address typed, a program without a browser.
func fromHere(r *http.Request) bool {
	if !Once(r, "Origin", "Sec-Fetch-Site", "Sec-Fetch-Dest", "Sec-Fetch-Mode", "Cookie") || r.Header.Get("Upgrade") != "" || strings.Contains(r.URL.Path, "..") {
		return false
	}
	return siteAllowed(r) && originAllowed(r) && shapeAllowed(r)
}

// Addressed reports whether a request was sent to one of these names, to the
// letter.
func Addressed(r *http.Request, hosts []string) bool { return slices.Contains(hosts, r.Host) }

// Once reports whether none of these headers is there twice, so that nobody
// downstream can see another one than was judged.
func Once(r *http.Request, names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return len(r.Header.Values(name)) > 1 })
}

// siteAllowed looks at where the browser says that the request started.
// Another port of this host is "same-site", and a stranger.
func siteAllowed(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Dest") {
	case "iframe", "frame", "object", "embed", "fencedframe":
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin":
		return true
	case "none": // typed, a bookmark, or the program that started the browser
		return reads(r)
	}
	return false
}

// originAllowed compares Origin with this server's own, to the letter. There
// must be one with whatever changes something. Browsers leave it out of a GET
// to the page's own origin, event streams included; then Sec-Fetch-Site, which
// scripts cannot set either, speaks for it.
func originAllowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	switch {
	case origin != "" || r.Header.Values("Origin") != nil:
		return origin == "http://"+r.Host
	case !reads(r):
		return false
	case Streams(r):
		return r.Header.Get("Sec-Fetch-Site") == "same-origin"
	}
	return true
}

// Streams reports whether a request asks for an event stream.
func Streams(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, "/events") || strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}

// shapeAllowed accepts the methods and the one kind of body that the pages use.
func shapeAllowed(r *http.Request) bool {
	if reads(r) {
		return r.ContentLength == 0
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return r.Method == http.MethodPost && err == nil && kind == "application/x-www-form-urlencoded"
}

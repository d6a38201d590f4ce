package hostiletest

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"path"
	"strings"
	"sync"
)

// treasure is what the toy gives away.
const treasure = "TREASURE-OF-THE-TOY"

// toy is a server as many local ones are: it answers whoever asks. Each technique
// of a hostile page must work on it.
type toy struct{ changed sync.Map } // the folders in which something was

func (y *toy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if origin := r.Header.Get("Origin"); origin != "" {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Allow-Methods", "GET, POST, PUT")
		h.Set("Access-Control-Allow-Headers", "X-Stream")
	}
	h.Set("Timing-Allow-Origin", "*")
	switch {
	case r.Method == http.MethodOptions:
	case r.Method != http.MethodGet || strings.HasSuffix(r.URL.Path, "/match"):
		y.changed.Store(path.Dir(r.URL.Path), true)
	case r.Header.Get("Upgrade") == "websocket":
		socket(w, r)
	case strings.HasSuffix(r.URL.Path, "/events"):
		h.Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "data: %s\n\n", treasure)
	case strings.Contains(r.URL.Path, "/photo/"):
		h.Set("Content-Type", "image/png")
		_ = png.Encode(w, image.NewGray(image.Rect(0, 0, 8, 8)))
	case r.URL.Query().Has("callback"):
		h.Set("Content-Type", "text/javascript")
		fmt.Fprintf(w, "%s(%q)", r.URL.Query().Get("callback"), treasure)
	case r.Header.Get("Sec-Fetch-Dest") == "style":
		h.Set("Content-Type", "text/css")
	case r.Header.Get("Sec-Fetch-Dest") == "script":
		h.Set("Content-Type", "text/javascript")
	default:
		h.Set("Content-Type", "text/html")
		fmt.Fprintf(w, toyPage, treasure)
	}
}

// toyPage tells who opened or framed it, does as it is told by messages, and is one
// button from edge to edge.
const toyPage = `<!doctype html><body style="margin:0"><p>%[1]s</p><iframe srcdoc="x"></iframe>
<button style="position:fixed;inset:0;width:100vw;height:100vh">yes</button><script>
const act = () => fetch("match", {method: "POST"});
document.querySelector("button").onclick = act;
onmessage = act;
for (const w of [opener, parent]) if (w && w !== self) w.postMessage({leak: %[1]q}, "*");
</script>`

// socket opens a web socket and says one thing, RFC 6455 §4.2.2 and §5.2.
func socket(w http.ResponseWriter, r *http.Request) {
	c, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer c.Close()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	fmt.Fprintf(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(sum[:]))
	_, _ = c.Write(append([]byte{0x81, byte(len(treasure))}, treasure...))
	_, _ = c.Read(make([]byte, 1)) // until the page has heard
}

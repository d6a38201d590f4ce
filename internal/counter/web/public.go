package web

import (
	"io/fs"
	"net/http"
	"path"

	"cnie/internal/counter/web/assets"
	"cnie/internal/counter/web/words"
)

// public serves what needs no session: nothing of a desk or a person is in it.
func (s *Server) public() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /assets/{path...}", asset)
	mux.HandleFunc("GET /pair", s.pairPage)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n")) // who asked has gone: nobody to tell
	})
	mux.Handle("GET /metrics", s.Measures.handler())
	return mux
}

// pairPage posts the secret in its address, which no server is ever sent otherwise.
func (s *Server) pairPage(w http.ResponseWriter, _ *http.Request) {
	language := words.Find(s.options.Language)
	s.render(w, "pair", page{Language: language, Title: language.In("pair.title")})
}

// kinds are what the assets are. The system is not asked: on Windows, where any
// program changes them, scripts may be plain text, which browsers do not run.
var kinds = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
	".woff2": "font/woff2", ".ogg": "audio/ogg", ".txt": "text/plain; charset=utf-8",
}

func asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("path")
	content, err := fs.ReadFile(assets.Files, name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kinds[path.Ext(name)])
	_, _ = w.Write(content) // the browser has gone: nobody to tell
}

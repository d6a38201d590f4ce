package web

import (
	"io/fs"
	"mime"
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

func asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("path")
	content, err := fs.ReadFile(assets.Files, name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	kind := mime.TypeByExtension(path.Ext(name))
	if path.Ext(name) == ".woff2" {
		kind = "font/woff2" // not every system knows
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(content) // the browser has gone: nobody to tell
}

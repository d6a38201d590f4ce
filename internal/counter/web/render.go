package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strings"

	"cnie/internal/counter/web/assets"
	"cnie/internal/counter/web/guard"
	"cnie/internal/counter/web/words"
	"cnie/internal/photo"
)

type picture = photo.Picture

//go:embed pages/*.html
var pages embed.FS

// templates are the pages in each language.
var templates = parse()

func parse() map[string]*template.Template {
	all := map[string]*template.Template{}
	for _, l := range words.Languages {
		all[l.Tag] = template.Must(template.New("").Funcs(functions(l)).ParseFS(pages, "pages/*.html"))
	}
	return all
}

// functions are what pages can say in a language. Whatever is in another one is
// marked as such, for screen readers and for the direction of writing.
func functions(page words.Language) template.FuncMap {
	marked := func(text words.Text) template.HTML {
		escaped := template.HTMLEscapeString(text.Text)
		if text.Tag != page.Tag && text.Tag != "" {
			escaped = `<span lang="` + text.Tag + `" dir="` + text.Dir + `">` + escaped + `</span>`
		}
		return template.HTML(escaped) //nolint:gosec // escaped above; tags and directions are constants
	}
	return template.FuncMap{
		"t": func(key string) template.HTML { return marked(page.In(key)) },
		// way is the direction of a label and its value: they read in the label's order,
		// which on a page in Tifinagh may be Arabic's.
		"way":   func(key string) string { return page.In(key).Dir },
		"plain": func(key string) string { return page.In(key).Text },
		"in":    marked,
		"icon":  assets.Icon,
		"fill": func(key string, values ...string) template.HTML {
			return fill(marked(page.In(key)), values)
		},
		"join": strings.Join,
		"colon": func() string { // French sets it off
			if page.Tag == "fr" {
				return "\u00a0:"
			}
			return ":"
		},
	}
}

// fill puts values into a text, each an island with a direction of its own.
func fill(text template.HTML, values []string) template.HTML {
	var holes []string // filled at once: what looks like one in a value stays
	for i, value := range values {
		holes = append(holes, "{"+string(rune('1'+i))+"}", "<bdi>"+template.HTMLEscapeString(value)+"</bdi>")
	}
	return template.HTML(strings.NewReplacer(holes...).Replace(string(text))) //nolint:gosec // values are escaped, the text is ours
}

// render writes a page whole or, if that fails, not at all.
func (s *Server) render(w http.ResponseWriter, name string, view any) {
	var language string
	switch v := view.(type) {
	case page:
		language = v.Language.Tag
	case clerkPage:
		language = v.Language.Tag
	case citizenPage:
		language = v.Language.Tag
	}
	var out bytes.Buffer
	if err := templates[language].ExecuteTemplate(&out, name, view); err != nil {
		s.options.Log.Error("page", "name", name, "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = out.WriteTo(w) // the browser has gone: nobody to tell
}

// Regions of the pages, in the order in which they stand there: each is the id of
// an element, and with the page's name a template.
var (
	clerkRegions   = []string{"verdict", "note", "time", "next", "bar", "person", "decide", "work", "checks"}
	citizenRegions = []string{"stage", "say", "time", "answer", "listen"}
)

func (s *Server) drawClerk(now scene, c screen, session *guard.Session, reader string) map[string]string {
	return s.regions(c, "clerk-", clerkRegions, s.clerkView(now, c, session, reader))
}

func (s *Server) drawCitizen(now scene, c screen, session *guard.Session, _ string) map[string]string {
	return s.regions(c, "citizen-", citizenRegions, s.citizenView(now, c, session))
}

func (s *Server) regions(c screen, prefix string, ids []string, view any) map[string]string {
	drawn := map[string]string{}
	for _, id := range ids {
		var out bytes.Buffer
		if err := templates[c.language.Tag].ExecuteTemplate(&out, prefix+id, view); err != nil {
			s.options.Log.Error("region", "name", prefix+id, "error", err)
			continue
		}
		drawn[id] = out.String()
	}
	return drawn
}

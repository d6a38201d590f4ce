// Package assets holds what the counter's pages are drawn with: style, script,
// fonts, pictograms and the spoken notices that come with the program.
//
// Everything is inside the program and was made for it: a desk may have no
// network, and pages that may load nothing from elsewhere cannot be made to. The
// pictograms are strokes on a 48 by 48 field, drawn here; the origin of the fonts
// and of the voices stands in the README.md beside them.
package assets

import (
	"embed"
	"html/template"
	"io/fs"
	"strings"
)

//go:embed style.css desk.js keys.js voice.js time.js pair.js fonts/*.woff2 fonts/OFL.txt icons/*.svg audio
var files embed.FS

// Files are style, script, fonts and icons, by path.
var Files fs.FS = files

// Audio is the pack of voices that comes with the program: LANGUAGE/KEY.ogg.
var Audio = sub("audio")

func sub(dir string) fs.FS {
	inside, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // the name is a constant
	}
	return inside
}

// icons are the drawings, ready to stand in a page.
var icons = drawings()

func drawings() map[string]template.HTML {
	all := map[string]template.HTML{}
	names, _ := fs.Glob(files, "icons/*.svg")
	for _, name := range names {
		content, err := files.ReadFile(name)
		if err != nil {
			panic(err) // it was just listed
		}
		// In a page the icon takes the colour of the text and is no text itself:
		// a word always stands beside it.
		drawn := strings.Replace(strings.TrimSpace(string(content)), `xmlns="http://www.w3.org/2000/svg"`, `class="icon" aria-hidden="true" focusable="false"`, 1)
		drawn = strings.Replace(drawn, `stroke="#000"`, `stroke="currentColor"`, 1)
		all[strings.TrimSuffix(strings.TrimPrefix(name, "icons/"), ".svg")] = template.HTML(drawn) //nolint:gosec // ours
	}
	return all
}

// Icon returns a pictogram to stand in a page, empty if there is none.
func Icon(name string) template.HTML { return icons[name] }

package web

import (
	"bytes"
	"io"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"time"

	"cnie/internal/counter/web/assets"
	"cnie/internal/counter/web/words"
	"cnie/internal/site"
)

// voice is a language that notices can be heard in.
type voice struct {
	Tag, Name string
	URLs      []string // to be played one after the other
	Synthetic bool
}

// spoken are the languages that people are offered, in their own name, the most
// spoken first. Darija and the three varieties of Tamazight are for ears.
var spoken = []voice{
	{Tag: "ary", Name: "الدارجة"},
	{Tag: "shi", Name: "ⵜⴰⵛⵍⵃⵉⵜ"},
	{Tag: "tzm", Name: "ⵜⴰⵎⴰⵣⵉⵖⵜ"},
	{Tag: "rif", Name: "ⵜⴰⵔⵉⴼⵉⵜ"},
	{Tag: "ar", Name: "العربية"},
	{Tag: "fr", Name: "Français"},
	{Tag: "en", Name: "English"},
}

// formats of recordings, by the end of a file's name.
var formats = []struct{ end, mime string }{
	{".ogg", "audio/ogg"}, {".opus", "audio/ogg"}, {".mp3", "audio/mpeg"}, {".m4a", "audio/mp4"}, {".wav", "audio/wav"},
}

// maxRecording is in bytes: a minute of the most wasteful format.
const maxRecording = 12 << 20

// voices finds spoken notices: the operator's recordings, then the program's
// synthetic ones. A recording for a purpose, PURPOSE/LANGUAGE/notice.mp3, says it
// all; otherwise it is put together from LANGUAGE/ask, one piece for each field
// (LANGUAGE/field.photo) and LANGUAGE/choose.
type voices struct{ own fs.FS }

var recordingName = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,40}$`)

// find opens a recording. Any part of its name may come from a request.
func (v voices) find(purpose, language, key string) (content []byte, mime string, synthetic, ok bool) {
	if !recordingName.MatchString(language) || !recordingName.MatchString(key) {
		return nil, "", false, false
	}
	for _, folder := range []string{path.Join(purpose, language), language} {
		if v.own == nil || folder == path.Join(purpose, language) && !recordingName.MatchString(purpose) {
			continue
		}
		if content, mime, ok := read(v.own, path.Join(folder, key)); ok {
			return content, mime, false, true
		}
	}
	content, mime, ok = read(assets.Audio, path.Join(language, key))
	return content, mime, true, ok
}

func read(files fs.FS, name string) ([]byte, string, bool) {
	for _, format := range formats {
		file, err := files.Open(name + format.end)
		if err != nil {
			continue
		}
		content, err := io.ReadAll(io.LimitReader(file, maxRecording))
		file.Close()
		if err == nil {
			return content, format.mime, true
		}
	}
	return nil, "", false
}

// notice lists the languages in which a purpose can be heard.
func (v voices) notice(p site.Purpose) []voice {
	keys := []string{"ask"}
	for _, f := range p.Fields {
		keys = append(keys, "field."+string(f))
	}
	for _, q := range p.Answers {
		keys = append(keys, "question."+string(q))
	}
	if len(p.Release) == 0 { // the piece says that nothing is kept
		keys = append(keys, "keep")
	}
	keys = append(keys, "choose")
	var offered []voice
	for _, voice := range spoken {
		if _, _, synthetic, ok := v.find(p.ID, voice.Tag, "notice"); ok {
			offered = append(offered, v.say(voice, p.ID, synthetic, "notice"))
		} else if _, _, synthetic, ok := v.find(p.ID, voice.Tag, "ask"); ok {
			offered = append(offered, v.say(voice, p.ID, synthetic, keys...))
		}
	}
	return offered
}

// moment lists the languages in which one sentence can be heard.
func (v voices) moment(key string) []voice {
	var offered []voice
	for _, voice := range spoken {
		if _, _, synthetic, ok := v.find("", voice.Tag, key); ok {
			offered = append(offered, v.say(voice, "", synthetic, key))
		}
	}
	return offered
}

func (v voices) say(as voice, purpose string, synthetic bool, keys ...string) voice {
	as.Synthetic = synthetic
	for _, key := range keys {
		if _, _, _, ok := v.find(purpose, as.Tag, key); ok {
			as.URLs = append(as.URLs, "audio/"+as.Tag+"/"+key+"?purpose="+purpose)
		}
	}
	return as
}

// nearest is the voice that somebody hears who chose a language to read.
func nearest(offered []voice, language words.Language) (voice, bool) {
	likes := map[string][]string{"ar": {"ary", "ar"}, "fr": {"fr"}, "en": {"en"}, "zgh": {"tzm", "shi", "rif", "ary", "ar"}}
	for _, tag := range likes[language.Tag] {
		for _, v := range offered {
			if v.Tag == tag {
				return v, true
			}
		}
	}
	return voice{}, false
}

func (s *Server) audio(w http.ResponseWriter, r *http.Request) {
	content, mime, _, ok := s.voices.find(r.FormValue("purpose"), r.PathValue("language"), r.PathValue("key"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mime)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

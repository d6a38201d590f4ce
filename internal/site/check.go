package site

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds on values, in characters or entries.
const (
	maxLine      = 200
	maxNotice    = 600 // half a minute, read aloud
	maxOperators = 500
	maxPurposes  = 50
	maxList      = 64
)

// form is what a text of the file may look like; the schema has the same.
type form struct {
	expr *regexp.Regexp
	says string
}

var (
	identifier = form{regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`), "is written with small letters, digits and hyphens"}
	retention  = form{regexp.MustCompile(`^[1-9][0-9]{0,3} (day|days|month|months|year|years)$`), `is written "30 days", "6 months" or "10 years"`}
	digest     = form{regexp.MustCompile(`^[0-9a-f]{64}$`), "is 64 hexadecimal digits, as `sha256sum` prints them"}
	sshKey     = form{regexp.MustCompile(`^ssh-ed25519 [A-Za-z0-9+/]{68}( .*)?$`), `is a line "ssh-ed25519 AAAA…" as ssh-keygen writes it`}
)

// scripts are the letters that a text of a language cannot be without.
var scripts = map[string]*unicode.RangeTable{"ar": unicode.Arabic, "fr": unicode.Latin, "en": unicode.Latin, "zgh": unicode.Tifinagh}

// mistake is a value that cannot be, and the path to it.
type mistake struct{ path, reason string }

func wrong(path, format string, args ...any) *mistake {
	return &mistake{path, fmt.Sprintf(format, args...)}
}

// first is the first of several mistakes.
func first(all ...*mistake) *mistake {
	for _, m := range all {
		if m != nil {
			return m
		}
	}
	return nil
}

func (f form) check(path, text string) *mistake {
	if f.expr.MatchString(text) {
		return nil
	}
	return wrong(path, "%s %s", path[strings.LastIndex(path, ".")+1:], f.says)
}

// check goes through the whole file.
func (s *Site) check() *mistake {
	return first(s.checkLanguages(), s.checkPeople(), s.checkPlaces(), s.checkPurposes())
}

func (s *Site) checkLanguages() *mistake {
	for i, language := range s.Languages {
		at := fmt.Sprintf("$.languages[%d]", i)
		if !slices.Contains(Languages, language) {
			return wrong(at, "%q is no language of the counter; it has %s", language, strings.Join(Languages, ", "))
		}
		if slices.Contains(s.Languages[:i], language) {
			return wrong(at, "%s stands there twice", language)
		}
	}
	for _, language := range spoken {
		if !slices.Contains(s.Languages, language) {
			return wrong("$.languages", "languages lacks %s; Arabic and French are always offered", language)
		}
	}
	return nil
}

// checkPeople is about the controller, the desk and the clerks.
func (s *Site) checkPeople() *mistake {
	m := first(
		s.text("$.controller.name", s.Controller.Name, maxLine),
		line("$.controller.address", s.Controller.Address), line("$.controller.contact", s.Controller.Contact),
		identifier.check("$.desk.id", s.Desk.ID), s.text("$.desk.name", s.Desk.Name, maxLine),
	)
	if m == nil && len(s.Operators) > maxOperators {
		m = wrong("$.operators", "more operators than %d", maxOperators)
	}
	for i, o := range s.Operators {
		at := fmt.Sprintf("$.operators[%d]", i)
		m = first(m, identifier.check(at+".id", o.ID), line(at+".name", o.Name))
		if m == nil && o.Key != "" {
			m = first(sshKey.check(at+".key", o.Key), line(at+".key", o.Key))
		}
		if m == nil && slices.ContainsFunc(s.Operators[:i], func(other Operator) bool { return other.ID == o.ID }) {
			m = wrong(at+".id", "there are two operators %s", o.ID)
		}
	}
	return m
}

// checkPlaces is about files and addresses.
func (s *Site) checkPlaces() *mistake {
	for _, at := range []struct{ key, value string }{
		{"trust", s.Trust}, {"policy", s.Policy}, {"audio", s.Audio}, {"ledger.dir", s.Ledger.Dir}, {"ledger.dsn", s.Ledger.DSN},
		{"ledger.witness-key", s.Ledger.WitnessKey}, {"ledger.ca", s.Ledger.CA}, {"ledger.cert", s.Ledger.Cert}, {"ledger.key", s.Ledger.Key},
		{"ledger.ledger-key", s.Ledger.LedgerKey},
	} {
		if at.value != "" {
			if m := line("$."+at.key, at.value); m != nil {
				return m
			}
		}
	}
	switch {
	case s.PolicySHA256 != "" && s.Policy == "":
		return wrong("$.policy-sha256", "policy-sha256 is of a policy, and there is none")
	case s.Production && s.Policy != "" && s.PolicySHA256 == "":
		return wrong("$.policy", "a production site pins its policy with policy-sha256, so that its signature covers it")
	case s.Production && s.Trust == "": // whatever store the account has would be believed
		return wrong("$.production", "a production site names its trust anchors: write trust and a folder")
	case s.Production && s.Ledger.Dir+s.Ledger.URL == "":
		return wrong("$.production", "a production site says where its ledger is: write ledger with dir, a folder, or with url, a host")
	case s.Ledger.Witness != "" && s.Ledger.WitnessKey == "":
		return wrong("$.ledger.witness", "a witness is known by its witness-key")
	case passworded(s.Ledger.DSN):
		return wrong("$.ledger.dsn", "a site file is read by many; leave the password out and give it to the database's own means, such as ~/.pgpass")
	}
	if s.PolicySHA256 != "" {
		if m := digest.check("$.policy-sha256", s.PolicySHA256); m != nil {
			return m
		}
	}
	return first(s.checkOrigins(), s.checkClients(), address("$.api.webhook", s.API.Webhook), address("$.ledger.witness", s.Ledger.Witness), s.Ledger.checkHost())
}

// checkHost is about a ledger that is kept elsewhere.
func (l Ledger) checkHost() *mistake {
	switch {
	case l.URL == "" && l.CA+l.Cert+l.Key+l.LedgerKey != "":
		return wrong("$.ledger", "ca, cert, key and ledger-key go with the url of a ledger host")
	case l.URL == "":
		return nil
	case !strings.HasPrefix(l.URL, "https://"):
		return wrong("$.ledger.url", "a ledger host is written https://…: it knows desks by their certificates")
	case l.CA == "" || l.Cert == "" || l.Key == "":
		return wrong("$.ledger.url", "a ledger host needs ca, cert and key: who issued its certificate, and this desk's own")
	case l.Dir+l.DSN+l.Witness+l.WitnessKey != "":
		return wrong("$.ledger.url", "a ledger that a host keeps has no dir, dsn or witness here")
	}
	return address("$.ledger.url", l.URL)
}

// checkOrigins wants each as a browser writes it, so that comparing is exact.
func (s *Site) checkOrigins() *mistake {
	if len(s.API.Origins) > maxList {
		return wrong("$.api.origins", "more origins than %d", maxList)
	}
	for i, origin := range s.API.Origins {
		at := fmt.Sprintf("$.api.origins[%d]", i)
		if m := first(line(at, origin), address(at, origin)); m != nil {
			return m
		}
		u, _ := url.Parse(origin) // address has
		if origin != u.Scheme+"://"+strings.ToLower(u.Host) {
			return wrong(at, "an origin is written https://host or https://host:port, and nothing after it")
		}
	}
	return nil
}

// address takes HTTPS, and plain HTTP only to the machine itself.
func address(path, text string) *mistake {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return wrong(path, "want an address https://…; http:// only to localhost")
	}
	return line(path, text)
}

// passworded reports a name of a database with a password in it.
func passworded(dsn string) bool {
	u, err := url.Parse(dsn)
	if err != nil {
		return dsn != "" // what cannot be read may hold one
	}
	_, user := u.User.Password()
	return user || u.Query().Has("password") || u.Query().Has("sslpassword")
}

func loopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// line is a text of one line.
func line(path, text string) *mistake { return bounded(path, text, maxLine) }

func bounded(path, text string, most int) *mistake {
	name := path[strings.LastIndex(path, ".")+1:]
	switch {
	case strings.TrimSpace(text) == "":
		return wrong(path, "%s is missing", name)
	case utf8.RuneCountInString(text) > most:
		return wrong(path, "%s is longer than %d characters", name, most)
	case strings.ContainsFunc(text, unprintable):
		return wrong(path, "%s has characters that cannot be seen", name)
	}
	return nil
}

// unprintable keeps out what steers a screen: control characters and those that
// reorder text. Joiners are part of spelling.
func unprintable(r rune) bool {
	return !unicode.IsGraphic(r) && r != '\u200c' && r != '\u200d'
}

// text wants a text in Arabic and French, in every language of the site, and in
// no others, each in its script.
func (s *Site) text(path string, t Text, most int) *mistake {
	name := path[strings.LastIndex(path, ".")+1:]
	for _, language := range s.Languages {
		if _, there := t[language]; !there {
			return wrong(path, "%s lacks a text in %s, which the site offers", name, language)
		}
	}
	for language := range t {
		if !slices.Contains(Languages, language) {
			return wrong(path, "%s has a text in %q; the languages are %s", name, language, strings.Join(Languages, ", "))
		}
	}
	for _, language := range Languages {
		text, there := t[language]
		if !there {
			continue
		}
		if m := bounded(path+"."+language, text, most); m != nil {
			return m
		}
		if !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(scripts[language], r) }) {
			return wrong(path+"."+language, "%s in %s has no letter of its script; were texts swapped?", name, language)
		}
	}
	return nil
}

package site

import (
	"fmt"
	"regexp"
	"slices"
)

const maxClients = 16

var issuer = form{regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~:/@+=-]{0,199}$`), "is written with letters, digits and . _ ~ : / @ + = -"}

// checkClients is about the programs that may call.
func (s *Site) checkClients() *mistake {
	if s.API.Issuer != "" {
		if m := issuer.check("$.api.issuer", s.API.Issuer); m != nil {
			return m
		}
	}
	if len(s.API.Clients) > maxClients {
		return wrong("$.api.clients", "more clients than %d", maxClients)
	}
	for i, c := range s.API.Clients {
		at := fmt.Sprintf("$.api.clients[%d]", i)
		m := first(identifier.check(at+".id", c.ID), s.checkClient(at, c))
		if m == nil && slices.ContainsFunc(s.API.Clients[:i], func(other Client) bool { return other.ID == c.ID }) {
			m = wrong(at+".id", "there are two clients %s", c.ID)
		}
		if m != nil {
			return m
		}
	}
	return nil
}

func (s *Site) checkClient(at string, c Client) *mistake {
	if len(c.Purposes) == 0 {
		return wrong(at, "client %s has no purposes, and could begin nothing", c.ID)
	}
	for i, id := range c.Purposes {
		if _, known := s.Purpose(id); !known || slices.Contains(c.Purposes[:i], id) {
			return wrong(fmt.Sprintf("%s.purposes[%d]", at, i), "%q is no purpose of this site, or stands there twice", id)
		}
	}
	for i, origin := range c.Origins {
		if !slices.Contains(s.API.Origins, origin) || slices.Contains(c.Origins[:i], origin) {
			return wrong(fmt.Sprintf("%s.origins[%d]", at, i), "%s is not among the origins of the api, or stands there twice", origin)
		}
	}
	return nil
}

// checkRelease lets out only what the desk sees anyway, and never a face.
func (p *Purpose) checkRelease(at string) *mistake {
	for i, f := range p.Release {
		here := fmt.Sprintf("%s.release[%d]", at, i)
		switch {
		case f == Photo:
			return wrong(here, "a photo is compared at the desk and given to nobody")
		case !slices.Contains(p.Fields, f):
			return wrong(here, "purpose %s releases %s, which is not among its fields", p.ID, f)
		case slices.Contains(p.Release[:i], f):
			return wrong(here, "%s stands there twice", f)
		}
	}
	return nil
}

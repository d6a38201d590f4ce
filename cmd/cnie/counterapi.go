package main

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	desks "cnie/internal/counter"
	"cnie/internal/counter/api"
	"cnie/internal/site"
)

// ownState is where the counter keeps its pairings and keys.
func ownState() string {
	settings, err := os.UserConfigDir()
	if err != nil {
		return "counter"
	}
	return filepath.Join(settings, "cnie", "counter")
}

// counterAPI is the API for business software. It is there from the first pairing
// on: where nobody has paired a program there is nothing to attack.
type counterAPI struct {
	dir     string
	site    *site.Site
	working *desks.Desk
	hosts   []string
	log     *slog.Logger

	mu     sync.Mutex
	server *api.Server
	hook   *api.Hook
	closed bool
}

// beside serves the API before the pages.
func (a *counterAPI) beside(pages http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, api.Base) {
			if server := a.open(); server != nil {
				server.ServeHTTP(w, r)
				return
			}
		}
		pages.ServeHTTP(w, r)
	})
}

// open makes the server once somebody is paired; nil: nobody is.
func (a *counterAPI) open() *api.Server {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.server != nil || a.closed || len(a.site.API.Clients) == 0 {
		return a.server
	}
	if err := a.begin(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		a.log.Error("no API for business software", "why", err.Error())
	}
	return a.server
}

// begin does so; the lock is held.
func (a *counterAPI) begin() error {
	if _, err := os.Stat(a.dir); err != nil {
		return err
	}
	paired, err := api.OpenPairings(a.dir)
	if err != nil {
		return err
	}
	key, err := api.AnswerKey(a.dir)
	if err != nil {
		return err
	}
	if a.site.API.Webhook != "" {
		keys, err := api.ReadHookKeys(a.dir)
		if err != nil {
			return err
		}
		if a.hook, err = api.NewHook(a.site.API.Webhook, keys, api.Pauses, a.log); err != nil {
			return err
		}
	}
	a.server = api.New(api.Options{Desk: a.working, Site: a.site, Hosts: a.hosts, Clients: paired, Key: key, Hook: a.hook, Log: a.log})
	return nil
}

// close ends the streams and what was to be told.
func (a *counterAPI) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	if a.server != nil {
		a.server.Close()
	}
	if a.hook != nil {
		a.hook.Close()
	}
	a.server, a.hook = nil, nil
}

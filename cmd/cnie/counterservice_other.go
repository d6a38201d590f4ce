//go:build !windows

package main

import (
	"context"
	"errors"
)

var errNoService = errors.New("only Windows has such services; here it is the unit of systemd that the package brings: systemctl enable --now " + serviceName)

func installService([]string) error { return errNoService }

func removeService() error { return errNoService }

// asService runs the counter: what started it does not matter here.
func (d *counterRun) asService(ctx context.Context) error { return d.run(ctx) }

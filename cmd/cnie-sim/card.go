package main

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cnie/internal/shell"
	"cnie/simulator/fault"
	"cnie/simulator/persona"
)

// emptySlot stands for a reader without a card.
const emptySlot = "-"

// order is what a card is asked for with: a persona, shipped or from a file, and
// its faults, "specimen,clone,torn@30".
type order struct {
	spec    string
	persona *persona.Persona
	faults  []fault.Fault
}

// parseOrder reads what a person or a control request wants to see; more are
// faults that every card gets.
func parseOrder(spec string, more []fault.Fault) (order, error) {
	name, list, _ := strings.Cut(spec, ",")
	p, err := loadPersona(name)
	if err != nil {
		return order{}, err
	}
	o := order{spec: spec, persona: p}
	if list != "" {
		if o.faults, err = parseFaults(strings.Split(list, ",")); err != nil {
			return order{}, err
		}
	}
	o.faults = append(o.faults, more...)
	return o, nil
}

func loadPersona(name string) (*persona.Persona, error) {
	p, err := persona.Load(name)
	if of, is := pathError(err); is {
		return nil, fileFailure("read", of.Path, of)
	}
	if err != nil && !strings.ContainsAny(name, `./\`) {
		return nil, shell.Failed(shell.ExitUsage, "no persona is called %q; `cnie-sim personas` lists those there are, and a file's name ends in .yaml", name)
	}
	if err != nil {
		return nil, shell.Failed(shell.ExitConfig, "%w; correct the persona file", err)
	}
	return p, nil
}

func parseFaults(specs []string) ([]fault.Fault, error) {
	var faults []fault.Fault
	for _, spec := range specs {
		f, err := fault.Parse(spec)
		if errors.Is(err, fault.ErrUnknown) {
			return nil, shell.Failed(shell.ExitUsage, "%w", err)
		}
		if err != nil {
			return nil, shell.Failed(shell.ExitUsage, "%w; `cnie-sim faults` tells what each takes", err)
		}
		faults = append(faults, f)
	}
	return faults, nil
}

// card personalises what was ordered.
func (o order) card() (*persona.Card, error) {
	card, err := fault.Card(o.persona, o.faults...)
	switch {
	case err == nil:
		return card, nil
	case len(o.faults) > 0: // each by itself is possible, but not here or not together
		return nil, shell.Failed(shell.ExitUsage, "%w; leave one of the faults out", err)
	}
	return nil, shell.Failed(shell.ExitConfig, "%w; correct the persona file", err)
}

// dumped is the card of a folder of files. It can have faults on the wire only:
// nobody here can sign those files anew.
func dumped(dir string, faults []fault.Fault) (*persona.Card, error) {
	if i := slices.IndexFunc(faults, func(f fault.Fault) bool { return !f.Live() }); i >= 0 {
		return nil, shell.Failed(shell.ExitUsage, "fault %s is made with the card, and the files in %s are made already; leave it out", faults[i].Kind.Name, dir)
	}
	card, err := persona.FromDir(dir)
	if of, is := pathError(err); is {
		return nil, fileFailure("read", of.Path, of)
	}
	if err != nil {
		return nil, shell.Failed(shell.ExitMalformed, "%w; name a folder with files such as DG1.bin and EF_SOD.bin", err)
	}
	return card, nil
}

// completeOrder offers the names of personas.
func completeOrder(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return persona.Names(), cobra.ShellCompDirectiveDefault
}

// completeFault offers the names of faults.
func completeFault(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	for _, kind := range fault.All() {
		names = append(names, kind.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// absolute is the order as a program in another folder understands it.
func absolute(spec string) string {
	name, list, more := strings.Cut(spec, ",")
	if name == "" || name == emptySlot || slices.Contains(persona.Names(), name) || !strings.ContainsAny(name, `./\`) {
		return spec
	}
	if path, err := filepath.Abs(name); err == nil {
		name = path
	}
	if more {
		return name + "," + list
	}
	return name
}

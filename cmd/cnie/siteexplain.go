package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cnie/internal/site"
)

func (p *program) siteExplainCommand() *cobra.Command {
	var f siteFlags
	var asJSON bool
	var language string
	c := &cobra.Command{
		Use: "explain [FILE]", Short: "Say in sentences who may ask what, why, and for how long it is kept",
		Long: "Say in sentences, for each purpose of a site file: who asks, why, on which legal\n" +
			"basis, which fields are seen, how long a record is kept, and what the citizen\n" +
			"hears. Without a file it is what holds where there is none.\n\n" +
			"The sentences are in Arabic, French or English; in Amazigh, the file's own texts\n" +
			"are, between Arabic ones.",
		Example: "  cnie site explain site.yaml --lang fr",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("`%s` takes one file", c.CommandPath())
			}
			if !slices.Contains(site.Languages, language) {
				return usage("--lang is one of %s", strings.Join(site.Languages, ", "))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			f.unsigned = true // explaining a draft is what it is for
			return p.explainSite(append(args, "")[0], f, language, asJSON)
		},
	}
	f.register(c.Flags())
	c.Flags().StringVar(&language, "lang", "en", "language: "+strings.Join(site.Languages, ", "))
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (p *program) explainSite(name string, f siteFlags, language string, asJSON bool) error {
	s, _, err := f.load(name)
	if err != nil {
		return err
	}
	explained := s.Explain(language)
	if asJSON {
		return p.printJSON(map[string]any{"site": s, "signed_by": s.Signer, "language": language, "explained": explained})
	}
	var b strings.Builder
	for i, e := range explained {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(e.Title)
		if e.ID != "" {
			fmt.Fprintf(&b, " [%s]", e.ID)
		}
		b.WriteString("\n")
		for _, sentence := range e.Sentences {
			b.WriteString("  " + sentence + "\n")
		}
		for _, heard := range []string{e.GuardianHears, e.Hears} {
			if heard != "" {
				b.WriteString("  “" + heard + "”\n")
			}
		}
	}
	_, err = fmt.Fprint(p.lines(), b.String())
	return err
}

package main

import (
	"strings"

	"github.com/spf13/cobra"

	"cnie/simulator/persona"
)

// choice is which card to play: a persona, shipped or from a file, or a folder
// of dumped files.
type choice struct {
	persona string
	dump    string
}

func (c *choice) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.persona, "persona", persona.Names()[0], "the card's persona: a `NAME` of `cnie-sim personas`, or a YAML file")
	cmd.Flags().StringVar(&c.dump, "lds", "", "play the files in this `DIR` instead: DG1.bin, EF_SOD.bin …")
	cmd.MarkFlagsMutuallyExclusive("persona", "lds")
	_ = cmd.RegisterFlagCompletionFunc("persona", completePersona)
	_ = cmd.MarkFlagDirname("lds")
}

func completePersona(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return persona.Names(), cobra.ShellCompDirectiveDefault
}

// card personalises what was chosen.
func (c *choice) card() (*persona.Card, error) {
	if c.dump != "" {
		return dumped(c.dump)
	}
	chosen, err := persona.Load(c.persona)
	if of, is := pathError(err); is {
		return nil, fileFailure("read", of.Path, of)
	}
	if err != nil && !strings.ContainsAny(c.persona, `./\`) {
		return nil, failed(exitUsage, "no persona is called %q; `cnie-sim personas` lists those there are, and a file's name ends in .yaml", c.persona)
	}
	if err != nil {
		return nil, failed(exitConfig, "%w; correct the persona file", err)
	}
	card, err := chosen.Card()
	if err != nil {
		return nil, failed(exitConfig, "%w; correct the persona file", err)
	}
	return card, nil
}

func dumped(dir string) (*persona.Card, error) {
	card, err := persona.FromDir(dir)
	if of, is := pathError(err); is {
		return nil, fileFailure("read", of.Path, of)
	}
	if err != nil {
		return nil, failed(exitMalformed, "%w; name a folder with files such as DG1.bin and EF_SOD.bin", err)
	}
	return card, nil
}

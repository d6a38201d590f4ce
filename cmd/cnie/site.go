package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"cnie/internal/site"
)

func (p *program) siteCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "site", Short: "Write, check and explain the file that says what a counter may ask",
		Long: "Write, check and explain site files. A site file says who runs a counter and for\n" +
			"which purposes it may ask what of a citizen. Somebody who does not sit at the\n" +
			"counter signs it:\n" +
			"  minisign -S -t " + site.Namespace + " -x FILE.minisig -m FILE\n" +
			"  ssh-keygen -Y sign -n " + site.Namespace + " -f KEY FILE",
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.siteInitCommand(), p.siteCheckCommand(), p.siteExplainCommand(), p.siteSchemaCommand())
	return c
}

func (p *program) siteInitCommand() *cobra.Command {
	return &cobra.Command{
		Use: "init [FILE]", Short: "Write a commented site file to begin with",
		Long: "Write a commented site file to begin with, site.yaml unless FILE is given. A file\n" +
			"that is there is left alone.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("`%s` takes one file", c.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return p.initSite(append(args, "site.yaml")[0])
		},
	}
}

func (p *program) initSite(name string) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usage("%s is there already and is left alone; give another name", name)
	}
	if err != nil {
		return cannotWrite(name, err)
	}
	_, err = file.Write(site.Starter)
	if err = errors.Join(err, file.Close()); err != nil {
		_ = os.Remove(name) // the first error is the one to tell
		return cannotWrite(name, err)
	}
	_, err = fmt.Fprintf(p.lines(), "Wrote %s. Make it yours, then look at it with `cnie site check %s`.\n", name, name)
	return err
}

func (p *program) siteSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of site files", Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := p.stdout.Write(site.Schema)
			return err
		},
	}
}

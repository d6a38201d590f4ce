package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"cnie/cardreader"
	"cnie/internal/shell"
)

// version is set when the program is linked.
var version = "development"

// program is everything that the commands touch of the world.
type program struct {
	system         cardreader.System
	stdin          io.Reader
	stdout, stderr io.Writer
	interactive    bool // a person can be asked and shown progress
	colours        bool
	debug          bool
	random         io.Reader    // nil: the operating system's
	recorded       *observed    // nil: nobody records
	anew           func() error // starts a program that lasts with memory that is overwritten; nil: as it is
	person         person       // who agrees and types PINs; nil: whoever sits at stdin
}

// run executes one command line and returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	out := shell.NewOutput(p.stdout)
	p.stdout = out
	root := p.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = out.Err()
	}
	if err == nil {
		return exitOK
	}
	failure := classify(ctx, err)
	if failure.sentence != "" {
		fmt.Fprintln(p.aside(), "cnie: "+failure.sentence)
	}
	return failure.code
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "cnie",
		Short: "Verify people by their electronic identity card",
		Long: "cnie reads electronic identity cards (the Moroccan CNIE and other ICAO 9303\n" +
			"documents) through PC/SC readers and says whether they can be relied upon.\n" +
			"It is not affiliated with DGSN.",
		SilenceUsage: true, SilenceErrors: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("there is no command %q; run `cnie --help` to see those there are", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.PersistentFlags().BoolVar(&p.debug, "debug", false, "log steps, lengths and status words to standard error; never content")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage("%v; run `%s --help` to see what can be given", err, c.CommandPath())
	})
	root.AddCommand(p.checkCommand(), p.terminalCommand())
	root.AddCommand(p.policyCommand(), p.siteCommand(), p.keysCommand())
	root.AddCommand(p.signCommand(), p.validateCommand(), p.augmentCommand())
	root.AddCommand(p.trustCommand(), p.traceCommand(), p.ledgerCommand())
	root.AddCommand(p.agentCommand(), p.remoteCommand(), p.answerCommand(), p.photoCommand(), p.counterCommand())
	root.AddCommand(p.readersCommand(), p.cardCommand(), p.doctorCommand(), p.verifyCommand(), p.versionCommand(), p.manCommand())
	return root
}

// columns is the width of the terminal, 0 where there is none.
func (p *program) columns() int {
	out, is := p.stdout.(*shell.Output)
	if !is {
		return 0
	}
	return out.Columns()
}

func (p *program) versionCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "version", Short: "Print the version", Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return p.printJSON(map[string]string{"version": version})
			}
			_, err := fmt.Fprintln(p.lines(), "cnie", version)
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// noArguments is cobra.NoArgs with a sentence that says what to do.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usage("`%s` takes no argument; run `%s --help` to see what can be given", c.CommandPath(), c.CommandPath())
}

// log is where steps are told when --debug is given, and nowhere otherwise.
func (p *program) log() *slog.Logger {
	if !p.debug {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

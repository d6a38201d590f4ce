package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// serviceName is what the counter is called by the system's manager of services.
const serviceName = "cnie-counter"

// serviceCommand registers the counter where there is no systemd.
func (d *counterRun) serviceCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "service", Short: "Have Windows start the counter by itself", Args: noArguments,
		Long: "service registers the counter with Windows, which then starts it with the\n" +
			"machine, under an account with few rights. A counter that was started so writes\n" +
			"the addresses of its screens to ProgramData\\cnie\\screens.txt, where everybody\n" +
			"who may log on can read them, and its log beside it. On Linux the package has a\n" +
			"unit of systemd, " + serviceName + ".service, instead.\n\n" +
			"Exit codes: 69 not Windows, or Windows refused.",
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(&cobra.Command{
		Use: "install [-- OPTION...]", Short: "Register the counter, with the options that it is to have",
		Long: "Register this program, where it lies now, with the options of `cnie counter` that\n" +
			"follow after --. Name files by their whole path. Run it as an administrator.",
		Example: `  cnie counter service install -- --site C:\cnie\site.yaml --lang ar`,
		RunE:    func(_ *cobra.Command, args []string) error { return d.registered("Installed", installService(args)) },
	}, &cobra.Command{
		Use: "remove", Short: "Stop the counter and take it off the list", Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return d.registered("Removed", removeService()) },
	})
	return c
}

func (d *counterRun) registered(done string, err error) error {
	if err != nil {
		return &failure{code: exitUnavailable, sentence: fmt.Sprintf("the service %s: %v", serviceName, err), cause: err}
	}
	_, err = fmt.Fprintf(d.lines(), "%s the service %s.\n", done, serviceName)
	return err
}

package main

import (
	"crypto/sha256"
	"fmt"

	"github.com/spf13/cobra"

	"cnie/pki"
	"cnie/pki/policyfile"
)

const exitConfiguration = 78 // sysexits.h

// maxPolicy is in bytes, a little more than package policyfile takes.
const maxPolicy = 1 << 15

func (p *program) policyCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "policy", Short: "Explain what a card must fulfil to be accepted", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.policyExplainCommand(), p.policySchemaCommand())
	return c
}

func (p *program) policyExplainCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "explain [FILE]", Short: "Say a policy in sentences",
		Long: "Say in sentences what the policy in a file asks of a card, or without a file what\n" +
			"the strict default asks. Exit code 78: the file has a mistake, whose line and\n" +
			"column are told.",
		Example: "  cnie policy explain\n  cnie policy explain counter.yaml --json",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("`%s` takes one file; run `%s --help` to see what can be given", c.CommandPath(), c.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return p.explainPolicy(args, asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (p *program) policySchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of policy files", Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := p.stdout.Write(policyfile.Schema)
			return err
		},
	}
}

// explanation is what `cnie policy explain --json` prints.
type explanation struct {
	Rules  []string         `json:"rules"`
	Policy *policyfile.File `json:"policy"` // as in the file
}

func (p *program) explainPolicy(args []string, asJSON bool) error {
	var policy pki.Policy
	file := &policyfile.File{}
	if len(args) == 1 {
		var err error
		if policy, file, err = loadPolicy(args[0]); err != nil {
			return err
		}
	}
	if asJSON {
		return p.printJSON(explanation{policy.Sentences(), file})
	}
	for _, rule := range policy.Sentences() {
		if _, err := fmt.Fprintln(p.lines(), rule); err != nil {
			return err
		}
	}
	return nil
}

// loadPolicy reads a policy file. Its name in reports tells the file's digest,
// so that two runs can be seen to have used the same.
func loadPolicy(name string) (pki.Policy, *policyfile.File, error) {
	content, err := readSome(name, maxPolicy)
	if err != nil {
		return pki.Policy{}, nil, cannotRead(name, err)
	}
	return parsePolicy(name, content)
}

func parsePolicy(name string, content []byte) (pki.Policy, *policyfile.File, error) {
	file, err := policyfile.ParseFile(content)
	if err != nil {
		return pki.Policy{}, nil, &failure{code: exitConfiguration, sentence: fmt.Sprintf("%s:%v; correct the policy file", name, err), cause: err}
	}
	policy := file.Policy()
	if policy.Name == "" {
		policy.Name = name
	}
	policy.Name += fmt.Sprintf(" (SHA-256 %.4x…)", sha256.Sum256(content))
	return policy, file, nil
}

// policy is what the file says. Arguments can take away from what it allows and
// not add to it; without a file they relax the strict default.
func (v *verification) policy() (pki.Policy, error) {
	if v.policyFile == "" {
		policy := pki.Policy{AllowBAC: v.allowBAC, AllowUnverifiedIssuer: v.allowUnverifiedIssuer}
		if v.allowBAC || v.allowUnverifiedIssuer {
			policy.Name = "the strict default, relaxed on the command line"
		}
		return policy, nil
	}
	policy, _, err := loadPolicy(v.policyFile)
	if err != nil {
		return pki.Policy{}, err
	}
	for _, flag := range []struct {
		name           string
		asked, allowed *bool
	}{
		{"allow-bac", &v.allowBAC, &policy.AllowBAC},
		{"allow-unverified-issuer", &v.allowUnverifiedIssuer, &policy.AllowUnverifiedIssuer},
	} {
		switch {
		case !v.given(flag.name):
			*flag.asked = *flag.allowed // the reader of cards asks as well
		case *flag.asked && !*flag.allowed:
			return pki.Policy{}, &failure{code: exitNotPermitted, sentence: fmt.Sprintf("the policy in %s does not allow what --%s asks for; leave the argument out", v.policyFile, flag.name)}
		case !*flag.asked && *flag.allowed:
			*flag.allowed = false
			policy.Name += fmt.Sprintf(", without %s", flag.name)
		}
	}
	return policy, nil
}

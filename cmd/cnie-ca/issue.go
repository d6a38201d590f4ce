package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"cnie/internal/ca"
	"cnie/internal/shell"
)

// maxRequest is larger than any certificate request.
const maxRequest = 1 << 16

func newIssue() *cobra.Command {
	var profile, csr, out string
	cmd := &cobra.Command{
		Use:   "issue DIR --csr FILE --profile NAME",
		Short: "Issue a certificate for a certificate request",
		Long: "issue has a certificate made for a PKCS #10 request, by the server of the\n" +
			"authority or, if none runs, by itself. Profiles: auth and sign are a simulated\n" +
			"card's keys 9A and 9C, counter is a machine with host names, agent signs for\n" +
			"others. The certificate and its issuer's are written in PEM.",
		Example: "  cnie-ca issue ca --profile auth --csr 9a.csr -o 9a.pem",
		Args:    cobra.ExactArgs(1),
		RunE:    inFolder(func(cmd *cobra.Command, dir string) error { return issue(cmd, dir, ca.Profile(profile), csr, out) }),

		ValidArgsFunction: completeDir,
	}
	cmd.Flags().StringVar(&csr, "csr", "", "the certificate request, a `FILE` in PEM or DER; - is standard input")
	cmd.Flags().StringVar(&profile, "profile", "", "`NAME` of the profile: auth, sign, counter or agent")
	cmd.Flags().StringVarP(&out, "output", "o", "-", "write to this new `FILE`")
	for _, flag := range []string{"csr", "profile"} {
		_ = cmd.MarkFlagRequired(flag)
	}
	_ = cmd.RegisterFlagCompletionFunc("profile", cobra.FixedCompletions([]cobra.Completion{"auth", "sign", "counter", "agent"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func issue(cmd *cobra.Command, dir string, profile ca.Profile, csr, out string) error {
	if !slices.Contains([]ca.Profile{ca.Auth, ca.Sign, ca.Counter, ca.Agent}, profile) {
		return shell.Failed(shell.ExitUsage, "there is no profile %q; choose auth, sign, counter or agent", profile)
	}
	content, err := readRequest(cmd.InOrStdin(), csr)
	if err != nil {
		return err
	}
	request, err := ca.ParseRequest(content)
	if err != nil {
		return shell.Failed(shell.ExitMalformed, "%s: %w", csr, err)
	}
	if out == "-" {
		chain, err := order(cmd.Context(), dir, profile, request)
		if err != nil {
			return err
		}
		_, err = cmd.OutOrStdout().Write(inPEM(chain))
		return err
	}
	return issueInto(cmd, out, func() ([]*x509.Certificate, error) { return order(cmd.Context(), dir, profile, request) })
}

func order(ctx context.Context, dir string, profile ca.Profile, request *x509.CertificateRequest) ([]*x509.Certificate, error) {
	door, err := ca.Dial(ctx, dir)
	if err != nil {
		return nil, err
	}
	chain, err := door.Issue(ctx, profile, request)
	return chain, errors.Join(err, door.Close())
}

// issueInto sees first that the certificate can be written: one that was issued
// and lost would have to be revoked.
func issueInto(cmd *cobra.Command, path string, order func() ([]*x509.Certificate, error)) error {
	if _, err := os.Lstat(path); err == nil {
		return shell.Failed(shell.ExitFile, "%s is there already; choose another file", path)
	}
	draft, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return shell.Failed(shell.ExitFile, "cannot write %s: %w; check the path and its permissions", path, errors.Unwrap(err))
	}
	defer func() { _ = os.Remove(draft.Name()) }() // after the renaming there is nothing left to remove
	chain, err := order()
	if err != nil {
		return errors.Join(err, draft.Close())
	}
	_, err = draft.Write(inPEM(chain))
	if err := errors.Join(err, draft.Chmod(0o644), draft.Close()); err != nil {
		return err
	}
	if err := os.Rename(draft.Name(), path); err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "Wrote %s; serial number %s.\n", path, printed(chain[0].SerialNumber))
	return err
}

func inPEM(chain []*x509.Certificate) []byte {
	var text []byte
	for _, certificate := range chain {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})...)
	}
	return text
}

func readRequest(stdin io.Reader, path string) ([]byte, error) {
	source := stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, shell.Failed(shell.ExitFile, "cannot read %s: %w; check the path and its permissions", path, errors.Unwrap(err))
		}
		defer func() { _ = file.Close() }() // it was only read
		source = file
	}
	content, err := io.ReadAll(io.LimitReader(source, maxRequest+1))
	if err != nil {
		return nil, shell.Failed(shell.ExitFile, "cannot read %s: %w; check the path and its permissions", path, err)
	}
	if len(content) > maxRequest {
		return nil, shell.Failed(shell.ExitMalformed, "%s is larger than any certificate request", path)
	}
	return content, nil
}

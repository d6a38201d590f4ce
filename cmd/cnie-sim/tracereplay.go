package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"cnie/apdu/trace"
	"cnie/cardreader/recording"
	"cnie/internal/remake"
	"cnie/internal/report"
	"cnie/internal/shell"
	"cnie/pki"
	"cnie/pki/cert"
	"cnie/pki/specimen"
	"cnie/pki/trust"
	"cnie/simulator/vpcd"
)

// replay is the trace replay command.
type replay struct {
	tape
	trustDir, at  string
	json, details bool
	vpcd          string
}

func newTraceReplay() *cobra.Command {
	r := &replay{}
	cmd := &cobra.Command{
		Use:   "replay FILE",
		Short: "Read the card of a recording again, and judge it",
		Long: "replay plays a recording to the reader of `cnie verify`, in this process and with\n" +
			"the random numbers of then, and prints the report of then: by default as of the\n" +
			"day of the recording and under the specimen anchors. Since no card is there, the\n" +
			"check access.replay always fails; what else fails failed then.\n\n" +
			"With --vpcd the recording becomes a card in a virtual reader, which answers what\n" +
			"it was sent then, in any order. Sessions under secure messaging cannot be played\n" +
			"so: other programs draw random numbers of their own.\n\n" +
			"Exit codes: 0 it was played as recorded, whatever the report says; 65 the session\n" +
			"left the recording, or the file is none; 77 the wrong identity.",
		Example: "  cnie-sim trace replay card.trace\n  cnie-sim trace replay --vpcd 127.0.0.1:35963 card.trace",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return r.run(cmd, args[0]) },
	}
	r.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&r.trustDir, "trust", "", "`DIR` with trust anchors (default: the specimen country's)")
	f.StringVar(&r.at, "at", "", "judge for this `TIME` instead of that of the recording, such as 2026-01-31T12:00:00Z")
	f.BoolVar(&r.json, "json", false, "print JSON")
	f.BoolVar(&r.details, "details", false, "list every check")
	f.StringVar(&r.vpcd, "vpcd", "", "play the recording as a card in the virtual reader at `HOST:PORT`")
	_ = cmd.MarkFlagDirname("trust")
	return cmd
}

func (r *replay) run(cmd *cobra.Command, file string) error {
	recorded, err := r.open(file)
	if err != nil {
		return err
	}
	if r.vpcd != "" {
		return r.lay(cmd, recorded)
	}
	password, err := r.password()
	if err != nil {
		return err
	}
	judge, err := r.judge(recorded.Header)
	if err != nil {
		return err
	}
	evidence, player, err := remake.Read(cmd.Context(), recorded, password)
	switch {
	case cmd.Context().Err() != nil:
		return shell.Failed(shell.ExitInterrupted, "interrupted")
	case player == nil:
		return shell.Failed(shell.ExitMalformed, "%s: %w; give a file that `cnie trace record` wrote", file, err)
	}
	if d := deviated(player.Err()); d != nil {
		return d
	}
	told := played{Commands: countCommands(recorded), At: recorded.Header.At, Specimen: recorded.Header.Specimen}
	if err != nil {
		told.Ended = err.Error()
		return r.tell(cmd, told, nil)
	}
	judged := judge.Verify(cmd.Context(), evidence)
	told.Verdict, told.Checks, told.Specimen = judged.Verdict(), judged.Checks, judged.Specimen
	return r.tell(cmd, told, &judged)
}

func countCommands(t *trace.Trace) (n int) {
	for _, e := range t.Entries {
		if e.IsExchange() {
			n++
		}
	}
	return n
}

// judge is a verifier for the day of the recording.
func (r *replay) judge(h trace.Header) (*pki.Verifier, error) {
	policy := pki.Policy{At: h.At, AllowBAC: h.Session.AllowBAC}
	if r.at != "" {
		var err error
		if policy.At, err = time.Parse(time.RFC3339, r.at); err != nil {
			return nil, shell.Failed(shell.ExitUsage, "--at wants a time such as 2026-01-31T12:00:00Z")
		}
	}
	if r.trustDir != "" {
		anchors, err := trust.LoadDir(r.trustDir)
		if err != nil {
			return nil, shell.Failed(shell.ExitMalformed, "trust anchors: %w; give --trust a folder with CSCA*.der and *.crl files", err)
		}
		return pki.NewVerifier(anchors, policy)
	}
	anchors, err := specimenAnchors(policy.At)
	if err != nil {
		return nil, err
	}
	return pki.NewVerifier(anchors, policy)
}

// specimenAnchors are those that `cnie-sim trust` writes on a day.
func specimenAnchors(at time.Time) (*trust.Store, error) {
	country := specimen.Default()
	csca, err := cert.Parse(country.Certificate)
	if err != nil {
		return nil, err
	}
	der, err := country.CRL(at.AddDate(0, 0, -1), at.Add(specimen.CRLValidity), country.Revoked...)
	if err != nil {
		return nil, err
	}
	list, err := cert.ParseCRL(der)
	if err != nil {
		return nil, err
	}
	return trust.NewStore([]*cert.Certificate{csca}, []*cert.CRL{list}), nil
}

// played is what --json prints.
type played struct {
	Replayed bool        `json:"replayed"`
	Commands int         `json:"commands"`
	At       time.Time   `json:"at"`
	Specimen bool        `json:"specimen"`
	Ended    string      `json:"ended,omitempty"` // by this error, as it did then
	Verdict  pki.Verdict `json:"verdict,omitempty"`
	Checks   []pki.Check `json:"checks,omitempty"`
}

func (r *replay) tell(cmd *cobra.Command, p played, judged *pki.Report) error {
	p.Replayed = true
	out := cmd.OutOrStdout()
	if r.json {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(p)
	}
	fmt.Fprintf(out, "REPLAY of a recording of %s: %d commands, as recorded. No card was there.\n", p.At.Format("2006-01-02 15:04 MST"), p.Commands)
	if judged == nil {
		_, err := fmt.Fprintf(out, "The session ended as it did then: %s.\n", p.Ended)
		return err
	}
	fmt.Fprintln(out)
	view := report.New(*judged, report.Context{Rules: judged.Policy().Sentences(), Tool: "cnie-sim", Withheld: "a recording was played, and no card was there"})
	return view.Text(out, report.TextOptions{Details: r.details})
}

// lay puts the recording into a virtual reader.
func (r *replay) lay(cmd *cobra.Command, recorded *trace.Trace) error {
	card, err := recording.NewVirtual(recorded, func(err error) { fmt.Fprintf(cmd.ErrOrStderr(), "cnie-sim: %v\n", err) })
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "REPLAY of a recording, ATR %X, at %s; press Ctrl-C to take it out.\n", card.ATR(), r.vpcd)
	return r.serve(cmd.Context(), card)
}

func (r *replay) serve(ctx context.Context, card vpcd.Card) error {
	return readerFailure(ctx, r.vpcd, vpcd.Serve(ctx, r.vpcd, card))
}

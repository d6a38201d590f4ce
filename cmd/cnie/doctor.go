package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"cnie/internal/doctor"
	"cnie/pki"
	"cnie/pki/trust"
)

// checkup is one run of `cnie doctor`.
type checkup struct {
	*program
	reader, trustDir, policyFile string
	asJSON                       bool
}

func (p *program) doctorCommand() *cobra.Command {
	d := &checkup{program: p}
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Say what keeps cards from being read here, and what to do about it",
		Long: "Look at everything that reading a card needs: the smart-card service, the reader,\n" +
			"the way to a card that lies on it, the clock, the policy, the trust data. Nothing\n" +
			"of a card's holder is read, and neither CAN nor MRZ is asked for.\n\n" +
			"Exit codes: 0 nothing stands in the way (there may be remarks), 64 usage,\n" +
			"69 something does.",
		Example: "  cnie doctor\n  cnie doctor --reader ACR --trust anchors/ --json",
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			policy, finding := d.policy()
			findings := doctor.Examine(c.Context(), doctor.Options{
				System: p.system, Reader: d.reader, Socket: serviceSocket(), Now: time.Now, Built: built(), Trust: d.trust(policy),
			})
			if err := c.Context().Err(); err != nil {
				return err
			}
			return d.tell(append(findings, finding))
		},
	}
	f := c.Flags()
	f.StringVar(&d.reader, "reader", "", "look at the reader whose name contains this `TEXT`")
	f.StringVar(&d.trustDir, "trust", "", "`DIR` with trust anchors, as for verify (default: the user's own store)")
	f.StringVar(&d.policyFile, "policy", "", "policy `FILE`, as for verify")
	f.BoolVar(&d.asJSON, "json", false, "print JSON")
	return c
}

// signs stand before the sentences.
var signs = map[doctor.Level]string{doctor.OK: "✓", doctor.Remark: "!", doctor.Blocking: "✗"}

func (d *checkup) tell(findings []doctor.Finding) error {
	blocked := doctor.Blocked(findings)
	var err error
	if d.asJSON {
		err = d.printJSON(map[string]any{"ready": !blocked, "findings": findings})
	} else {
		err = d.text(d.lines(), findings)
	}
	if err == nil && blocked {
		return &failure{code: exitUnavailable}
	}
	return err
}

func (d *checkup) text(w io.Writer, findings []doctor.Finding) error {
	count := map[doctor.Level]int{}
	for _, f := range findings {
		count[f.Level]++
		fmt.Fprintf(w, "%s %s\n", signs[f.Level], f.Sentence)
		if f.Fix != "" {
			fmt.Fprintf(w, "  → %s\n", f.Fix)
		}
	}
	last := "Nothing stands in the way of reading cards."
	if n := count[doctor.Blocking]; n > 0 {
		last = fmt.Sprintf("Cards cannot be read or judged here before what ✗ marks is mended (%d).", n)
	}
	_, err := fmt.Fprintf(w, "\n%s\n", last)
	return err
}

// policy is what cards would be judged by. A file with a mistake is a finding,
// since verify would not begin.
func (d *checkup) policy() (pki.Policy, doctor.Finding) {
	f := doctor.Finding{ID: "policy", Level: doctor.OK, Sentence: "Cards are judged by the strict default policy."}
	if d.policyFile == "" {
		return pki.Policy{}, f
	}
	policy, _, err := loadPolicy(d.policyFile)
	if err != nil {
		f.Level, f.Sentence, f.Fix = doctor.Blocking, "The policy file cannot be used: "+oneLine(err)+".", "Look with `cnie policy explain FILE` and correct it."
		return pki.Policy{}, f
	}
	f.Sentence = "Cards are judged by the policy " + policy.Name + "."
	return policy, f
}

// trust lists what the judge would rest upon.
func (d *checkup) trust(policy pki.Policy) doctor.Trust {
	t := doctor.Trust{Path: cmp.Or(d.trustDir, ownStore())}
	if t.Path == "" {
		return t
	}
	anchors, err := trust.LoadDir(t.Path)
	if err != nil {
		t.Problem = oneLine(err)
		return t
	}
	members := anchors.Members()
	t.Anchors = len(members)
	for _, member := range members {
		if anchors.IsSpecimen(member) {
			t.Specimens++
		}
	}
	for _, list := range anchors.Lists() {
		one := doctor.List{Name: "revocation list of " + list.Issuer.Country, Date: list.ThisUpdate, Age: policy.AllowCRLAge, Revokes: true}
		if one.Age == 0 {
			one.Age, one.Next = pki.StrictAge, list.NextUpdate
		}
		t.Lists = append(t.Lists, one)
	}
	t.Lists = append(t.Lists, masterLists(t.Path, cmp.Or(policy.AllowTrustAge, pki.StrictAge))...)
	return t
}

// masterLists are those of a managed store; loose files have none.
func masterLists(path string, age time.Duration) (lists []doctor.List) {
	dir, err := trust.Open(path)
	if err != nil {
		return nil
	}
	for _, h := range dir.Held() {
		if h.Kind == trust.MasterList {
			lists = append(lists, doctor.List{Name: "master list of " + h.Name, Date: h.Date, Age: age})
		}
	}
	return lists
}

// serviceSocket is where the PC/SC library looks for its service: it obeys the
// variable, so that whoever says what is wrong must do so, too.
func serviceSocket() string {
	if runtime.GOOS != "linux" {
		return ""
	}
	return cmp.Or(os.Getenv("PCSCLITE_CSOCK_NAME"), "/run/pcscd/pcscd.comm")
}

// built is the date of the source that the program was made from, where the
// build recorded it.
func built() time.Time {
	about, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Time{}
	}
	for _, setting := range about.Settings {
		if setting.Key == "vcs.time" {
			at, _ := time.Parse(time.RFC3339, setting.Value) // zero, if it cannot be read
			return at
		}
	}
	return time.Time{}
}

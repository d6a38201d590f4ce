package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"cnie/internal/shell"
	"cnie/simulator/country"
	"cnie/simulator/persona"
)

// maxGenerated is how many people one run makes: some gigabytes of cards.
const maxGenerated = 100_000

// generation is the generate command.
type generation struct {
	count int
	seed  uint64
	dir   string
	only  string
	pki   string
	json  bool
}

func newGenerate() *cobra.Command {
	g := &generation{}
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Make many people who do not exist, and their cards",
		Long: "generate writes a folder with a persona file for each of many different people\n" +
			"(for `run --persona`), and beside it the files of the card (for `run --lds`).\n" +
			"The same seed gives the same people. The folder appears when it is complete.",
		Example: "  cnie-sim generate --count 1000 --seed 7 -o ./citizens\n  cnie-sim run --persona ./citizens/s7-00001.yaml",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return g.run(cmd) },
	}
	cmd.Flags().IntVar(&g.count, "count", 100, "how `MANY` people")
	cmd.Flags().Uint64Var(&g.seed, "seed", 1, "`NUMBER` that decides who they are")
	cmd.Flags().StringVarP(&g.dir, "output", "o", "", "the `DIR` to make; it must not be there, or be empty")
	cmd.Flags().StringVar(&g.only, "only", "", "write `WHAT` only: personas or cards")
	cmd.Flags().StringVar(&g.pki, "pki", "", "have the country in this `DIR` issue the cards, made by cnie-sim pki")
	cmd.Flags().BoolVar(&g.json, "json", false, "print one JSON object a person")
	_ = cmd.MarkFlagDirname("output")
	_ = cmd.MarkFlagDirname("pki")
	return cmd
}

func (g *generation) run(cmd *cobra.Command) error {
	switch {
	case g.count < 1 || g.count > maxGenerated:
		return shell.Failed(shell.ExitUsage, "--count wants a number from 1 to %d", maxGenerated)
	case g.dir == "":
		return shell.Failed(shell.ExitUsage, "name the folder to make with --output DIR")
	case g.only != "" && g.only != "personas" && g.only != "cards":
		return shell.Failed(shell.ExitUsage, "--only wants personas or cards")
	}
	if err := vacant(g.dir); err != nil { // before the work
		return err
	}
	issuer, err := g.issuer()
	if err != nil {
		return err
	}
	var made []person
	bar := newBar(cmd.ErrOrStderr(), g.count)
	err = newFolder(g.dir, func(dir string) error {
		made, err = g.make(cmd.Context(), dir, issuer, bar)
		return err
	})
	if err != nil {
		return err
	}
	return g.tell(cmd.OutOrStdout(), made)
}

// person is what is printed of one of them.
type person struct {
	Persona  string   `json:"persona"`
	File     string   `json:"file,omitempty"`
	Files    string   `json:"files,omitempty"` // folder
	CAN      string   `json:"can"`
	MRZ      []string `json:"mrz"`
	Number   string   `json:"document_number"`
	Birth    string   `json:"birth"`
	Expiry   string   `json:"expiry"`
	Verdict  string   `json:"verdict"`
	Specimen bool     `json:"specimen"`
}

// issuer is the authority of the country in --pki, nil for the specimen country.
func (g *generation) issuer() (*persona.CSCA, error) {
	if g.pki == "" {
		return nil, nil
	}
	citizen, err := loadPersona(filepath.Join(g.pki, country.Citizen))
	if err != nil {
		return nil, err
	}
	if citizen.Issuer.CSCA == nil {
		return nil, shell.Failed(shell.ExitConfig, "%s names no country; make the folder with `cnie-sim pki`", filepath.Join(g.pki, country.Citizen))
	}
	return citizen.Issuer.CSCA, nil
}

// make fills a folder with everybody.
func (g *generation) make(ctx context.Context, dir string, issuer *persona.CSCA, bar *progressbar.ProgressBar) ([]person, error) {
	var made []person
	for p := range persona.Generate(g.seed, g.count) {
		if ctx.Err() != nil {
			return nil, shell.Failed(shell.ExitInterrupted, "interrupted; nothing was written")
		}
		if issuer != nil {
			p.Issuer.CSCA, p.Document.State = issuer, issuer.Code
		}
		one, err := g.write(dir, p)
		if err != nil {
			return nil, err
		}
		made = append(made, one)
		_ = bar.Add(1) // a bar that cannot be drawn does not matter
	}
	_ = bar.Finish()
	return made, nil
}

func (g *generation) write(dir string, p *persona.Persona) (person, error) {
	card, err := p.Card()
	if err != nil {
		return person{}, shell.Failed(shell.ExitInternal, "%w; this is a defect of the program", err)
	}
	one := person{
		Persona: p.Name, CAN: card.CAN, MRZ: card.MRZLines, Number: card.MRZ.DocumentNumber,
		Birth: card.MRZ.BirthDate, Expiry: card.MRZ.ExpiryDate, Verdict: p.Expect.Verdict, Specimen: true,
	}
	if g.only != "cards" {
		one.File = filepath.Join(g.dir, p.Name+".yaml")
		content, err := p.YAML()
		if err != nil {
			return person{}, err
		}
		if err := os.WriteFile(filepath.Join(dir, p.Name+".yaml"), content, 0o644); err != nil {
			return person{}, err
		}
	}
	if g.only != "personas" {
		one.Files = filepath.Join(g.dir, p.Name)
		folder := filepath.Join(dir, p.Name)
		if err := os.Mkdir(folder, 0o755); err != nil {
			return person{}, err
		}
		if err := card.WriteDir(folder); err != nil {
			return person{}, err
		}
	}
	return one, nil
}

func (g *generation) tell(out io.Writer, made []person) error {
	if !g.json {
		_, err := fmt.Fprintf(out, "Wrote %d people named SPECIMEN to %s; none of them exists.\n", len(made), g.dir)
		return err
	}
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false) // an MRZ is full of '<'
	for _, one := range made {
		if err := lines.Encode(one); err != nil {
			return err
		}
	}
	return nil
}

// newBar shows how far it is, on a terminal; anywhere else it stays silent.
func newBar(w io.Writer, n int) *progressbar.ProgressBar {
	file, is := w.(*os.File)
	return progressbar.NewOptions(n,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetVisibility(is && term.IsTerminal(int(file.Fd()))),
		progressbar.OptionSetDescription("Making cards"),
		progressbar.OptionSetWidth(24),
		progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionThrottle(50*time.Millisecond),
	)
}

package main

import (
	"bytes"
	"context"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"cnie/simulator"
	"cnie/simulator/persona"
)

// BenchmarkHundredCitizens runs `cnie verify --json` on the cards of a hundred
// people, all of whom are accepted, on as many cores as there are. Their cards
// are made before; everything else is in the figure: the card's side, the
// reader's, the judge, the report.
func BenchmarkHundredCitizens(b *testing.B) {
	const count = 100
	trust := anchors(b)
	var cards []*persona.Card
	for p := range persona.Generate(7, count) {
		card, err := p.Card()
		require.NoError(b, err)
		cards = append(cards, card)
	}
	for b.Loop() {
		queue := make(chan *persona.Card)
		var clerks sync.WaitGroup
		for range runtime.GOMAXPROCS(0) {
			clerks.Go(func() {
				for card := range queue {
					acceptCard(b, card, trust)
				}
			})
		}
		for _, card := range cards {
			queue <- card
		}
		close(queue)
		clerks.Wait()
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/100-citizens")
}

// acceptCard may run beside others, where a test must not be ended.
func acceptCard(b *testing.B, card *persona.Card, trust string) {
	var stdout, stderr bytes.Buffer
	p := &program{system: simulator.NewSystem("Simulated", simulator.New(card)), stdin: &bytes.Buffer{}, stdout: &stdout, stderr: &stderr}
	if code := p.run(context.Background(), []string{"verify", "--json", "--can", card.CAN, "--trust", trust}); code != exitOK {
		b.Errorf("%s: exit code %d: %s", card.Name, code, stderr.String())
	}
}

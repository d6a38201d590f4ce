package web

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"cnie/internal/counter"
)

// Measures count what happens at the desk, and not to whom: no label holds
// anything of a person, a ticket, or a clerk.
type Measures struct {
	registry     *prometheus.Registry
	steps        *prometheus.HistogramVec
	transactions *prometheus.CounterVec
}

func newMeasures() *Measures {
	m := &Measures{
		registry: prometheus.NewRegistry(),
		steps: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "cnie_counter_step_seconds", Help: "How long each step of a transaction took.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300},
		}, []string{"step"}),
		transactions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cnie_counter_transactions_total", Help: "Transactions that ended, by how, by the card's verdict and by the clerk's.",
		}, []string{"state", "verdict", "match"}),
	}
	m.registry.MustRegister(m.steps, m.transactions, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Step is told how long a step took: it is a counter.Options.Measure.
func (m *Measures) Step(step string, took time.Duration) {
	m.steps.WithLabelValues(step).Observe(took.Seconds())
}

func (m *Measures) ended(t counter.Transaction) {
	verdict := "none"
	if t.Report != nil {
		verdict = string(t.Report.Verdict)
	}
	m.transactions.WithLabelValues(string(t.State), verdict, string(t.Match)).Inc()
}

func (m *Measures) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

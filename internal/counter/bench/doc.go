// Package bench measures the counter over a real PC/SC service with a simulated
// card: what the desk takes beyond the card, how soon the citizen is asked, and how
// much memory a day takes. bench/README.md has the figures.
package bench

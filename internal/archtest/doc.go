// Package archtest holds the rules about what may import what, as tests. Each
// rule carries its reason; a rule that has lost its reason is to be deleted,
// not worked around.
package archtest

// Package packaging turns the programs into what is installed: a Debian package
// with the units of systemd, and a folder for Windows. scripts/package.sh builds
// both; the test here looks into them. docs/operations.md says how they are used.
package packaging

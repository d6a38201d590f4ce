package main

import "os"

// tryOut makes the desk one for trying out, whatever is installed: specimen cards
// only, and a ledger and a state that end with it.
func (d *counterRun) tryOut() (end func(), err error) {
	if d.siteFile != "" || d.ledgerDir != "" {
		return nil, usage("--demo has a site file and a ledger of its own; leave --site and --ledger out")
	}
	dir, err := os.MkdirTemp("", "cnie-demo-")
	if err != nil {
		return nil, cannotWrite("the folder for temporary files", err)
	}
	d.ledgerDir, d.state = dir+"/ledger", dir+"/state"
	return func() { _ = os.RemoveAll(dir) }, nil
}

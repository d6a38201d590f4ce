package doctor

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"strings"
	"syscall"
	"time"

	"cnie/cardreader"
)

// service asks for the readers and, if nobody answers, finds out why.
func (x *examination) service(ctx context.Context) ([]cardreader.Reader, bool) {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	readers, err := x.System.Readers(limited)
	switch {
	case err == nil:
		x.ok("service", "The smart-card service answers.")
		return readers, true
	case errors.Is(err, context.DeadlineExceeded):
		x.block("service", "The smart-card service is there and does not answer.", "Restart it (`sudo systemctl restart pcscd`; on Windows the service \"Smart Card\").")
	case strings.Contains(err.Error(), "without cgo"):
		x.block("service", "This build of the program cannot speak with card readers.", "Use a build with PC/SC support (CGO_ENABLED=1 and libpcsclite-dev).")
	default:
		x.socket()
	}
	return nil, false
}

// socket looks at the service from below. A socket that is not there, one that
// nobody listens to, one that this user may not touch and one that hangs up are
// four different things to do.
func (x *examination) socket() {
	if x.Socket == "" {
		x.block("service", "The smart-card service does not run.", "Start the service \"Smart Card\" and set it to start by itself.")
		return
	}
	switch err := knock(x.Socket); {
	case err == nil: // a service with polkit hangs up on users without a seat
		x.block("permission", "The smart-card service hangs up on this user.", "Ask the administrator to allow org.debian.pcsc-lite.access_pcsc and access_card for this user in polkit.")
	case errors.Is(err, fs.ErrPermission):
		x.block("permission", "This user may not use the smart-card service.", "Ask the administrator to let this user write to "+x.Socket+" and enter its folder.")
	case errors.Is(err, syscall.ECONNREFUSED):
		x.block("service", "The smart-card service has died and left its socket behind.", "Restart it: `sudo systemctl restart pcscd.socket pcscd`.")
	default:
		x.block("service", "The smart-card service does not run.", "Install and start it: `sudo apt-get install pcscd && sudo systemctl enable --now pcscd.socket`.")
	}
}

func knock(socket string) error {
	connection, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return err
	}
	return connection.Close()
}

package pcscd

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// drivers are the places where distributions put vpcd.
var drivers = []string{
	"/usr/lib/pcsc/drivers/serial/libifdvpcd.so",
	"/usr/lib/*-linux-gnu/pcsc/drivers/serial/libifdvpcd.so",
	"/usr/lib64/pcsc/drivers/serial/libifdvpcd.so",
	"/usr/local/lib/pcsc/drivers/serial/libifdvpcd.so",
}

// find returns the paths of pcscd and the vpcd driver.
func find() (program, driver string, err error) {
	for _, name := range []string{"pcscd", "/usr/sbin/pcscd", "/usr/local/sbin/pcscd"} {
		if program, err = exec.LookPath(name); err == nil {
			break
		}
	}
	if err != nil {
		return "", "", ErrMissing
	}
	for _, pattern := range drivers {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return program, found[0], nil
		}
	}
	return "", "", ErrMissing
}

// prepare makes the daemon's folder: conf (its readers), run (its /run), none
// (what it sees instead of USB drivers) and copies of vpcd, since that lies
// among the drivers that are hidden.
func (d *Daemon) prepare(driver string) error {
	if err := os.RemoveAll(d.dir); err != nil {
		return err
	}
	for _, folder := range []string{"", "conf", "none", "run", "run/pcscd"} {
		if err := os.Mkdir(filepath.Join(d.dir, folder), 0o700); err != nil {
			return err
		}
	}
	library, err := os.ReadFile(driver)
	if err != nil {
		return err
	}
	var conf bytes.Buffer
	for i := 0; i < len(d.Ports); i += 2 {
		name := "Virtual PCD"
		if i > 0 { // equal names would be one reader to a client
			name = fmt.Sprintf("Virtual PCD %c", 'A'+i/2)
		}
		// vpcd keeps its connections in static variables by slot number, so
		// two drivers from one file would share them.
		own := filepath.Join(d.dir, fmt.Sprintf("vpcd%d.so", i/2))
		if err := os.WriteFile(own, library, 0o700); err != nil {
			return err
		}
		// A device of /dev/null makes vpcd listen instead of connecting.
		fmt.Fprintf(&conf, "FRIENDLYNAME \"%s\"\nDEVICENAME /dev/null:0x%X\nLIBPATH %s\nCHANNELID 0x%X\n\n", name, d.Ports[i], own, d.Ports[i])
		d.Readers = append(d.Readers, name+" 00 00", name+" 00 01")
	}
	return os.WriteFile(filepath.Join(d.dir, "conf", "vpcd"), conf.Bytes(), 0o600)
}

// ready waits until clients and cards can connect.
func (d *Daemon) ready(limit time.Duration) error {
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); {
		select {
		case <-d.exited:
			return fmt.Errorf("pcscd ended at once: %s", d.log())
		case <-time.After(5 * time.Millisecond):
		}
		if c, err := net.Dial("unix", d.Socket); err == nil {
			_ = c.Close()
			if listening(d.Ports) {
				return nil
			}
		}
	}
	return fmt.Errorf("pcscd was not ready after %v: %s", limit, d.log())
}

// log is the end of what the daemon said.
func (d *Daemon) log() []byte {
	text, _ := os.ReadFile(filepath.Join(d.dir, "log"))
	return bytes.TrimSpace(text[max(0, len(text)-2000):])
}

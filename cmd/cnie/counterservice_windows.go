package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"
)

// serviceAccount has no password, and no rights beyond those of any user.
const serviceAccount = `NT AUTHORITY\LocalService`

// forScreens is the access to the folder with addresses and log, in Microsoft's
// security descriptor language: all for the system, administrators and the account
// of the service; users may read. Nothing is inherited from the folder above, where
// users may make files.
const forScreens = "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;LS)(A;OICI;0x1200a9;;;BU)"

// installService registers this program as it lies.
func installService(options []string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	if err := makeScreens(); err != nil {
		return err
	}
	list, err := mgr.Connect()
	if err != nil {
		return fmt.Errorf("%w; run this as an administrator", err)
	}
	defer list.Disconnect()
	made, err := list.CreateService(serviceName, program, mgr.Config{
		DisplayName: "cnie counter", Description: "A clerk's screen and a citizen's, on this machine",
		StartType: mgr.StartAutomatic, DelayedAutoStart: true, ServiceStartName: serviceAccount, Dependencies: []string{"SCardSvr"},
	}, append([]string{"counter", "--no-browser"}, options...)...)
	if err != nil {
		return err
	}
	defer made.Close()
	if err := startOverwriting(); err != nil {
		return errors.Join(err, made.Delete())
	}
	again := mgr.RecoveryAction{Type: mgr.ServiceRestart, Delay: 5 * time.Second}
	return made.SetRecoveryActions([]mgr.RecoveryAction{again, again, {Type: mgr.NoAction}}, 24*60*60)
}

// startOverwriting gives the service the variable with which the program overwrites
// what it frees: here it cannot start itself anew with it.
func startOverwriting() error {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, `SYSTEM\CurrentControlSet\Services\`+serviceName, registry.SET_VALUE)
	if err != nil {
		return err
	}
	return errors.Join(key.SetStringsValue("Environment", []string{"GODEBUG=" + overwriting}), key.Close())
}

func removeService() error {
	list, err := mgr.Connect()
	if err != nil {
		return fmt.Errorf("%w; run this as an administrator", err)
	}
	defer list.Disconnect()
	found, err := list.OpenService(serviceName)
	if err != nil {
		return err
	}
	defer found.Close()
	if _, err := found.Control(svc.Stop); err != nil && !errors.Is(err, windows.ERROR_SERVICE_NOT_ACTIVE) {
		return err
	}
	return found.Delete()
}

// screensFolder is where a service says what others print.
func screensFolder() (string, error) {
	common, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, 0)
	return filepath.Join(common, "cnie"), err
}

func makeScreens() error {
	folder, err := screensFolder()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	descriptor, err := windows.SecurityDescriptorFromString(forScreens)
	if err != nil {
		return err
	}
	list, _, err := descriptor.DACL()
	if err != nil {
		return err
	}
	return windows.SetNamedSecurityInfo(folder, windows.SE_FILE_OBJECT,
		windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, list, nil)
}

// asService runs the counter, under the manager of services if that started it.
func (d *counterRun) asService(ctx context.Context) error {
	is, err := svc.IsWindowsService()
	if err != nil || !is {
		return d.run(ctx)
	}
	folder, err := screensFolder()
	if err != nil {
		return err
	}
	screens, err := os.Create(filepath.Join(folder, "screens.txt"))
	if err != nil {
		return err
	}
	defer screens.Close()
	log, err := os.OpenFile(filepath.Join(folder, "counter.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	d.stdout, d.stderr = screens, log
	watched := &serviceRun{ctx: ctx, run: d.run}
	return errors.Join(svc.Run(serviceName, watched), watched.err)
}

// serviceRun is a run that the manager of services may end.
type serviceRun struct {
	ctx context.Context
	run func(context.Context) error
	err error
}

// Execute implements svc.Handler.
func (s *serviceRun) Execute(_ []string, orders <-chan svc.ChangeRequest, status chan<- svc.Status) (own bool, code uint32) {
	ctx, stop := context.WithCancel(s.ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- s.run(ctx) }()
	status <- svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	for {
		select {
		case s.err = <-ended:
			status <- svc.Status{State: svc.StopPending}
			if s.err == nil {
				return false, 0
			}
			return true, uint32(classify(ctx, s.err).code)
		case order := <-orders:
			switch order.Cmd {
			case svc.Interrogate:
				status <- order.CurrentStatus
			case svc.Stop, svc.Shutdown:
				status <- svc.Status{State: svc.StopPending, WaitHint: 10_000} // milliseconds
				stop()
			}
		}
	}
}

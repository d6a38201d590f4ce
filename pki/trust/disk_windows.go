package trust

import (
	"errors"
	"syscall"
)

// errorSharingViolation says that another process has the file open.
const errorSharingViolation = syscall.Errno(32)

// lockFile opens the file so that nobody else can; the system closes it with
// the process, so that a crash leaves no lock behind.
func lockFile(path string) (release func(), err error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	const alone = 0
	handle, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, alone, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, errorSharingViolation) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, err
	}
	return func() { _ = syscall.CloseHandle(handle) }, nil
}

// syncDir has nothing to do: NTFS writes renames to its journal.
func syncDir(string) error { return nil }

package photo

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// confine puts the process into a job of its own, with less memory, no time to
// spin and no other processes. Windows has nothing like a filter of system calls
// that a process could ask for itself: files and network stay in reach here.
func confine() error {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return fmt.Errorf("create a job: %w", err)
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{
		BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{
			LimitFlags: windows.JOB_OBJECT_LIMIT_PROCESS_MEMORY | windows.JOB_OBJECT_LIMIT_PROCESS_TIME |
				windows.JOB_OBJECT_LIMIT_ACTIVE_PROCESS | windows.JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION,
			PerProcessUserTimeLimit: maxCPUSeconds * 10_000_000, // of 100 ns
			ActiveProcessLimit:      1,
		},
		ProcessMemoryLimit: maxMemory,
	}
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	if err != nil {
		return fmt.Errorf("limit a job: %w", err)
	}
	return windows.AssignProcessToJobObject(job, windows.CurrentProcess())
}

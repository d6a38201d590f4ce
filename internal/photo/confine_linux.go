package photo

import (
	"fmt"
	"runtime"
	"time"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"golang.org/x/sys/unix"
)

// confine is for good: limits can only be lowered further, and the filter stays
// until the process ends. It covers every thread that there is and will be.
func confine() error {
	runtime.LockOSThread() // “no new privileges” begins with one thread, and the filter takes it to all
	defer runtime.UnlockOSThread()
	time.Sleep(time.Nanosecond) // the runtime opens its poller with the first timer, and dies if it may not
	for _, l := range []struct {
		resource int
		most     uint64
	}{
		{unix.RLIMIT_DATA, maxMemory}, // not RLIMIT_AS: Go reserves addresses that it never uses
		{unix.RLIMIT_CPU, maxCPUSeconds},
		{unix.RLIMIT_FSIZE, 0},
		{unix.RLIMIT_CORE, 0},
		{unix.RLIMIT_NOFILE, 0},
	} {
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: l.most, Max: l.most}); err != nil {
			return fmt.Errorf("limit resource %d: %w", l.resource, err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid dumps: %w", err)
	}
	return seccomp.LoadFilter(seccomp.Filter{NoNewPrivs: true, Flag: seccomp.FilterFlagTSync, Policy: allowed()})
}

// allowed are the system calls that Go's runtime needs to compute and to print.
// There is none that opens a file, a socket or a process, or that reaches another
// process; memory may not be made executable. What is not listed fails with EPERM,
// so that the runtime goes on without what it only would have liked.
func allowed() seccomp.Policy {
	const argument1, argument3 = 0, 2
	bit := func(argument uint32, o seccomp.Operation, value uint64) seccomp.ArgumentConditions {
		return seccomp.ArgumentConditions{{Argument: argument, Operation: o, Value: value}}
	}
	return seccomp.Policy{
		DefaultAction: seccomp.ActionErrno, // EPERM
		Syscalls: []seccomp.SyscallGroup{{
			Action: seccomp.ActionAllow,
			Names: []string{
				"read", "write", "close", "exit", "exit_group", "futex", "sched_yield", "nanosleep",
				"clock_gettime", "clock_nanosleep", "restart_syscall", "epoll_pwait",
				"munmap", "madvise", "brk", "getrandom",
				"rt_sigreturn", "rt_sigprocmask", "rt_sigaction", "sigaltstack",
				"gettid", "getpid", "sched_getaffinity", "set_robust_list", "rseq",
			},
			NamesWithCondtions: []seccomp.NameWithConditions{
				{Name: "mmap", Conditions: bit(argument3, seccomp.BitsNotSet, unix.PROT_EXEC)},
				{Name: "mprotect", Conditions: bit(argument3, seccomp.BitsNotSet, unix.PROT_EXEC)},
				{Name: "clone", Conditions: bit(argument1, seccomp.BitsSet, unix.CLONE_THREAD)},
				{Name: "tgkill", Conditions: bit(argument1, seccomp.Equal, uint64(unix.Getpid()))},
			},
		}, {
			// The C library starts threads by clone3 and, told that there is none, by clone.
			Action: seccomp.ActionErrno | seccomp.Action(unix.ENOSYS), Names: []string{"clone3"},
		}},
	}
}

// executable is this very program, even if another one stands at its path by now.
func executable() string { return "/proc/self/exe" }

package esign

import "syscall"

// undumped keeps a page out of core dumps, madvise(2) with MADV_DONTDUMP. A kernel
// that does not know the advice refuses it, which changes nothing else.
func undumped(page []byte) {
	const dontDump = 16
	_ = syscall.Madvise(page, dontDump)
}

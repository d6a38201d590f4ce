// Package cryptoki calls PKCS #11 modules without a C compiler.
//
// [Module] is what package pkcs11 needs of a module. Where there is cgo,
// miekg/pkcs11 stands behind it; here is another one that lays the structures out by
// itself and calls the functions by their addresses: on Windows, where that is the
// usual way, and with the build tag dlopen on Linux, FreeBSD and macOS, through
// ebitengine/purego.
//
// A [Layout] says how structures lie in memory. The standard packs them on Windows,
// where a CK_ULONG has four bytes; elsewhere the C compiler aligns them and a
// CK_ULONG is as wide as a pointer (PKCS #11 v2.40 base §2.1, and the makers'
// headers). It is a value rather than a build tag, so that the layout of Windows is
// tested on every system.
//
// Memory that a module is given is pinned for the time of the call. What a module
// says about lengths is bounded, and never believed beyond the memory it was given.
package cryptoki

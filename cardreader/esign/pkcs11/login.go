//go:build cgo && !windows && !dlopen

package pkcs11

/*
#cgo linux LDFLAGS: -ldl
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>

// The beginning of CK_FUNCTION_LIST up to C_Login, its nineteenth function
// (PKCS #11 v2.40 §5.4, the order of pkcs11f.h). The version before them is two
// bytes; the pointers are aligned.
enum { login_index = 18 };
struct functions { unsigned char version[2]; void *entry[login_index + 1]; };

typedef unsigned long (*get_list)(struct functions **);
typedef unsigned long (*c_login)(unsigned long, unsigned long, unsigned char *, unsigned long);

// find_login looks into a module that is loaded already.
static void *find_login(const char *path) {
	void *module = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
	if (module == NULL) return NULL;
	get_list list = (get_list)dlsym(module, "C_GetFunctionList");
	struct functions *all = NULL;
	if (list == NULL || list(&all) != 0 || all == NULL) return NULL;
	return all->entry[login_index];
}

static unsigned long call_login(void *f, unsigned long session, unsigned long user, unsigned char *pin, unsigned long size) {
	return ((c_login)f)(session, user, pin, size);
}
*/
import "C"

import (
	"unsafe"

	"cnie/cardreader/esign/pkcs11/internal/cryptoki"
)

// login gives the PIN to the module without a copy of it; an empty one stands for
// the reader's own keys.
type login func(session cryptoki.Session, user uint, pin []byte) error

// findLogin is nil when the module has no C_Login.
func findLogin(path string) login {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	function := C.find_login(name)
	if function == nil {
		return nil
	}
	return func(session cryptoki.Session, user uint, pin []byte) error {
		var first *C.uchar
		if len(pin) > 0 {
			first = (*C.uchar)(unsafe.Pointer(&pin[0]))
		}
		if code := C.call_login(function, C.ulong(session), C.ulong(user), first, C.ulong(len(pin))); code != C.ulong(cryptoki.OK) {
			return cryptoki.Error(code)
		}
		return nil
	}
}

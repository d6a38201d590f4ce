package cryptoki

// Attributes and classes of objects, PKCS #11 v2.40 §4.
const (
	Class              = 0x000
	Label              = 0x003
	Value              = 0x011
	ID                 = 0x102
	Modulus            = 0x120
	PublicExponent     = 0x122
	Curve              = 0x180
	Point              = 0x181
	AlwaysAuthenticate = 0x202

	Certificate = 1
	PublicKey   = 2
	PrivateKey  = 3
)

// Flags of slots, tokens and sessions, §3.2 and §3.3.
const (
	TokenPresent     = 0x00001
	SerialSession    = 0x00004
	LoginRequired    = 0x00004
	ProtectedPath    = 0x00100
	TokenInitialized = 0x00400
	FinalTry         = 0x20000
	Locked           = 0x40000
)

// Who logs in, and the states of a session in which the holder has, §3.3.
const (
	User            = 1
	ContextSpecific = 2
	ReadOnlyUser    = 1
	ReadWriteUser   = 3
)

// Mechanisms and mask generation functions, PKCS #11 mechanisms §2.1 and §2.3.
const (
	RSA     = 0x0001
	RawRSA  = 0x0003
	RSAPSS  = 0x000D
	ECDSA   = 0x1041
	SHA256  = 0x0250
	SHA384  = 0x0260
	SHA512  = 0x0270
	MGF256  = 2
	MGF384  = 3
	MGF512  = 4
	lockers = 2 // CKF_OS_LOCKING_OK: the module may use the system's locks
)

// Return values, §5.1.
const (
	OK                    Error = 0x000
	SlotInvalid           Error = 0x003
	GeneralError          Error = 0x005
	FunctionFailed        Error = 0x006
	DeviceError           Error = 0x030
	DeviceMemory          Error = 0x031
	DeviceRemoved         Error = 0x032
	KeyTypeInconsistent   Error = 0x063
	KeyFunctionRefused    Error = 0x068
	MechanismInvalid      Error = 0x070
	PINIncorrect          Error = 0x0A0
	PINInvalid            Error = 0x0A1
	PINLength             Error = 0x0A2
	PINLocked             Error = 0x0A4
	SessionClosed         Error = 0x0B0
	SessionInvalid        Error = 0x0B3
	TokenNotPresent       Error = 0x0E0
	AlreadyLoggedIn       Error = 0x100
	NotLoggedIn           Error = 0x101
	bufferTooSmall        Error = 0x150
	AlreadyInitialized    Error = 0x191
	attributeSensitive    Error = 0x011
	attributeTypeInvalid  Error = 0x012
	userPINNotInitialized Error = 0x102
)

var names = map[Error]string{
	SlotInvalid: "SLOT_ID_INVALID", GeneralError: "GENERAL_ERROR", FunctionFailed: "FUNCTION_FAILED",
	attributeSensitive: "ATTRIBUTE_SENSITIVE", attributeTypeInvalid: "ATTRIBUTE_TYPE_INVALID",
	DeviceError: "DEVICE_ERROR", DeviceMemory: "DEVICE_MEMORY", DeviceRemoved: "DEVICE_REMOVED",
	KeyTypeInconsistent: "KEY_TYPE_INCONSISTENT", KeyFunctionRefused: "KEY_FUNCTION_NOT_PERMITTED", MechanismInvalid: "MECHANISM_INVALID",
	PINIncorrect: "PIN_INCORRECT", PINInvalid: "PIN_INVALID", PINLength: "PIN_LEN_RANGE", PINLocked: "PIN_LOCKED",
	SessionClosed: "SESSION_CLOSED", SessionInvalid: "SESSION_HANDLE_INVALID", TokenNotPresent: "TOKEN_NOT_PRESENT",
	AlreadyLoggedIn: "USER_ALREADY_LOGGED_IN", NotLoggedIn: "USER_NOT_LOGGED_IN", userPINNotInitialized: "USER_PIN_NOT_INITIALIZED",
	bufferTooSmall: "BUFFER_TOO_SMALL", AlreadyInitialized: "CRYPTOKI_ALREADY_INITIALIZED",
}

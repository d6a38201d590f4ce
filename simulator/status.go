package simulator

// Status is a status word, SW1 || SW2 (ISO 7816-4 §5.6).
type Status uint16

// The status words that this card uses.
const (
	swOK                Status = 0x9000
	swMoreData          Status = 0x6100 // low byte: how many are left, 0 for 256 or more
	swEndOfFile         Status = 0x6282 // fewer bytes than asked for
	swAuthentication    Status = 0x6300 // authentication failed
	swTriesLeft         Status = 0x63C0 // low nibble: how many
	swWrongLength       Status = 0x6700
	swLogicalChannel    Status = 0x6881
	swSecureMessaging   Status = 0x6882 // this form of secure messaging is not supported
	swLastOfChain       Status = 0x6883 // the chain ended too early or too late
	swChaining          Status = 0x6884
	swSecurityStatus    Status = 0x6982
	swMethodBlocked     Status = 0x6983
	swConditions        Status = 0x6985
	swNoCurrentFile     Status = 0x6986
	swObjectsMissing    Status = 0x6987 // expected secure messaging objects missing
	swObjectsIncorrect  Status = 0x6988 // incorrect secure messaging objects
	swIncorrectData     Status = 0x6A80
	swFileNotFound      Status = 0x6A82
	swIncorrectP1P2     Status = 0x6A86
	swReferenceNotFound Status = 0x6A88
	swWrongOffset       Status = 0x6B00
	swExactLength       Status = 0x6C00 // low byte: the length to ask for
	swInstruction       Status = 0x6D00
	swClass             Status = 0x6E00
	swUnknown           Status = 0x6F00
)

func fail(sw Status) Response { return Response{SW: sw} }
func ok(data []byte) Response { return Response{Data: data, SW: swOK} }

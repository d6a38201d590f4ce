package simulator

import (
	"cnie/lds"
	"cnie/simulator/persona"
)

// file is one elementary file in its directory.
type file struct {
	fid     uint16
	sfi     byte
	free    bool // to everybody
	right   byte // what Terminal Authentication has to bring; 0: PACE or Basic Access Control will do
	content []byte
	live    func() []byte // the content at this moment
}

// directory is the master file or the eMRTD application: two sets of files
// before the same document (ICAO 9303-10 §3.10).
type directory struct {
	*document
	aid     []byte
	files   []file
	current *file
	basic   bool // answers the commands of Basic Access Control
}

func newMasterFile(d *document) *directory {
	return &directory{document: d, files: filesOf(d.card, lds.File.InMasterFile)}
}

func newTravelApplication(d *document) *directory {
	inside := func(f lds.File) bool { return !f.InMasterFile() }
	t := &directory{document: d, aid: travelAID, files: filesOf(d.card, inside), basic: d.card.BAC}
	if len(d.trust.points) > 0 {
		t.files = append([]file{{fid: lds.CVCA.FID(), sfi: lds.CVCA.SFI(), live: d.trustFile}}, t.files...)
	}
	return t
}

// travelAID is the name of the eMRTD application, ICAO 9303-10 §3.10.1.
var travelAID = []byte{0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01}

// filesOf lays out a directory. A file longer than READ BINARY can address is
// cut at 2^24 bytes.
func filesOf(card *persona.Card, here func(lds.File) bool) []file {
	var files []file
	for f := lds.DG1; f.FID() != 0; f++ {
		if content, there := card.Files[f]; there && here(f) {
			files = append(files, file{
				fid: f.FID(), sfi: f.SFI(), free: freeFiles[f], right: fileRights[f], content: content[:min(len(content), 1<<24)],
			})
		}
	}
	return files
}

// The files of which not everything holds that holds of all others: that PACE or
// Basic Access Control opens them (ICAO 9303-10 §3.11, 9303-11 §4.2 and §7).
var (
	freeFiles  = map[lds.File]bool{lds.CardAccess: true, lds.ATRInfo: true, lds.DIR: true}
	fileRights = map[lds.File]byte{lds.DG3: rightDG3, lds.DG4: rightDG4}
)

// AID implements Applet.
func (d *directory) AID() []byte { return d.aid }

// Select implements Applet: file control information with the name.
func (d *directory) Select() Response {
	d.current = nil
	if d.aid == nil {
		return ok([]byte{0x6F, 0x04, 0x83, 0x02, 0x3F, 0x00})
	}
	return ok(appendObject(nil, 0x6F, appendObject(nil, 0x84, d.aid)))
}

// Deselect implements Applet.
func (d *directory) Deselect() { d.current = nil }

// Process implements Applet.
func (d *directory) Process(cmd Command) Response {
	if cmd.INS == insGeneralAuth { // each link of its chain is a step
		d.chain = transport{}
		return d.generalAuthenticate(cmd)
	}
	whole, sw := d.join(cmd)
	if sw != swOK || !cmd.last() {
		return fail(sw)
	}
	return d.answer(whole)
}

// chainable are the commands whose data may be longer than a short APDU.
var chainable = map[byte]bool{insManageSecurity: true, insVerifyCert: true, insExternalAuth: true}

// longestChain holds a certificate of the longest key.
const longestChain = 2048

// join collects the links of a chain (ISO 7816-4 §5.3.3).
func (d *directory) join(cmd Command) (Command, Status) {
	if !cmd.last() && !chainable[cmd.INS] {
		d.chain = transport{}
		return cmd, swChaining
	}
	return d.chain.join(cmd, longestChain)
}

func (d *directory) answer(cmd Command) Response {
	switch cmd.INS {
	case insSelect:
		return d.selectFile(cmd)
	case insReadBinary:
		return d.readBinary(cmd)
	case insReadBinaryOdd:
		return d.readObject(cmd)
	case insManageSecurity:
		return d.manageSecurity(cmd)
	case insVerifyCert:
		return d.verifyCertificate(cmd)
	case insResetCounter:
		return d.resetCounter(cmd)
	case insInternalAuth:
		if d.aid != nil {
			return d.internalAuthenticate(cmd)
		}
	}
	return d.exchangeNonces(cmd)
}

// exchangeNonces tells the two protocols apart that share a pair of commands:
// Terminal Authentication runs under secure messaging, Basic Access Control
// begins it.
func (d *directory) exchangeNonces(cmd Command) Response {
	inspection, basic := cmd.secured && len(d.trust.points) > 0, !cmd.secured && d.basic
	switch {
	case cmd.INS == insGetChallenge && (inspection || basic):
		return d.getChallenge(cmd)
	case cmd.INS == insExternalAuth && inspection:
		return d.authenticateTerminal(cmd)
	case cmd.INS == insExternalAuth && basic:
		return d.externalAuthenticate(cmd)
	}
	return fail(swInstruction)
}

// find returns a file that the terminal may touch. Before access every file of
// a protected directory is refused alike, there or not, so that nothing is
// learnt from asking (ICAO 9303-11 §4.4.2).
func (d *directory) find(match func(*file) bool) (*file, Status) {
	for i := range d.files {
		f := &d.files[i]
		if !match(f) {
			continue
		}
		if f.live != nil {
			f.content = f.live()
		}
		return f, d.permission(f)
	}
	if d.aid != nil && !d.readable() {
		return nil, swSecurityStatus
	}
	return nil, swFileNotFound
}

// permission is asked at every touch: a file that was selected in a session
// outlives it as the current one.
func (d *directory) permission(f *file) Status {
	if !f.free && !d.readable() || !d.open && f.right&^d.rights != 0 {
		return swSecurityStatus
	}
	return swOK
}

// selectFile answers SELECT by file identifier (ISO 7816-4 §11.2.2).
func (d *directory) selectFile(cmd Command) Response {
	switch {
	case cmd.P1 != 0x00 && cmd.P1 != 0x02, cmd.P2 != 0x00 && cmd.P2 != 0x04 && cmd.P2 != 0x0C:
		return fail(swIncorrectP1P2)
	case len(cmd.Data) != 2:
		return fail(swWrongLength)
	}
	fid := uint16(cmd.Data[0])<<8 | uint16(cmd.Data[1])
	f, sw := d.find(func(f *file) bool { return f.fid == fid })
	if sw != swOK {
		return fail(sw)
	}
	d.current = f
	if control := f.control(); cmd.P2 != 0x0C && len(control) <= cmd.Room {
		return ok(control)
	}
	return ok(nil)
}

// control is the file control parameters template: size, identifier and short
// identifier (ISO 7816-4 §7.4.3).
func (f *file) control() []byte {
	n := len(f.content)
	return []byte{0x62, 0x0C, 0x80, 0x03, byte(n >> 16), byte(n >> 8), byte(n),
		0x83, 0x02, byte(f.fid >> 8), byte(f.fid), 0x88, 0x01, f.sfi << 3}
}

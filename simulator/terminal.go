package simulator

import "bytes"

// inspection is Terminal Authentication under way: the keys that the terminal
// named last, and the one that it brought last.
type inspection struct {
	issuer   *cvHolder // checks the next certificate
	brought  *cvHolder // from the certificate before
	terminal *cvHolder // checks the signature at the end
}

// setVerification answers MSE:Set DST: which key checks the next certificate.
func (d *document) setVerification(data []byte) Response {
	holder, sw := d.named(data)
	if sw == swOK {
		d.checking.issuer = holder
	}
	return fail(sw)
}

// setTerminal answers MSE:Set AT for external authentication: whose signature is
// to come. It can only be the key that the last certificate brought.
func (d *document) setTerminal(data []byte) Response {
	holder, sw := d.named(data)
	switch {
	case sw != swOK:
		return fail(sw)
	case holder.role != roleTerminal:
		return fail(swIncorrectData)
	}
	d.checking.terminal = holder
	return fail(swOK)
}

// named finds the holder that an object 83 names.
func (d *document) named(data []byte) (*cvHolder, Status) {
	p, ok := parseParameters(data, "\x83")
	switch {
	case len(d.trust.points) == 0:
		return nil, swIncorrectP1P2
	case d.channel == nil || !d.readable():
		return nil, swSecurityStatus
	case !ok || p[0x83] == nil:
		return nil, swIncorrectData
	}
	name := string(p[0x83])
	if brought := d.checking.brought; brought != nil && brought.name == name {
		return brought, swOK
	}
	if point := d.trust.point(name); point != nil {
		return point, swOK
	}
	return nil, swReferenceNotFound
}

// verifyCertificate answers PSO:Verify Certificate, ICAO 9303-11 §7.1.5.2.
func (d *document) verifyCertificate(cmd Command) Response {
	issuer := d.checking.issuer
	d.checking.issuer = nil
	switch {
	case len(d.trust.points) == 0:
		return fail(swInstruction)
	case cmd.p12() != 0x00BE:
		return fail(swIncorrectP1P2)
	case issuer == nil:
		return fail(swConditions)
	}
	// The buffer that it came in serves the next command, too.
	certificate, ok := parseCertificate(bytes.Clone(cmd.Data), &issuer.key)
	if !ok {
		return fail(swIncorrectData)
	}
	above := *issuer // learning moves the trust points
	if !d.trust.accept(&certificate, &above) {
		return fail(swAuthentication)
	}
	d.trust.learn(&certificate, &above)
	brought := certificate.imported(above.rights)
	d.checking = inspection{brought: &brought}
	return fail(swOK)
}

// authenticateTerminal answers EXTERNAL AUTHENTICATE: a signature over who the
// chip is, its challenge and the terminal's ephemeral key (ICAO 9303-11 §7.1.2).
func (d *document) authenticateTerminal(cmd Command) Response {
	challenge, terminal := d.challenge, d.checking.terminal
	d.challenge, d.checking.terminal = nil, nil
	switch {
	case cmd.p12() != 0:
		return fail(swIncorrectP1P2)
	case d.session.terminal == nil || d.authenticated:
		return fail(swSecurityStatus)
	case challenge == nil || terminal == nil:
		return fail(swConditions)
	}
	message := bytes.Join([][]byte{d.chip, challenge, d.session.terminal}, nil)
	if !terminal.key.verify(message, cmd.Data) {
		return fail(swAuthentication)
	}
	d.rights, d.authenticated = terminal.rights, true
	return ok(nil)
}

// number is the document number with its check digit, as the MRZ has it: who the
// chip is after Basic Access Control.
func (d *document) number() []byte {
	seed := d.card.MRZ.Seed()
	return seed[:len(seed)-2*len("YYMMDDC")]
}

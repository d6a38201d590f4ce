package gate

import (
	"crypto/x509"
	"fmt"
	"slices"
)

// Name is who an agent is, from the certificate that cnie-ca gave it in exchange for
// its card's: the serial number of the card's authentication certificate, which
// stays the same when the agent renews its own. "" when the certificate is not an
// agent's.
func Name(agent *x509.Certificate) string {
	if agent.Subject.SerialNumber == "" || !slices.Contains(agent.Subject.OrganizationalUnit, "agent") {
		return ""
	}
	return fmt.Sprintf("urn:cnie:agent:%s", agent.Subject.SerialNumber)
}

// Names tells whether an agent's certificate names a credential: a person's name and
// the organisation that vouches for it, both as on the signing certificate. Which
// authority issued the two is checked apart.
func Names(agent, signing *x509.Certificate) bool {
	return agent.Subject.CommonName != "" && agent.Subject.CommonName == signing.Subject.CommonName &&
		slices.Equal(agent.Subject.Organization, signing.Subject.Organization)
}

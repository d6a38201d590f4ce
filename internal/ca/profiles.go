package ca

import (
	"encoding/asn1"
	"encoding/json"
	"time"

	"github.com/smallstep/certificates/authority/policy"
	"github.com/smallstep/certificates/authority/provisioner"
)

// The policies of specimens, under the enterprise number that RFC 5612 keeps for
// documentation: nobody relies on it.
var (
	authPolicy  = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 1, 1}
	signPolicy  = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 1, 2}
	stampPolicy = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 1, 3}
)

// The templates are those of smallstep: JSON with text/template in it. Nothing in
// them comes from the request itself, except the key: names are those of the
// token, or of the card that signed it.
const (
	where = `"crlDistributionPoints": [{{ toJson .CRL }}], "ocspServer": [{{ toJson .OCSP }}], "issuingCertificateURL": [{{ toJson .Issuer }}],
`
	card = `{{ if not (contains "SPECIMEN" .Subject.CommonName) }}{{ fail "the name on a card of this authority has to contain SPECIMEN" }}{{ end }}{
"subject": {"organization": {{ toJson .Organization }}, "commonName": {{ toJson .Subject.CommonName }}},
"extensions": [{"id": "2.5.29.32", "critical": false, "value": {{ toJson .Policy }}}],
`
	authTemplate = card + where + `"keyUsage": ["digitalSignature"], "extKeyUsage": ["clientAuth"]}`
	// A signature key signs documents and nothing else: no purpose is named,
	// because readers of documents disagree which it should be.
	signTemplate    = card + where + `"keyUsage": ["contentCommitment"]}`
	counterTemplate = `{
"subject": {"organization": {{ toJson .Organization }}, "organizationalUnit": "counter", "commonName": {{ toJson .Subject.CommonName }}},
"sans": {{ toJson .SANs }},
` + where + `"keyUsage": ["digitalSignature"], "extKeyUsage": ["clientAuth", "serverAuth"]}`
	agentTemplate = `{
"subject": {"organization": {{ toJson .Organization }}, "organizationalUnit": "agent", "commonName": {{ toJson .Subject.CommonName }}},
` + where + `"keyUsage": ["digitalSignature"], "extKeyUsage": ["clientAuth"]}`
	// The agent beside a card is named like the card, and says which card it was
	// by the serial number of its certificate.
	cardAgentTemplate = `{
"subject": {"organization": {{ toJson .Organization }}, "organizationalUnit": "agent",
 "commonName": {{ toJson .AuthorizationCrt.Subject.CommonName }}, "serialNumber": {{ toJson (printf "%s" .AuthorizationCrt.SerialNumber) }}},
` + where + `"keyUsage": ["digitalSignature"], "extKeyUsage": ["clientAuth"]}`
	hostTemplate = `{
"subject": {"organization": {{ toJson .Organization }}, "commonName": {{ toJson .Subject.CommonName }}},
"sans": {{ toJson .SANs }},
` + where + `"keyUsage": ["digitalSignature"], "extKeyUsage": ["clientAuth", "serverAuth"]}`
)

// form is how a profile's certificates look, for how long, and whether their
// holder may have them renewed over TLS.
type form struct {
	template string
	policy   asn1.ObjectIdentifier
	life     time.Duration
	renewed  bool
}

func (c *Config) form(name string) form {
	switch name {
	case string(Auth):
		return form{template: authTemplate, policy: authPolicy, life: days(c.CardDays)}
	case string(Sign):
		return form{template: signTemplate, policy: signPolicy, life: days(c.CardDays)}
	case string(Counter):
		return form{template: counterTemplate, life: days(c.CounterDays), renewed: true}
	case cards:
		return form{template: cardAgentTemplate, life: hours(c.AgentHours), renewed: true}
	case acmeName:
		return form{template: hostTemplate, life: days(c.CounterDays), renewed: true}
	}
	return form{template: agentTemplate, life: hours(c.AgentHours), renewed: true}
}

// options fill the template with what all certificates have in common.
func (c *Config) options(f form) (*provisioner.Options, error) {
	values := map[string]any{
		"Organization": c.organisation(), "CRL": c.URL + crlPath, "OCSP": c.URL + ocspPath, "Issuer": c.URL + issuerPath,
	}
	if f.policy != nil {
		der, err := asn1.Marshal([]struct{ ID asn1.ObjectIdentifier }{{f.policy}})
		if err != nil {
			return nil, err
		}
		values["Policy"] = der
	}
	text, err := json.Marshal(values)
	return &provisioner.Options{X509: &provisioner.X509Options{Template: f.template, TemplateData: text}}, err
}

// claims bound the life of certificates. Whoever may not renew gets no extension
// that names the provisioner either: it serves renewal.
func (f form) claims() *provisioner.Claims {
	never := !f.renewed
	return &provisioner.Claims{
		MinTLSDur: &provisioner.Duration{Duration: time.Minute}, DefaultTLSDur: &provisioner.Duration{Duration: f.life}, MaxTLSDur: &provisioner.Duration{Duration: f.life},
		DisableRenewal: &never, DisableSmallstepExtensions: &never,
	}
}

// onlyNames keeps ACME to the hosts of the configuration.
func onlyNames(o *provisioner.Options, hosts []string) *provisioner.Options {
	o.X509.AllowedNames = &policy.X509NameOptions{DNSDomains: hosts}
	return o
}

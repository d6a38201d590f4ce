package cert

// DocumentProfile lists what the certificate of a country or document signer
// lacks that Doc 9303-12 §7.1 asks of both. Parse does not: the same parser
// reads certificates that the profile does not bind.
func (c *Certificate) DocumentProfile() []string {
	var missing []string
	note := func(absent bool, what string) {
		if absent {
			missing = append(missing, what)
		}
	}
	note(c.Version != 3, "not an X.509 certificate of version 3")
	note(c.Issuer.Country == "", "the issuer's name has no country")
	note(c.Subject.Country == "", "the subject's name has no country")
	note(c.KeyUsage == 0, "no key usage")
	note(c.AuthorityKeyID == nil && !c.SelfIssued(), "no authority key identifier")
	note(c.IsCA && c.SubjectKeyID == nil, "no subject key identifier")
	return missing
}

package cert

// VerifyEMSA is RSA-PSS in arithmetic of our own.
var VerifyEMSA = verifyEMSA

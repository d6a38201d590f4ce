package client

// What is said over the wire, CSC API v2.0 §11. Fields that nothing here needs
// are left out; services may add theirs.

// about is the answer of info (§11.1).
type about struct {
	Auth    []string `json:"authType"`
	OAuth   string   `json:"oauth2"`       // base of the authorization server
	Issuer  string   `json:"oauth2Issuer"` // or where its metadata are
	Later   bool     `json:"asynchronousOperationMode"`
	Methods []string `json:"methods"`
}

type credentialRequest struct {
	Credential   string `json:"credentialID"`
	Certificates string `json:"certificates"`
	CertInfo     bool   `json:"certInfo"`
	AuthInfo     bool   `json:"authInfo"`
}

// credential is the answer of credentials/info (§11.5).
type credential struct {
	Key struct {
		Status     string   `json:"status"`
		Algorithms []string `json:"algo"`
	} `json:"key"`
	Certificate struct {
		Status string   `json:"status"`
		Chain  []string `json:"certificates"` // base64 of DER, the holder's first
	} `json:"cert"`
	Auth struct {
		Mode    string   `json:"mode"`
		Objects []Prompt `json:"objects"`
	} `json:"auth"`
	AuthMode  string `json:"authMode"` // version 1
	Multisign int    `json:"multisign"`
}

func (c *credential) mode() string {
	if c.Auth.Mode != "" {
		return c.Auth.Mode
	}
	return c.AuthMode
}

// Prompt is something that a service wants of the holder before it signs: a PIN
// that it has given out, a one-time password.
type Prompt struct {
	ID          string `json:"id"`
	Type        string `json:"type"` // Password, ChallengeResponse
	Label       string `json:"label"`
	Description string `json:"description"`
	Challenge   string `json:"-"` // the question to be answered, if there is one
}

type challengeRequest struct {
	Credential string `json:"credentialID"`
	Object     string `json:"authObjectID"`
}

type authorizeRequest struct {
	Credential  string     `json:"credentialID"`
	Signatures  int        `json:"numSignatures"`
	Hashes      []string   `json:"hashes"`
	Algorithm   string     `json:"hashAlgorithmOID"`
	Answers     []authData `json:"authData,omitempty"`
	Description string     `json:"description,omitempty"`
	// Not of the API.
	Method     string          `json:"signAlgo,omitempty"`
	Parameters []byte          `json:"signAlgoParams,omitempty"`
	Documents  []shownDocument `json:"documents,omitempty"`
}

type authData struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

// authorization is the answer of credentials/authorize and of authorizeCheck:
// permission, or a handle to ask again with.
type authorization struct {
	SAD    string `json:"SAD"`
	Handle string `json:"handle"`
}

type checkRequest struct {
	Handle string `json:"handle"`
}

type signRequest struct {
	Credential string   `json:"credentialID"`
	SAD        string   `json:"SAD,omitempty"`
	Hashes     []string `json:"hashes"`
	Algorithm  string   `json:"hashAlgorithmOID"`
	Method     string   `json:"signAlgo"`
	Parameters []byte   `json:"signAlgoParams,omitempty"`
	Mode       string   `json:"operationMode,omitempty"`
}

// signed is the answer of signatures/signHash and of signPolling.
type signed struct {
	later
	Signatures []string `json:"signatures"`
}

// later is where an answer is to be had that is not there yet.
type later struct {
	Response string `json:"responseID"`
}

type pollRequest struct {
	Response string `json:"requestID"`
}

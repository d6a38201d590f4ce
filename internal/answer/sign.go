package answer

import "fmt"

// Sign makes the compact JWS of a statement. Times are cut to seconds. What Verify
// would not take is an error here.
func (k *Key) Sign(s Statement) (string, error) {
	c := s.claims()
	if err := c.check(); err != nil {
		return "", err
	}
	payload, err := canonical(c)
	if err != nil {
		return "", err
	}
	signed, err := k.signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("sign a statement: %w", err)
	}
	return signed.CompactSerialize()
}

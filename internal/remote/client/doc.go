// Package client signs with a key that a service keeps, or that it reaches: a
// client of the Cloud Signature Consortium's API, version 2.
//
//	reference, err := client.ParseReference("remote:https://sign.example/csc/v2/amina")
//	c, err := client.Dial(ctx, reference.Service, client.Options{ID: "office", Secret: password})
//	key, err := c.Key(ctx, reference.Credential)
//	signature, err := key.For("lease.pdf").SignContext(ctx, digest, crypto.SHA256)
//
// A Key is a crypto.Signer with its certificate, so that whatever signs with a
// card signs with a service: documents are prepared here, and only digests
// travel. For names to the holder what it is that is signed; a service passes it
// on, and can say anything, as it cannot see the document.
//
// How the holder agrees is the service's choice, and is read from what it says of
// the credential: by what is typed here (explicit), or in a browser (oauth2code).
// In both cases the permission is asked for these digests and no others. Either
// may take as long as a person takes; services that answer later are asked again
// until the context ends.
//
// Nothing that comes back is believed: there are as many signatures as digests,
// each verifies with the certificate's key, or there are none. The certificate
// itself is not validated here.
//
// The names of fields and their meaning are those of CSC API v2.0, which a
// service of version 1 mostly shares.
package client

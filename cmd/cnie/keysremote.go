package main

import (
	"context"
	"strings"

	"cnie/internal/remote/client"
)

// lookRemote lists the keys that a service lets this program see.
func (k *keyring) lookRemote(ctx context.Context) error {
	if k.reader != "" || k.module != "" {
		return usage("--reader and --pkcs11 are for keys that are here; leave them out with --key remote:URL")
	}
	address := strings.TrimPrefix(k.key, "remote:")
	service, err := k.dialRemote(ctx, k.remote, address, "")
	if err != nil {
		return err
	}
	names, err := service.Credentials(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		key, err := service.Key(ctx, name)
		switch {
		case ctx.Err() != nil:
			return err
		case err != nil:
			k.problem(name, err)
			continue
		}
		c := key.Certificate()
		k.list.Keys = append(k.list.Keys, listedKey{
			Reader: hostOf(address), Slot: name, URI: client.Reference{Service: service.Address(), Credential: name}.String(), Remote: true,
			Algorithm: key.Algorithm(), Holder: shortened(c.Subject.CommonName), Certificate: true, NotBefore: &c.NotBefore, NotAfter: &c.NotAfter,
		})
	}
	return nil
}

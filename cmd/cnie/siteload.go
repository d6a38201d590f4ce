package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/pflag"

	"cnie/internal/site"
)

// siteFlags say which keys may have signed a site file.
type siteFlags struct {
	key      string
	unsigned bool // of checking: the file is a draft
}

func (f *siteFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.key, "site-key", "", "public key `FILE` of who may sign site files (default: the machine's, else the user's; the machine's cannot be overruled)")
}

// siteTrouble are the errors about signatures and keys, and what to do.
var siteTrouble = []struct {
	err  error
	code int
	hint string
}{
	{site.ErrUnsigned, exitConfiguration, ""},
	{site.ErrNoKeys, exitConfiguration, "; give --site-key FILE"},
	{site.ErrSignature, exitConfiguration, "; sign the file again"},
	{site.ErrNamespace, exitConfiguration, "; sign the file with minisign -t " + site.Namespace + " or ssh-keygen -Y sign -n " + site.Namespace},
	{site.ErrKeyWritable, exitConfiguration, ""},
	{site.ErrKeyFile, exitConfiguration, ""},
	{site.ErrPolicy, exitConfiguration, ""},
	{site.ErrAnotherKey, exitNotPermitted, "; ask who signs site files for this counter"},
	{site.ErrChanged, exitNotPermitted, "; ask who signed it for the file as it was"},
	{site.ErrKeyOverruled, exitNotPermitted, "; leave --site-key out"},
	{site.ErrSpecimen, exitNotPermitted, ""},
}

// load reads a site file and the keys that may have signed it. Without a file
// it is the site for trying out.
func (f *siteFlags) load(name string) (*site.Site, site.Keys, error) {
	keys, err := site.FindKeys(f.key)
	if err != nil {
		return nil, keys, siteFailure(f.key, err)
	}
	if name == "" {
		return site.Specimen(), keys, nil
	}
	s, err := site.Load(name, keys)
	if errors.Is(err, site.ErrUnsigned) && f.unsigned {
		s, err = site.Draft(name)
	}
	if err != nil {
		return nil, keys, siteFailure(name, err)
	}
	return s, keys, nil
}

// siteFailure finds the sentence and the exit code for what package site says,
// which begins with the file's name unless the file could not be read.
func siteFailure(name string, err error) error {
	var wrong *site.Error
	var path *fs.PathError
	for _, k := range siteTrouble {
		if errors.Is(err, k.err) {
			return &failure{code: k.code, sentence: err.Error() + k.hint, cause: err}
		}
	}
	switch {
	case errors.As(err, &wrong):
		return &failure{code: exitConfiguration, sentence: err.Error() + "; correct the site file", cause: err}
	case errors.As(err, &path):
		return cannotRead(path.Path, err)
	}
	return &failure{code: exitConfiguration, sentence: fmt.Sprintf("%s: %v", name, err), cause: err}
}

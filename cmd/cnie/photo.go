package main

import (
	"github.com/spf13/cobra"

	"cnie/internal/photo"
)

// photoCommand is not for people: photo.Confined starts this program with it, to
// decode a picture where a fault of the decoder harms nobody.
func (p *program) photoCommand() *cobra.Command {
	return &cobra.Command{
		Use: photo.Command, Hidden: true, Args: noArguments,
		Short: "Decode a picture from standard input, confined",
		RunE: func(*cobra.Command, []string) error {
			if code := photo.Child(p.stdin, p.stdout); code != exitOK {
				return &failure{code: code}
			}
			return nil
		},
	}
}

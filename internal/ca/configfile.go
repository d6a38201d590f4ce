package ca

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"text/template"

	"github.com/goccy/go-yaml"

	"cnie/internal/plainyaml"
)

// ConfigError is a mistake in a file of the authority and where it is, counted
// from 1; line 0 when no line is to blame.
type ConfigError struct {
	File         string
	Line, Column int
	Reason       string
}

// Error implements error.
func (e *ConfigError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Reason)
}

const (
	configFile = "ca.yaml"
	maxConfig  = 1 << 14
)

//go:embed ca.yaml.tmpl
var configTemplate string

// encode writes the file with its comments.
func (c Config) encode() ([]byte, error) {
	text := template.Must(template.New(configFile).Funcs(template.FuncMap{"q": quoted}).Parse(configTemplate))
	var out bytes.Buffer
	err := text.Execute(&out, c)
	return out.Bytes(), err
}

// quoted writes a value as JSON, which YAML cannot take for anything else.
func quoted(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

func loadConfig(dir string) (*Config, error) {
	path := filepath.Join(dir, configFile)
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c, err := parseConfig(content)
	var wrong *ConfigError
	if errors.As(err, &wrong) {
		wrong.File = path
	}
	return c, err
}

// parseConfig reads the text of ca.yaml. Every error is a *ConfigError.
func parseConfig(content []byte) (*Config, error) {
	if len(content) > maxConfig {
		return nil, &ConfigError{configFile, 1, 1, "the file is larger than any configuration"}
	}
	source, err := plainyaml.Parse(content)
	if err != nil {
		return nil, mistake(err)
	}
	c := Default()
	c.Name, c.Specimen = "", false
	if err := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict()).Decode(&c); err != nil {
		return nil, mistake(plainyaml.At(err))
	}
	if c.URL == "" {
		c.URL = "http://" + c.Publish
	}
	if key, reason := c.check(); reason != "" {
		line, column := plainyaml.Locate(source, "$."+key)
		return nil, &ConfigError{configFile, line, column, reason}
	}
	return &c, nil
}

// mistake is an error of package plainyaml, all of which have a place.
func mistake(err error) *ConfigError {
	var wrong *plainyaml.Error
	errors.As(err, &wrong)
	return &ConfigError{configFile, wrong.Line, wrong.Column, wrong.Reason}
}

package ca

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
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
	c := Default()
	c.Name, c.Specimen = "", false
	if err := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict()).Decode(&c); err != nil {
		return nil, syntaxError(err)
	}
	if c.URL == "" {
		c.URL = "http://" + c.Publish
	}
	if key, reason := c.check(); reason != "" {
		line, column := locate(content, key)
		return nil, &ConfigError{configFile, line, column, reason}
	}
	return &c, nil
}

// syntaxError shortens the parser's picture of the source to one line.
func syntaxError(err error) *ConfigError {
	var positioned yaml.Error
	if !errors.As(err, &positioned) || positioned.GetToken() == nil {
		message, _, _ := strings.Cut(err.Error(), "\n")
		return &ConfigError{configFile, 1, 1, message}
	}
	at := positioned.GetToken().Position
	message, _, _ := strings.Cut(positioned.GetMessage(), "\n")
	return &ConfigError{configFile, at.Line, at.Column, message}
}

// locate finds the value of a key, or the start of the file.
func locate(content []byte, key string) (line, column int) {
	source, err := parser.ParseBytes(content, 0)
	if err != nil {
		return 1, 1
	}
	at, err := yaml.PathString("$." + key)
	if err != nil {
		return 1, 1
	}
	node, err := at.FilterFile(source)
	if err != nil || node == nil {
		return 1, 1
	}
	position := node.GetToken().Position
	return position.Line, position.Column
}

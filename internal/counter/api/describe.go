package api

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"sync"

	"github.com/goccy/go-yaml"
)

// Description is the OpenAPI 3.1 description of everything here, as
// docs/openapi.yaml has it.
//
//go:embed openapi.yaml
var Description []byte

var inJSON = sync.OnceValues(func() ([]byte, error) { return yaml.YAMLToJSON(Description) })

func (s *Server) describe(w http.ResponseWriter, _ *http.Request, _ *caller) error {
	text, err := inJSON()
	if err != nil {
		return err
	}
	send(w, http.StatusOK, "application/vnd.oai.openapi+json", json.RawMessage(text))
	return nil
}

// Package settings reads a connector's settings and checks what all have in
// common.
package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Decode reads settings JSON into a Config. An unknown key is an error that
// names it. Errors hold no value of the settings.
func Decode(vendor string, data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%s: settings: %w", vendor, quiet(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: settings: text behind the JSON object", vendor)
	}
	return nil
}

func quiet(err error) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		return fmt.Errorf("%q must not be a JSON %s", kind.Field, strings.Fields(kind.Value)[0])
	case errors.As(err, &kind):
		return errors.New("not a JSON object")
	case errors.As(err, &syntax), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("not valid JSON")
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return fmt.Errorf("unknown key %s", name)
	}
	return err
}

// Required checks credentials given as name and value in turn and names the
// first that is missing. A value with a line break inside is refused too: it
// was pasted wrong and would break a header.
func Required(vendor string, namesAndValues ...string) error {
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		name, value := namesAndValues[i], strings.TrimSpace(namesAndValues[i+1])
		if value == "" {
			return fmt.Errorf("%s: %s is required", vendor, name)
		}
		if strings.ContainsAny(value, "\r\n\x00") {
			return fmt.Errorf("%s: %s holds a line break", vendor, name)
		}
	}
	return nil
}

// Zone loads an IANA zone. An empty name is no zone, nil: it is not UTC.
func Zone(vendor, name string) (*time.Location, error) {
	if name == "" {
		return nil, nil //nolint:nilnil // no zone is a value here
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("%s: TimeZone %q is not an IANA zone known here", vendor, name)
	}
	return zone, nil
}

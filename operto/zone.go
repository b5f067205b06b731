package operto

import (
	"errors"
	"time"
)

var errZone = errors.New("TimeZone must be an IANA time zone")

// location loads an IANA zone. The empty name and "Local", which the time
// package takes for UTC and for the zone of the machine, are errors.
func location(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, errZone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, errZone
	}
	return zone, nil
}

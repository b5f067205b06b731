package crmimport

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// Settings are what an organisation has filled in on its settings page, as plain
// data that a host stores as JSON.
type Settings struct {
	// Organisation is the host's id of the organisation. One run at a time is
	// made for it.
	Organisation string `json:"organisation"`
	// Method is how files are found. Links to files, [MethodLinks], is the only
	// way and the default.
	Method Method `json:"method,omitzero"`
	// Addresses are those of the files, see [ParseAddresses].
	Addresses string `json:"addresses"`
	// Source names the accounting system, within which external ids are unique.
	// Empty: each file names its own.
	Source string `json:"source,omitzero"`
	// DeleteAfterReading deletes a file from the FTP server when all of it was
	// imported. With DeleteAlways it is deleted even if a record was refused, so
	// that nobody can mend it.
	DeleteAfterReading bool `json:"deleteAfterReading,omitzero"`
	DeleteAlways       bool `json:"deleteAlways,omitzero"`
	// Streaming applies records while the file comes. Without it a file is read
	// twice: nothing of a file that cannot be read whole, or has a bad record, is
	// applied.
	Streaming bool `json:"streaming,omitzero"`
	// StreamAbove is the size in bytes from which a file is streamed in any case;
	// 0 means 512 MiB.
	StreamAbove int64 `json:"streamAbove,omitzero"`
	// Layout, if not nil, is that of the files.
	Layout *Layout `json:"layout,omitempty"`
	Limits Limits  `json:"limits,omitzero"`
	// Email is where reports go; sending is the host's, see [Notifier].
	Email string `json:"email,omitzero"`
	// Language is that of the report; empty means Russian.
	Language Language `json:"language,omitzero"`
	// Schedule, if not nil, is when the import runs, in TimeZone; an empty zone
	// means [DefaultTimeZone].
	Schedule *Schedule `json:"schedule,omitempty"`
	TimeZone string    `json:"timeZone,omitzero"`
}

// Method is how the files of an import are found.
type Method string

// MethodLinks finds files by their addresses.
const MethodLinks Method = "links"

var errSettings = errors.New("crmimport: settings")

// Check refuses settings that no run could use, and warns of those that may not
// be meant.
func (s Settings) Check() ([]Warning, error) {
	if _, err := s.addresses(); err != nil {
		return nil, err
	}
	switch {
	case s.Organisation == "":
		return nil, fmt.Errorf("%w: Organisation is required", errSettings)
	case s.Method != "" && s.Method != MethodLinks:
		return nil, fmt.Errorf("%w: unknown Method", errSettings)
	case s.Source != "" && !goodSource(s.Source):
		return nil, errSource
	case s.DeleteAlways && !s.DeleteAfterReading:
		return nil, fmt.Errorf("%w: DeleteAlways without DeleteAfterReading", errSettings)
	case s.Language != "" && s.Language != Russian && s.Language != English:
		return nil, fmt.Errorf("%w: unknown Language", errSettings)
	}
	if s.Layout != nil {
		if _, err := s.Layout.compile(); err != nil {
			return nil, err
		}
	}
	if s.Schedule == nil {
		_, err := s.zone()
		return nil, err
	}
	timetable, err := s.Schedule.In(s.TimeZone)
	if err != nil {
		return nil, err
	}
	return timetable.Warnings(), nil
}

func (s Settings) addresses() ([]Address, error) {
	all, err := ParseAddresses(s.Addresses)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSettings, err)
	}
	return all, nil
}

func (s Settings) zone() (*time.Location, error) {
	zone, err := time.LoadLocation(cmp.Or(s.TimeZone, DefaultTimeZone))
	if err != nil {
		return nil, fmt.Errorf("%w: TimeZone is not an IANA zone known here", errSettings)
	}
	return zone, nil
}

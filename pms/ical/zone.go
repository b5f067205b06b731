package ical

import (
	"time"

	"cloud.google.com/go/civil"
)

// zones resolves the times of one feed. Loading a location reads the time zone
// database, so every name is loaded once.
type zones struct {
	property *time.Location    // nil when not known
	aliases  map[string]string // from the feed's VTIMEZONEs
	loaded   map[string]*time.Location
}

// maxZones bounds the look-ups that one feed can cause.
const maxZones = 64

func newZones(c Calendar, property *time.Location) *zones {
	z := &zones{property: property, aliases: c.zones, loaded: make(map[string]*time.Location)}
	if z.property == nil {
		z.property = z.load(c.TimeZone)
	}
	return z
}

// local returns the wall time of t at the property and the zone it is in. The
// zone is nil when none is known.
func (z *zones) local(e *Event, field string, t DateTime) (civil.DateTime, *time.Location, error) {
	switch t.Form {
	case FormUTC:
		if z.property == nil {
			return civil.DateTime{}, nil, errNoZone
		}
		return civil.DateTimeOf(t.civil().In(time.UTC).In(z.property)), z.property, nil
	case FormZoned:
		zone := z.load(t.TZID)
		switch {
		case zone == nil && z.property == nil:
			return civil.DateTime{}, nil, errUnknownZone
		case zone == nil:
			e.warn(field, errZoneAssumed)
			return t.civil(), z.property, nil
		case z.property == nil:
			return t.civil(), zone, nil
		case zone.String() == z.property.String():
			return t.civil(), z.property, nil
		default:
			return civil.DateTimeOf(t.civil().In(zone).In(z.property)), z.property, nil
		}
	case FormNone, FormDate, FormFloating:
		return t.civil(), z.property, nil
	default:
		return t.civil(), z.property, nil
	}
}

// load returns the location of a TZID, or nil.
func (z *zones) load(tzid string) *time.Location {
	if zone, ok := z.loaded[tzid]; ok {
		return zone
	}
	if len(z.loaded) >= maxZones {
		return nil
	}
	name := tzid
	if alias, ok := z.aliases[tzid]; ok {
		name = alias
	} else if iana, ok := windowsZones[tzid]; ok {
		name = iana
	}
	zone := location(name)
	z.loaded[tzid] = zone
	return zone
}

// location is [time.LoadLocation] without the two names that it takes for the
// zone of the server or for UTC.
func location(name string) *time.Location {
	if name == "" || name == "Local" {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return zone
}

// windowsZones maps the Windows zone names that calendars of Microsoft write to
// the IANA zone that the Unicode CLDR (windowsZones, territory 001) gives.
var windowsZones = map[string]string{
	"Hawaiian Standard Time":          "Pacific/Honolulu",
	"Alaskan Standard Time":           "America/Anchorage",
	"Pacific Standard Time":           "America/Los_Angeles",
	"Pacific Standard Time (Mexico)":  "America/Tijuana",
	"US Mountain Standard Time":       "America/Phoenix",
	"Mountain Standard Time":          "America/Denver",
	"Mountain Standard Time (Mexico)": "America/Mazatlan",
	"Central Standard Time":           "America/Chicago",
	"Central Standard Time (Mexico)":  "America/Mexico_City",
	"Central America Standard Time":   "America/Guatemala",
	"Canada Central Standard Time":    "America/Regina",
	"Eastern Standard Time":           "America/New_York",
	"Eastern Standard Time (Mexico)":  "America/Cancun",
	"SA Pacific Standard Time":        "America/Bogota",
	"Atlantic Standard Time":          "America/Halifax",
	"SA Western Standard Time":        "America/La_Paz",
	"Pacific SA Standard Time":        "America/Santiago",
	"Newfoundland Standard Time":      "America/St_Johns",
	"E. South America Standard Time":  "America/Sao_Paulo",
	"Argentina Standard Time":         "America/Buenos_Aires",
	"Montevideo Standard Time":        "America/Montevideo",
	"Azores Standard Time":            "Atlantic/Azores",
	"UTC":                             "UTC",
	"GMT Standard Time":               "Europe/London",
	"Greenwich Standard Time":         "Atlantic/Reykjavik",
	"W. Europe Standard Time":         "Europe/Berlin",
	"Central Europe Standard Time":    "Europe/Budapest",
	"Central European Standard Time":  "Europe/Warsaw",
	"Romance Standard Time":           "Europe/Paris",
	"GTB Standard Time":               "Europe/Bucharest",
	"FLE Standard Time":               "Europe/Kiev",
	"E. Europe Standard Time":         "Europe/Chisinau",
	"Turkey Standard Time":            "Europe/Istanbul",
	"Kaliningrad Standard Time":       "Europe/Kaliningrad",
	"Russian Standard Time":           "Europe/Moscow",
	"Morocco Standard Time":           "Africa/Casablanca",
	"Egypt Standard Time":             "Africa/Cairo",
	"South Africa Standard Time":      "Africa/Johannesburg",
	"Israel Standard Time":            "Asia/Jerusalem",
	"Arab Standard Time":              "Asia/Riyadh",
	"Arabian Standard Time":           "Asia/Dubai",
	"Georgian Standard Time":          "Asia/Tbilisi",
	"Caucasus Standard Time":          "Asia/Yerevan",
	"Ekaterinburg Standard Time":      "Asia/Yekaterinburg",
	"India Standard Time":             "Asia/Calcutta",
	"Sri Lanka Standard Time":         "Asia/Colombo",
	"SE Asia Standard Time":           "Asia/Bangkok",
	"N. Central Asia Standard Time":   "Asia/Novosibirsk",
	"China Standard Time":             "Asia/Shanghai",
	"Singapore Standard Time":         "Asia/Singapore",
	"W. Australia Standard Time":      "Australia/Perth",
	"Tokyo Standard Time":             "Asia/Tokyo",
	"Korea Standard Time":             "Asia/Seoul",
	"AUS Central Standard Time":       "Australia/Darwin",
	"Cen. Australia Standard Time":    "Australia/Adelaide",
	"AUS Eastern Standard Time":       "Australia/Sydney",
	"E. Australia Standard Time":      "Australia/Brisbane",
	"New Zealand Standard Time":       "Pacific/Auckland",
}

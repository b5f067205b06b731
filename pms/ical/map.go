package ical

import (
	"slices"
	"strings"

	"github.com/changeover-sdk/changeover/pms"
)

// mapFeed maps a feed to its property.
func mapFeed(f boundFeed) pms.Property {
	return pms.Property{
		Vendor:      vendor,
		ID:          f.PropertyID,
		Name:        f.Name,
		TimeZone:    f.TimeZone,
		CheckIn:     f.CheckIn,
		CheckOut:    f.CheckOut,
		Status:      pms.PropertyUnknown,
		Cleanliness: pms.CleanlinessUnknown,
	}
}

// mapCalendar maps the events of one feed. Events that the rules ignore are
// left out.
func mapCalendar(f boundFeed, calendar Calendar) ([]pms.Booking, []*pms.RecordError) {
	stays, unplaced := calendar.Stays(f.zone)
	failed := mapFailed(f, slices.Concat(calendar.Failed, unplaced))
	source := DetectSource(calendar.ProdID, f.url.Hostname())
	classes := f.Rules.Classify(source, stays)
	bookings := make([]pms.Booking, 0, len(stays))
	for i, stay := range stays {
		if !classes[i].Ignore {
			bookings = append(bookings, mapStay(f, stay, classes[i]))
		}
	}
	return bookings, failed
}

// mapStay maps one event. Its id is the UID within the property.
func mapStay(f boundFeed, s Stay, class Class) pms.Booking {
	id := f.PropertyID + "/" + s.UID
	if s.RecurrenceID != "" {
		id += "/" + s.RecurrenceID
	}
	zone := s.TimeZone
	if zone == "" {
		zone = f.TimeZone
	}
	b := pms.Booking{
		Vendor:        vendor,
		ID:            id,
		PropertyID:    f.PropertyID,
		Kind:          class.Kind,
		Status:        class.Status,
		RawStatus:     strings.Clone(class.RawStatus),
		Arrival:       s.Arrival,
		Departure:     s.Departure,
		ArrivalTime:   class.ArrivalTime,
		DepartureTime: class.DepartureTime,
		TimeZone:      zone,
		Guests:        class.Guests,
		Guest:         cloneGuest(class.Guest),
		Channel:       class.Channel,
		Code:          strings.Clone(class.Code),
		CreatedAt:     s.Created,
		UpdatedAt:     s.LastModified,
	}
	if !f.Rules.DropPersonalData {
		b.Notes = strings.Clone(s.Summary)
		b.Raw = rawJSON(s.Raw)
	}
	return b
}

// cloneGuest cuts the guest's texts loose from the feed, which would stay in
// memory with any of them.
func cloneGuest(g pms.Guest) pms.Guest {
	return pms.Guest{
		Name:     strings.Clone(g.Name),
		Email:    strings.Clone(g.Email),
		Phone:    strings.Clone(g.Phone),
		Language: strings.Clone(g.Language),
	}
}

// mapFailed names unreadable events as their bookings would be named.
func mapFailed(f boundFeed, failed []*pms.RecordError) []*pms.RecordError {
	named := make([]*pms.RecordError, len(failed))
	for i, bad := range failed {
		named[i] = new(*bad)
		named[i].ID = f.PropertyID + "/" + bad.ID
		if f.Rules.DropPersonalData {
			named[i].Raw = nil
		}
	}
	return named
}

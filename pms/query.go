package pms

import (
	"slices"
	"time"
)

// PropertyQuery selects properties. The zero value selects all.
type PropertyQuery struct {
	// Cursor is [Page.Next] of an earlier page; empty means the first page.
	Cursor string `json:"cursor,omitzero"`
	// Limit is the wanted size of a page. Zero means the vendor's maximum;
	// larger values are cut to it.
	Limit int `json:"limit,omitzero"`
	// Prefetch lets [Properties] fetch one page ahead. Connectors ignore it.
	Prefetch bool `json:"prefetch,omitzero"`
}

// BookingQuery selects bookings. The zero value selects all of every kind and
// status.
type BookingQuery struct {
	// From and To bound the window, both days included. A booking is inside
	// when its departure is not before From and its arrival not after To, so
	// that guests in house never drop out. A zero day leaves that end open.
	From Date `json:"from,omitzero"`
	To   Date `json:"to,omitzero"`
	// PropertyIDs keeps bookings of these units. Empty means all units.
	PropertyIDs []string `json:"propertyIds,omitempty"`
	// UpdatedSince keeps bookings changed at or after the instant, and those
	// of which the vendor does not say when they changed.
	UpdatedSince time.Time `json:"updatedSince,omitzero"`

	ExcludeCancelled bool `json:"excludeCancelled,omitzero"`
	ExcludeBlocks    bool `json:"excludeBlocks,omitzero"`

	// Cursor is [Page.Next] of an earlier page of the same query; empty means
	// the first page.
	Cursor string `json:"cursor,omitzero"`
	// Limit is the wanted size of a page. Zero means the vendor's maximum;
	// larger values are cut to it. A page may hold fewer or more Bookings,
	// because filters and segments count after the vendor's page is read.
	Limit int `json:"limit,omitzero"`
	// Prefetch lets [Bookings] fetch one page ahead. Connectors ignore it.
	Prefetch bool `json:"prefetch,omitzero"`
}

// Matches reports whether b answers the query. Connectors apply it to every
// record, so that a filter which the vendor lacks or ignores holds all the
// same. A booking whose dates are unknown is inside every window.
func (q BookingQuery) Matches(b Booking) bool {
	switch {
	case q.ExcludeCancelled && b.Status == StatusCancelled,
		q.ExcludeBlocks && b.Kind == KindBlock,
		!q.From.IsZero() && b.Departure.IsValid() && b.Departure.Before(q.From),
		!q.To.IsZero() && b.Arrival.IsValid() && b.Arrival.After(q.To),
		!q.UpdatedSince.IsZero() && !b.UpdatedAt.IsZero() && b.UpdatedAt.Before(q.UpdatedSince),
		len(q.PropertyIDs) > 0 && !slices.Contains(q.PropertyIDs, b.PropertyID):
		return false
	default:
		return true
	}
}

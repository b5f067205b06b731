// Package guesty connects to Guesty (guesty.com), a property-management system
// and channel manager, by its Open API.
//
// # System
//
// A Guesty account has listings; a listing is a [pms.Property] here, and the
// unit of a multi-unit listing is one too. Guesty for Hosts, the product for
// small hosts, has no API that is known, and the Booking Engine API is another
// product with other tokens.
//
// # Access
//
// A user with API access creates a client id and secret in the dashboard:
// Integrations, API & Webhooks. Guesty asks makers of software for many accounts
// to talk to it instead of using their customers' keys.
//
// # Authentication and limits
//
// Client id and secret are exchanged for a token of 24 hours, and Guesty gives
// an account five tokens in 24 hours. So [Config.TokenStore] is not a nicety: a
// host that keeps the token in memory has used them up after five restarts, and
// is locked out until the next day. The token is renewed an hour before its end,
// or when it is refused; beyond the five the connector refuses by itself, with
// [pms.ErrRateLimited] and the time to wait. Checking credentials again and
// again costs tokens only where nothing stores them.
//
// Allowed are 15 requests a second, 120 a minute and 5000 an hour, all at once
// and for the whole account.
//
// # Quirks
//
//   - The search is the cheapest list, and leaves things out. Three settings add
//     them, each at a price in requests: Guests one for each guest (kept for a
//     day), Times one for ten reservations, Blocks one for each listing.
//   - A guest who moves between units has a reservation of several segments:
//     each becomes a Booking.
//   - The days of a stay are the localized ones. Planned times are instants:
//     they are told in the zone of the listing, which is read once an hour.
//   - Rows have no stamp of change, so UpdatedAt is empty, although Guesty
//     filters by change. No money is in them either.
//   - The vendor's filter by listing looks at the first segment only, so it is
//     not used: the connector filters.
//   - Listings that are inactive, not listed or archived come only when they are
//     asked for, so eight lists are read; test listings are inactive here.
//   - Notes that a row does not show are not empty: [Reservation.Notes] is nil.
//     The door code in them is in no shared model.
//   - A stay that is checked in or out is "confirmed" with a guestStay.
//   - Blocked dates come from the calendar: those that a person set, and those
//     of imported feeds. Rules such as advance notice and preparation time are no
//     blocks. Where a window is open, the calendar is read 90 days back or
//     two years ahead.
//   - The webhook is thin and signed. Guesty makes the secret: see
//     [Client.RegisterWebhook].
//
// This package has one file more than other connectors, details.go, for what
// the search leaves out.
//
// # Evidence
//
// The vendor's documentation and its OpenAPI files (open-api-docs.guesty.com,
// March to November 2026), grade A; the body of webhooks, details of their
// signature and the use of tokens: working clients of 2026, grade B. Where only
// a client shows something, or nothing does, the comment says unverified. The
// reservations of the first version of the API, which Guesty switches off on
// 2027-03-01, are not used. Checked 2026-11-21.
package guesty

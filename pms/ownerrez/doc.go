// Package ownerrez connects to OwnerRez (ownerrez.com), a vacation-rental PMS
// and channel manager of the United States, by its API v2.
//
// # System
//
// An OwnerRez account has properties; each is a [pms.Property]. Properties may
// be linked, so that a booking of one blocks others; there are no room types. A
// booking is in one property and is one [pms.Booking].
//
// # Access
//
// Any account makes a personal access token under Settings, Advanced Tools,
// Developer/API Settings, for its own use. A product for several accounts
// registers an OAuth app with partnerhelp@ownerrez.com. There is no sandbox of
// the vendor.
//
// # Authentication and limits
//
// A personal token goes with the e-mail address of the login, as HTTP Basic. One
// address may use such tokens of two accounts in 24 hours at most, so a service
// for many customers needs an OAuth app: [NewFlow] connects an account, and
// [Config.TokenStore] keeps its token. A token of an app lasts 30 days and is
// renewed when it ends or is refused with 401; an account whose token cannot be
// renewed is [pms.ErrUnauthorized] and has to be connected again.
//
// Every request names its sender, as OwnerRez demands: see [Config.UserAgent].
// Allowed are 300 requests in 5 minutes from one address, whatever accounts they
// are for: all clients behind it share one Config.Limiter. After a 429, which
// states no wait, everything waits a minute.
//
// # Quirks
//
//   - Bookings, owner's stays, blocks, quotes that hold their dates and the
//     copies of bookings on linked properties are in one list. Blocks are active,
//     too. A quote is a guest's [pms.StatusInquiry]; a row that is no block and of
//     an unknown type is [pms.KindUnknown]. An owner's stay is one even if it has
//     the flag of a block (unverified that one does).
//   - The copies are left out, so that nobody cleans twice:
//     [Config.LinkedBlocks] adds them as blocks. Stays that an owner enters as
//     titled blocks are told from others with [Config.TitledBlocks].
//   - Bookings are listed by change or by property, and by neither is refused. A
//     list of all asks for the changes since 1970: that OwnerRez goes back so far
//     is what public clients rely on (unverified). The end of a window is not
//     sent, for it is unverified what the vendor's bound compares.
//   - An empty page has no items at all; any other answer without them is an
//     error. The vendor does not tell how long lists are, nor their order.
//   - Whether a list of properties without a filter has those that are not active
//     is unverified: both lists are asked for. Rows of them lack the address and
//     the zone: ListProperties reads each property as well.
//   - Many properties state no time zone: theirs is that of the account's user.
//   - Guests come with their names; the rest takes a request for each guest, with
//     [Config.Guests]. The e-mail address is otherwise the one by which the channel
//     relays mail.
//   - check_in is a clock time and arrival the day. The number of guests in all is
//     the sum of adults, children and infants.
//   - There is no cleaning status and there are no tasks. The cleaning date of a
//     booking can be read and written: [Client.SetCleaningDate].
//   - Webhooks are for OAuth apps. They are not signed: user and password come as
//     HTTP Basic. Some name the record only, and not all its guest, so their
//     events hold no bookings.
//   - Bookings cannot be canceled and door codes cannot be written by the API.
//
// This package has one file more than other connectors, guests.go, for what the
// rows leave out.
//
// # Evidence
//
// The vendor's support articles on authentication, OAuth apps, limits and
// webhooks and its Zapier app (github.com/ownerrez/orez-zapier of 2024-10-09),
// grade A; the fields of bookings and properties also from public clients that
// measured live accounts in August and September 2026. The vendor's OpenAPI file
// was not at hand. The body of webhooks is known from public receivers, grade B.
// Checked 2026-11-21.
package ownerrez

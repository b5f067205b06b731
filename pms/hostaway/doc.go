// Package hostaway connects to Hostaway (hostaway.com), a vacation-rental PMS
// and channel manager.
//
// # System
//
// A Hostaway account has listings; a listing is a [pms.Property] here. A
// listing may be a unit type with units: then its units are the properties,
// with ids "<listing>/<unit>" and the listing as parent. A reservation of
// several units becomes one Booking per unit, "<reservation>#<unit>".
//
// # Access
//
// Every customer creates an API key in the dashboard and gets an account id
// and a client secret; where in the menu is not verified. There is no sandbox
// of the vendor.
//
// # Authentication and limits
//
// OAuth 2.0 client credentials. A token lasts for months (expires_in counts),
// works one second after it was issued, and is refused with 403 when it is
// dead. The vendor asks to keep and reuse it: see Config.TokenStore. A call
// that is refused with 403 although the token was just replaced is
// [pms.ErrForbidden]; such a token is not replaced again for ten minutes.
//
// Allowed are 15 requests in 10 seconds from one address and 20 for one
// account, requests for tokens included. A process that serves several
// accounts from one address shares one Config.Limiter among them.
//
// # Quirks
//
//   - Reservations cannot be filtered by change or by status. They are listed
//     newest change first, page by page behind the id of the last one, until
//     the wanted instant. What moves to the front meanwhile is read after the
//     walk; a booking may come twice.
//   - A failure may come under status 200, as status "fail".
//   - isDatesUnspecified means that the dates are made up: such a booking has
//     none here. A list with a window may leave it out.
//   - Clock times are whole hours.
//   - Stamps are UTC and have no zone. updatedOn is in no field table of the
//     vendor, though the vendor sorts by it.
//   - There are no states of being in house or gone. A no-show is told by
//     GetBooking only, and for Booking.com only.
//   - Manual blocks are no reservations but days of a listing's calendar, one
//     request a listing. They become bookings with ids "block-<listing>-<first
//     day>"; blocks that touch are one. A query with ExcludeBlocks saves the
//     requests, and ListChanges never tells of blocks. A window without From
//     begins a month ago for them, and one without To ends with the year that
//     is going on half a year from now. A listing with units is blocked as a
//     whole, under its own id; a single blocked unit is not told.
//   - Units are known by one request a listing; Config.NoUnits saves it.
//   - The housekeeping status of a listing has no documented values: that 1 is
//     clean and 2 is not is read off one public client (unverified). Tasks are
//     documented: see [Client.WriteTask] and [Client.CreateTask].
//   - Webhooks are not signed: login and password come as HTTP Basic. They may
//     lack units, so their events name reservations and hold none.
//
// This package has four files more than other connectors: token.go for tokens
// that are kept, walk.go for the list without a filter by change, blocks.go for
// the calendar and tasks.go.
//
// # Evidence
//
// The vendor's documentation (api.hostaway.com/documentation, source of
// 2026-07-23), grade A. The body of webhooks is known from the vendor's log
// object and three public receivers that agree, grade B. Checked 2026-11-21.
package hostaway

// Package kigo connects to Kigo (RealPage Kigo, kigo.net), a vacation-rental
// PMS for agencies. It is a legacy connector: what is known of the API is from
// 2011 to 2017, and the API may have changed or be retired.
//
// # System
//
// An agency's account has properties; each is a [pms.Property], for the API
// tells no units of a property. A reservation is in one property and is one
// [pms.Booking]. Kigo's API for distribution partners (kigoapis.com) is another
// one and is not served.
//
// # Access
//
// Kigo gives the agency the name and the password of an API user. There is no
// sandbox of the vendor.
//
// # Authentication and limits
//
// HTTP Basic. Kigo throttles with status 409, which is [pms.ErrRateLimited] here
// and is repeated like a 429. Its allowance is not known: one request a second
// is kept, and ten seconds of silence after a 409 (both unverified).
//
// # Quirks
//
//   - Every call is a POST with JSON, reads too, and most failures are result
//     codes under status 200. Reads are repeated like a GET, writes are not.
//     E_NOSUCH is [pms.ErrNotFound], E_CONFLICT and E_ALREADY [pms.ErrConflict],
//     E_INPUT and E_EMPTY [pms.ErrInvalid]. E_DEACTIVATED, and E_NOSUCH with that
//     word in its text, is [pms.ErrForbidden]: the record is there. What E_LIMIT
//     limits is not known: it is [pms.ErrRateLimited] and is not repeated. An
//     HTTP 404 is a wrong address, not a missing record: [pms.ErrUnavailable].
//   - The calendar of all properties is one answer without pages, which takes
//     up to three minutes: ListBookings and the first ListChanges ask for it and
//     wait up to 200 seconds. Later ListChanges are quick. One property is read
//     faster with [Client.ListCalendar].
//   - The calendar has days, times, status and property of a stay. Guests and
//     notes cost a request for each reservation: see Config.Details. GetBooking
//     always has them; it takes two requests, because only the calendar has the
//     times.
//   - Entries of other accounts have dates only. What they are is inferred: they
//     are [pms.KindBlock], and so are entries that do not say whose they are and
//     that the vendor does not have as reservations (unverified). One that is
//     said to be the account's and that it does not have is [pms.KindUnknown].
//     Owner stays cannot be told from guests.
//   - HOLD is tentative; CANCELED and CANCELED_HOLD are cancelled. There is no
//     word for guests in house and none for no-shows. Deletions are not told.
//   - Midnight as a time of arrival or departure means that none is stated
//     (unverified): a day without a time is written the same way.
//   - Changes have no stamp, so that UpdatedSince cannot be filtered by. Prices
//     are lists of instalments and the booking source is a number that no known
//     call explains: Total, Channel and Code are empty. RES_CREATE is a day, and
//     CreatedAt its beginning in Config.TimeZone.
//   - Kigo states no zones. ListProperties reads each property with a request of
//     its own. One that is deactivated answers nothing but that, and is
//     inactive; one that answers is active (inferred).
//   - Scalars change between text and number, and an empty map is an empty list.
//   - The code of the lock is in Raw of a property only, so that it is not
//     printed with the other fields. Keep it out of logs.
//
// Webhooks, a cleaning status and tasks are impossible: the API is not known to
// have them. A note could be written by updateReservation, but what that does to
// the fields that a call leaves out is not known, so it is not offered.
//
// # Evidence
//
// Six independent clients of 2011 to 2017 that agree, and recorded answers:
// grade B. The specification (support.kigo.net, entry 23581401, "RA REST API v1
// specification") is no longer public. Checked 2026-11-21.
package kigo

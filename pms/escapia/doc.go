// Package escapia connects to Escapia (escapia.com), a North American PMS for
// managers of vacation rentals, through its HSAPI.
//
// # System
//
// A property manager has units; a unit is a [pms.Property] here. Reservations
// are stays of guests and owners and, as holds, the blocks of the calendar;
// each is in one unit.
//
// # Access
//
// Certified partners of Escapia get a client id and a secret. A property
// manager then grants the partner access and is named by a PMC id, the Company
// ID of the manager's account; [Client.ListCompanies] tells who has granted
// access. No sandbox of the vendor is known.
//
// # Authentication and limits
//
// Client id and secret, as HTTP Basic, are exchanged for a token that states its
// end; a refused token is replaced once. Every call names the version of the
// API, the system behind it and the manager in headers. No allowance is
// published: a 429 is obeyed (unverified that there is one).
//
// # Quirks
//
//   - The search of reservations tells neither cancellations nor clock times, so
//     ListBookings reads every reservation that it delivers by its id, a few at
//     a time: a page of 100 takes 101 requests. Filters are applied before.
//     ListChanges saves them: it reads only what changed.
//   - Whether the search lists cancelled reservations is not documented. The
//     list of changes tells them.
//   - Changes are numbered by versions, not by stamps: a filter by time does not
//     exist, and a list with UpdatedSince is whole. A booking has no stamp of
//     change but in ListChanges.
//   - Only the hold type tells what a reservation is: Owner and GuestOfOwner are
//     owner stays, Maintenance, SoftBlock, GroupSoftBlock and Unavailable are
//     blocks. Blocks are reservations with ids and may be cancelled.
//   - Inquiries, no-shows, infants, pets and currencies are not told.
//   - No zone is told: Config.TimeZone is the zone of all units. Stamps of
//     creation have none either and are left out without it. Clock times are of
//     a stay; defaults are Config.CheckIn and Config.CheckOut.
//   - Objects carry "$id", and one that comes again may be a "$ref" to the
//     first: the references are resolved, also in Raw.
//   - The field "id" is always 0; nativePMSID is the id.
//   - A failed write, and maybe a read, comes under status 200 with a diagnosis:
//     [pms.ErrInvalid]. A reservation that does not exist has no documented
//     answer; 404, 204 and null are [pms.ErrNotFound] (unverified).
//   - A reservation that the vendor fails over, with a 500 say, fails neither
//     lists nor changes: it is a [pms.RecordError].
//   - Housekeeping statuses are the manager's own, with ids that differ from
//     manager to manager. They are found by name, see Config.CleanStatuses.
//   - Housekeeping tasks have a unit, a day and a type and neither name,
//     description nor clock times. Which of their fields are required, and
//     whether an update keeps what it does not send, is unverified.
//   - Door codes are in Raw only.
//   - There are no webhooks.
//
// This package has two files more than other connectors, refs.go for the
// references and housekeeping.go.
//
// # Evidence
//
// The vendor's Swagger file of HSAPI, version 10, grade A; the behaviour behind
// it from public clients, grade B. Checked 2026-11-21.
package escapia

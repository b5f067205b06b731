// Package realtycalendar connects to RealtyCalendar (realtycalendar.ru), a
// Russian calendar, CRM and channel manager for flats let by the day.
//
// # System
//
// A RealtyCalendar account lets lots; the lot number ("№ лота") is the id of a
// [pms.Property] here. A lot with rooms, as a hotel has them, is booked by
// room: the property is then "<lot>/<room>" and its parent the lot. Two
// interfaces are served, each when the [Config] has what it needs:
//
//   - Webhooks, with AccountID and WebhookSecret: RealtyCalendar posts the full
//     booking at every change. This is what cleaning products use.
//   - The signed API v1, with PublicKey and PrivateKey: lists by day of
//     modification, and writes.
//
// An account with webhooks only is complete for a host that links lots by
// hand: its lists are [pms.ErrNotSupported].
//
// # Access
//
// Webhooks: the user copies the account id from the top right of
// RealtyCalendar's main page; the host makes an address with [NewWebhookPath];
// the user adds it under settings, "CRM-интеграции", field "Webhooks",
// "Добавить WebHook". The lot number is in the window of a flat on the grid.
// Keys are issued to the account; where the cabinet shows them is not known.
//
// # Authentication and limits
//
// Webhooks are not signed: a secret in the URL proves the sender, and the
// booking's agency_id must be the account (that the two are the same number is
// unverified). API v1 has the public key in the path of the list and an MD5
// signature made with the private key in each call. No limits are published,
// so no pace is kept unless Config.Limiter keeps one; a 429 is waited out.
//
// # Quirks
//
//   - RealtyCalendar counts days in Moscow. Config.TimeZone is Europe/Moscow
//     unless set, and so is the zone of every booking.
//   - A deleted booking keeps the status it had. Action, status and is_delete
//     decide together, and is_delete beats any status.
//   - API v1 is not paged. It is read by days of modification, oldest first, so
//     that a booking that changes meanwhile comes twice rather than not at all.
//   - There is no list of lots: they are learnt from bookings between 90 days
//     ago and a year ahead, most likely without names (unverified).
//   - Records of the list are poorer than those of webhooks. As far as known
//     they have neither a stamp of change nor a room, so on a lot with rooms
//     they name the lot alone; trust webhooks there (unverified).
//   - Whether closed dates come at all is not known; a record with closed=true
//     is a block (unverified).
//   - Owner stays and numbers of adults and children are not known. The number
//     of guests comes from partners only (unverified).
//   - API v1 cannot read one booking, so there is no GetBooking.
//   - The same flat may be entered as two lots: link both to one property.
//
// # Evidence
//
// No document of the vendor could be read in full. Webhooks: real bodies and
// four independent receivers that agree, grade B. API v1: independent clients
// that agree, grade B; its update is unverified. Checked 2026-11-21.
package realtycalendar

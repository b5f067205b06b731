// Package hospitable connects to Hospitable (hospitable.com, once Smartbnb), a
// PMS with guest messaging and tasks, by its Public API v2.
//
// # System
//
// A Hospitable account has properties; each is a [pms.Property]. A child of a
// multi-unit property names its parent. A reservation is of one property and is
// one [pms.Booking]. The vendor's Connect API is another product with other
// hosts and payloads.
//
// # Access
//
// A host makes a personal access token under Apps, API access; it lasts for a
// year. Software of others gets OAuth through the Partner Portal
// (partners.hospitable.com). There is no sandbox of the vendor.
//
// # Authentication and limits
//
// Give Config.Token, or ClientID and ClientSecret of an application with a
// TokenStore that holds the token of [NewFlow]. Such a token lasts for 12 hours,
// its refresh token for 90 days, and each renewal replaces both: they are saved
// before they are used. A scope that a token lacks is [pms.ErrForbidden].
//
// No allowance for the account is published, so the connector does not pace
// itself; a 429 is waited out. Messages are limited to two a minute to one
// reservation, and to 50 in five minutes.
//
// # Quirks
//
//   - Reservations can be listed only by properties. A list reads 50 properties,
//     then their reservations, then the next 50; the cursor holds their ids.
//   - One request filters one date, and without dates the vendor answers the
//     next two weeks. Lists ask by departure, from the first day of the window
//     on, and drop what arrives later; without a first day, by arrival. Whether the vendor's bounds are
//     included, and in which zone they are days, is not said, so they are two
//     days wider; that it takes bounds decades away is unverified.
//   - There is no filter by change and no stamp of it: UpdatedAt is empty in
//     lists, and UpdatedSince keeps everything.
//   - Unknown includes and parameters are ignored silently. A reservation
//     without its property is a [pms.RecordError], not a stay in no property.
//     That a reservation never has a second property is unverified.
//   - The zone of a property is an offset of today, such as "-0700". It is no
//     zone; Config.TimeZone is told where it agrees with the offsets.
//   - Days are those of the stamps' own offsets. A stay that states no clock
//     time has none here: that of the property holds.
//   - Next-page links are plain http. They are not read: pages go by number.
//   - The deprecated status disagrees with reservation_status and is not read.
//     Who is checked in or out or did not come has no word. Refused and expired
//     requests are cancelled here; a checkpoint, Airbnb's security hold, is
//     tentative.
//   - Owner stays are told by stay_type or owner_stay. Words that are neither
//     guest nor owner are [pms.KindUnknown].
//   - Manual blocks are days of the calendar, one request a property: see
//     Config.Blocks. They become bookings with ids "block-<property>-<first
//     day>"; blocks that touch are one. Days that are closed by a rule are no
//     blocks, nor are those that are closed because they are past. That a block
//     keeps its days of the past, and that dates held for a request are told
//     from it, is unverified.
//   - Amounts are in the smallest unit of the currency. They need a scope of
//     their own: see Config.Financials.
//   - Inquiries are a resource of their own and are not listed.
//   - Tasks can be read and not written, and there is no housekeeping status:
//     neither [pms.TaskWriter] nor [pms.CleanlinessWriter] is possible. Nor can
//     webhooks be registered: a person enters the URL.
//   - Webhooks of a personal token are signed with an e-mail address as the
//     key. Who knows it can sign, so such events are not trusted.
//
// This package has one file more than other connectors, walk.go, for the place
// in a list that goes through the properties.
//
// # Evidence
//
// The vendor's OpenAPI files of June 2025, grade A; where the live API differs,
// public clients that probed it from April to August 2026. Tasks, and what is
// marked unverified, rest on these clients or on one of them. Checked
// 2026-11-21.
package hospitable

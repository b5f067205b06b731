// Package smoobu connects to Smoobu (smoobu.com), a channel manager and small
// PMS for holiday lets, made in Berlin.
//
// # System
//
// A Smoobu account has apartments; each is a [pms.Property], for Smoobu knows
// no buildings or unit types. A reservation is in one apartment and is one
// [pms.Booking].
//
// # Access
//
// Every customer with a paid plan makes a key and its secret under Settings,
// Advanced, API Keys; the secret is shown once.
//
// # Authentication and limits
//
// Each request is signed: HMAC-SHA256 with the secret over method, path, query,
// time, a nonce, the hash of the body and the key. A repeated request has a new
// nonce and signature. The time is this machine's, so its clock must be right;
// how far off Smoobu allows is not known. Signed requests follow no redirect.
// Without Config.APISecret the key is sent alone, in the header Api-Key, which
// Smoobu switches off in autumn 2026 (2026-09-25 or 2026-10-31). Allowed are
// 1000 requests a minute for an account. X-RateLimit-Retry-After is read as
// seconds, or as a Unix time when it is too large for that (unverified which).
//
// # Quirks
//
//   - One record mixes "guest-name", "modifiedAt" and "guestId"; writes have
//     camelCase names only.
//   - The type "modification of booking" is an active booking. Only
//     "cancellation" is cancelled.
//   - Cancelled reservations are in lists only when asked for, so they always
//     are, unless the query excludes them.
//   - Blocks are reservations with is-blocked-booking, on the channel 11. A stay
//     of the owner looks the same and is [pms.KindBlock]. Inquiries are not
//     listed; tentative, checked-in and no-show have no words.
//   - Days of modification can be asked for, instants cannot, and the zone of
//     stamps is not stated (unverified). UpdatedSince therefore keeps up to two
//     days more than asked, never less. CreatedAt and UpdatedAt are read in
//     Config.TimeZone and are zero without it.
//   - The list of apartments has ids and names only: ListProperties reads each
//     apartment as well. Smoobu does not say whether an apartment is let, nor
//     its usual check-in and check-out times.
//   - A reservation states no time zone and no currency; its apartment has the
//     zone. Infants and pets are not counted.
//   - Notes are the notice and, on a line of its own, the notice for the
//     assistant, who may be the cleaner. [Client.UpdateReservation] can write
//     the latter; Smoobu has no cleaning status and no tasks.
//   - Webhooks are not signed and are set up by hand: the URL holds a secret,
//     see [NewWebhookPath]. They come twice, in bursts, or not at all: re-read
//     the booking, and keep a list every quarter of an hour beside them.
//
// This package has one file more than other connectors, sign.go, for the
// signature.
//
// # Evidence
//
// docs.smoobu.com and the support article 36304895666450 in part, and
// independent clients and webhook receivers that agree: grade B. The signature
// is checked against the vendor's worked example. Checked 2026-11-21.
package smoobu

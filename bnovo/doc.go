// Package bnovo connects to Bnovo (bnovo.ru), a Russian hotel PMS and channel
// manager.
//
// # System
//
// A Bnovo account is one hotel. It has room types and, in them, rooms; the
// room is the unit that is cleaned and is a [pms.Property] here. Two interfaces
// of Bnovo are served, chosen by the credentials of the [Config]:
//
//   - The open API (api.pms.bnovo.ru), with ID and Password: documented by the
//     vendor. The free tariff "Старт" reads bookings; "Профессионал" has rooms,
//     closures, status update and webhooks too.
//   - The session API of the web cabinet (online.bnovo.ru), with Username and
//     Password of a custom app: what cleaning products ask their users for. It
//     is not documented by the vendor; all of it here is unverified and rests
//     on independent clients that agree.
//
// # Access
//
// Open API: the owner of the account opens Bnovo Octopus, "API-доступ", and
// generates a key; it shows the account id and the key. Session API: Bnovo
// Octopus, "Создать свою интеграцию", "Добавить приложение", "Запросить логин и
// пароль"; both come by e-mail.
//
// # Authentication and limits
//
// Open API: id and key are exchanged for a token of 24 hours. An unknown pair
// is answered with 404, which is [pms.ErrUnauthorized] here. Allowed are 30
// requests in 10 seconds, 300 in 5 minutes, 1000 an hour and 10 000 a day, all
// at once, and 10 logins a minute. After a 429 the vendor asks for a minute of
// silence. The same pace is kept with the session API, whose limits are not
// known.
//
// # Quirks
//
//   - Days of a stay carry the hotel's offset; stamps of creation and change do
//     not. They are read in Config.TimeZone, or at the offset of the same
//     record's arrival (unverified). Lists of changes reach back far enough for
//     any zone.
//   - The effective times (real_arrival, real_departure) win over the planned.
//   - A stay whose nights are in several rooms becomes one Booking per room. The
//     session API's list does not tell the rooms of single nights: there a stay
//     is one Booking in the room that it has now.
//   - Bnovo knows no owner stays; closed dates are separate objects and come as
//     blocks with ids "closure-<id>".
//   - On the free tariff rooms cannot be listed: they are learnt from bookings
//     between 90 days ago and a year ahead. Closures are then left out.
//   - Bnovo publishes no call that sets a room's cleaning status. A host that
//     knows the call describes it in [CleanlinessCall].
//   - The webhook is thin and unsigned: the URL holds a secret, see
//     [NewWebhookPath]. Its sender starts up to 24 hours after it was set up.
//
// This package has one file more than other connectors, session.go, for the
// second interface.
//
// # Evidence
//
// Open API: the vendor's OpenAPI file (api.pms.bnovo.ru/docs/openapi.yaml, as
// of 2026-06-07), grade A. Session API: grade B. Checked 2026-11-21.
package bnovo

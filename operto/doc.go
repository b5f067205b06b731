// Package operto connects to Operto: smart locks whose codes open a door for one
// stay, and the tasks of cleaning staff.
//
// # System
//
// Operto is two systems with two APIs, and this package has two clients:
//
//   - [Client] is the Connect partner API (api.operto.com/v2/partners):
//     properties and reservations, for which Operto makes access codes.
//   - [Teams] is the Teams API (teams-api.operto.com/api/v1), once VRScheduler:
//     properties, bookings, tasks, staff and issues. It is a [pms.Connector] and
//     a [pms.TaskWriter].
//
// # Access codes
//
// The user enters the credentials, and maps each lodging to a property
// ([SelectProperty], or [Client.CreateAndSelect] to create it in Operto). From
// then on a [Keeper] brings Operto in line with the bookings:
//
//	keeper := operto.NewKeeper(client, operto.Rules{})
//	report, err := keeper.Run(ctx, operto.Desired{Lodgings: lodgings, Links: links}, time.Now())
//
// [Report] says who may enter what, when, and for every missing code why
// ([Diagnosis]). [TemplateVars] puts the codes into the guest's messages.
//
// What a Keeper promises:
//
//   - A confirmed stay of a guest or owner has one reservation, in the property
//     that its lodging is mapped to, from check-in until check-out in the zone of
//     the lodging. All other reservations of the Keeper are cancelled.
//   - No call gives anybody a code for a unit or a time outside a stay of theirs.
//     A code is taken away before the next one for the same unit is given; when it
//     cannot be taken away, the next one is withheld and reported.
//   - It fails closed. A lodging that is mapped to no property, to two, to one
//     that is gone or that was created for another lodging gets no code. Neither
//     does one whose time zone differs from Operto's.
//   - A code is handed out only if Operto was seen to hold the stay as it should
//     be. What cannot be decided (a status that the connector does not know, a
//     lodging without a time zone) stays as it is.
//   - It has no memory. A run that crashed or failed half-way is finished by the
//     next; a run that finds nothing to change sends no write.
//
// A [Code] prints as "••••" wherever it turns up. Errors and logs of this package
// hold no codes and no guests; records of reservations have no raw form.
//
// # Access
//
// Connect: Operto's support or account manager hands out an API key and secret,
// which products show as client id and client secret, and tells the path of the
// token call. Teams: a key pair is made in the account.
//
// # Authentication and limits
//
// Connect: key and secret as HTTP Basic for a token of unknown life; a refused
// token is replaced once. The pages disagree on the header of the token, see
// [Config.TokenHeader]. No limit is published. Teams: the pair for a token of an
// hour (scheme VRS) and a refresh token of a day; 50 requests in 2 minutes.
//
// # Quirks
//
//   - Connect: a path can hold our own ids ([ByPartner]). Times are UTC unless a
//     flag says that they are the property's; the flag is always sent. A
//     transfer and a new confirmation make new codes. There is no webhook.
//   - Connect: the public pages show neither the names of most fields nor the
//     verbs of the calls that write. They are in [Names] and can be corrected
//     there; answers are read tolerantly.
//   - Teams: failures come with ReasonCode under status 200, an empty list as 404.
//     Cancelled bookings vanish; see [CompareBookings]. Hours of tasks are whole.
//
// # Evidence
//
// Connect: the vendor's reference (apidoc.operto.com) for behaviour, grade A-; its
// field names grade C, unverified. Teams: the vendor's page for authentication
// and limits, grade A; recorded traffic and public clients for the rest, grade B,
// bookings unverified. Checked 2026-11-21.
package operto

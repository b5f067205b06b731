// Package cleaning turns bookings into cleaning jobs. It is pure: no network,
// no files, no clock and no state. The same input gives the same output,
// whatever the order of the records.
//
//   - [Plan] and [PlanAll] read the bookings of a property, from any number of
//     vendors and calendars, and say which cleanings they call for.
//   - [Reconcile] compares that plan with the jobs that the host has stored and
//     says what to create, move, update, cancel and restore, and what it leaves
//     alone because a person or a cleaner was there first. [Apply] carries
//     the changes out on a slice.
//   - [Readiness] says whether a unit is clean or dirty, [Pushes] what to tell
//     the vendors.
//   - [MatchClient] decides what becomes of an imported client, by external id
//     and phone; [ImportClient] applies it to the host's store. Phones are put
//     into one form by the package cleaning/phone, and cleaning/cleaningtest
//     checks a host's own store.
//   - [Explain] says in words why a job is what it is, [WriteICS] writes jobs
//     as a calendar.
//
// # Rules
//
//   - A job belongs to a stay, not to a gap between two stays. A neighbour that
//     comes or goes changes the window of the job and never which job it is.
//   - Nights are half open: a guest who leaves on the day another one arrives
//     does not overlap them.
//   - One stay seen through several vendors is one stay. Stays that follow one
//     another are never merged.
//   - Nothing is lost in silence: every booking is in the Stays of a job or in
//     [Result.Skipped] with a reason. What needs a person is an [Issue] too.
//   - What cannot be decided is never decided by deleting: an existing job stays
//     while its stay is in doubt, while a source has failed, and once somebody
//     has started to work.
//   - All times are clock times in the property's zone, see [Instant]. A property
//     without a zone is an issue and has no plan.
package cleaning

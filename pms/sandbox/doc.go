// Package sandbox holds offline stand-ins of the vendors' servers: one
// [net/http.Handler] per vendor that speaks the vendor's dialect, all fed from
// one [World] of properties, stays and guests.
//
// A stand-in is written from the vendor's documentation and shares no code
// with the connectors, so that both cannot be wrong in the same way. What the
// documentation leaves open is decided here on the side that is harder for a
// client, and marked "unverified".
//
//	world := sandbox.NewWorld(1, sandbox.Options{})
//	vendor := sandbox.NewBnovo(world, sandbox.BnovoOptions{})
//	client := &http.Client{Transport: sandbox.Transport(vendor)}
//
// [Transport] serves requests in memory; a stand-in works as well behind
// net/http/httptest or any listener. [Faults] stands between client and vendor
// and breaks what a network breaks. Stand-ins read the time from the World, so
// token lifetimes and rate limits follow [World.Advance], or the fake clock of
// testing/synctest when [Options.Clock] is time.Now.
//
// All people in a World are invented.
package sandbox

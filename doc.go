// Package changeover is the overview of the Changeover SDK: typed connectors to
// the systems that run short-stay rentals, one shared model of properties and
// bookings, and pure rules that turn bookings into cleaning jobs. It holds
// documentation only.
//
// # Rooms of the house
//
//   - pms: the vocabulary. Property, Booking, the Connector contract, queries,
//     pages, errors, webhooks, links. No HTTP client, no vendor.
//   - bnovo, realtycalendar, pms/<vendor>: the connectors, each with the same
//     files.
//   - pms/catalog: every connector in one table, opened from stored settings.
//   - cleaning: the rules. Plan, Reconcile, Readiness; no network, no clock.
//   - operto: access codes for stays, and tasks for cleanings.
//   - remonline: orders and clients of a service firm; filter, funnel and
//     calculation.
//   - crmimport: clients, premises and personal accounts from files.
//   - pms/pmstest: the conformance suite that every connector passes, and an
//     in-memory connector for the tests of hosts.
//   - pms/limiter: an allowance that several connectors share.
//   - pms/oauth: tokens that outlive the process.
//   - pms/sandbox: offline stand-ins of the vendors' servers.
//   - examples: runnable programs, in a module of their own.
//
// # Quick start
//
// A host makes a connector from the settings of an account, reads bookings,
// plans the cleanings of each property and reconciles them with the jobs that
// it has stored:
//
//	client, err := bnovo.New(bnovo.Config{ID: "9001", Password: key, TimeZone: "Europe/Moscow"})
//	...
//	bookings, failed, err := pms.Collect(pms.Bookings(ctx, client, pms.BookingQuery{From: from, To: to}))
//	...
//	plan := cleaning.Plan(cleaning.Property{ID: "loft", Bookings: bookings}, policy, now)
//	diff := cleaning.Reconcile(stored, plan, now)
//
// The host owns storage, scheduling and transport. Nothing here starts a
// goroutine that outlives its call, reads the environment or prints.
//
// # Connectors
//
//	                Bnovo       Escapia     Guesty      Hospitable  Hostaway    iCalendar   Kigo (legacy)  Operto Teams  OwnerRez  RealtyCalendar  Smoobu
//	lists units     yes         yes         yes         yes         yes         no          yes            yes           yes       no              yes
//	lists bookings  yes         yes         yes         yes         yes         yes         yes            unverified    yes       yes             yes
//	changed since   yes         no          yes         no          yes         no          no             no            yes       yes             yes
//	change feed     no          yes         no          no          yes         no          yes            no            no        no              no
//	one booking     yes         yes         yes         yes         yes         no          yes            unverified    yes       no              yes
//	webhooks        yes         no          yes         yes         yes         no          no             no            yes       yes             yes
//	subscribes      no          no          yes         no          yes         no          no             no            yes       no              no
//	writes clean    unverified  yes         unverified  no          unverified  no          no             no            no        no              no
//	writes tasks    no          unverified  yes         no          yes         no          no             unverified    no        no              no
//	blocks          yes         yes         yes         yes         yes         unverified  unverified     no            yes       unverified      yes
//	owner stays     no          yes         yes         yes         yes         no          no             unverified    yes       no              no
//	stay times      yes         yes         yes         yes         yes         unverified  yes            unverified    yes       yes             yes
//	guest counts    yes         yes         yes         yes         yes         unverified  yes            unverified    yes       unverified      yes
//	time zone       no          no          yes         no          yes         no          no             no            yes       no              yes
//	reads clean     unverified  yes         yes         no          unverified  no          no             no            no        no              no
//
//go:generate go run ./internal/gen
package changeover

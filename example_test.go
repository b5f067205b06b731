package changeover_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/changeover-sdk/changeover/bnovo"
	"github.com/changeover-sdk/changeover/cleaning"
	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// Bookings in, cleaning jobs out.
func Example() {
	ctx, now := context.Background(), time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	server, key := exampleServer(now) // a sandbox; without HTTPClient the account is real
	client, err := bnovo.New(bnovo.Config{ID: "9001", Password: key, TimeZone: "Europe/Moscow", HTTPClient: server})
	if err != nil {
		panic(err)
	}
	today := pms.Date{Year: 2026, Month: time.June, Day: 1}
	bookings, failed, err := pms.Collect(pms.Bookings(ctx, client, pms.BookingQuery{From: today, To: today.AddDays(14)}))
	if err != nil || len(failed) > 0 {
		panic(fmt.Sprint(err, failed)) // an incomplete list must not close jobs
	}
	plan := cleaning.Plan(cleaning.Property{ID: "loft", Bookings: bookings}, cleaning.Policy{WindowDays: 2}, now)
	for _, change := range cleaning.Reconcile(nil, plan, now).Changes {
		fmt.Println(change.Kind, change.Job.Start.Format("Mon 15:04"), "to", change.Job.End.Format("Mon 15:04"), "same day:", change.Job.SameDay)
	}
	// Output:
	// create Wed 12:00 to Wed 14:00 same day: true
	// create Sat 12:00 to Mon 15:00 same day: false
}

// exampleServer is a sandbox of Bnovo with one room and two stays.
func exampleServer(now time.Time) (client *http.Client, key string) {
	world := sandbox.NewEmptyWorld(sandbox.Options{Clock: func() time.Time { return now }})
	room, err := world.AddProperty(sandbox.Property{Name: "Loft"})
	if err != nil {
		panic(err)
	}
	for _, days := range [][2]int{{1, 3}, {3, 6}} {
		arrival := pms.Date{Year: 2026, Month: time.June, Day: days[0]}
		if _, err := world.AddStay(sandbox.Stay{UnitID: room, Arrival: arrival, Departure: arrival.AddDays(days[1] - days[0])}); err != nil {
			panic(err)
		}
	}
	server := sandbox.NewBnovo(world, sandbox.BnovoOptions{})
	return &http.Client{Transport: sandbox.Transport(server)}, server.Options().Password
}

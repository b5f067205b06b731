package hostaway_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/hostaway"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// A host lists the stays of a window, and tells Hostaway of a cleaning as a
// task.
func Example() {
	ctx := context.Background()
	client, err := hostaway.New(hostaway.Config{
		AccountID: "40077", ClientSecret: "sandbox-hostaway-secret",
		HTTPClient: &http.Client{Transport: sandbox.Transport(exampleAccount())}, // leave out for the vendor
	})
	if err != nil {
		panic(err)
	}
	june := civil.Date{Year: 2026, Month: time.June, Day: 1}
	stays, failed, err := pms.Collect(pms.Bookings(ctx, client, pms.BookingQuery{From: june, To: june.AddDays(29)}))
	if err != nil || len(failed) > 0 {
		panic(fmt.Sprint(err, failed))
	}
	for _, b := range stays {
		fmt.Println(b.PropertyID, b.Kind, b.Status, b.Arrival, b.Departure)
	}
	task, err := client.CreateTask(ctx, hostaway.TaskRequest{
		Title: "Clean the loft", ListingID: stays[0].PropertyID, ReservationID: stays[0].ID,
		Categories: []hostaway.TaskCategory{hostaway.CategoryCleaning},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(task.Title, task.Status)
	// Output:
	// 71234 guest confirmed 2026-06-20 2026-06-23
	// 71234 block confirmed 2026-06-25 2026-06-27
	// Clean the loft pending
}

// exampleAccount is an account with a stay and closed days.
func exampleAccount() http.Handler {
	world := sandbox.NewEmptyWorld(sandbox.Options{Clock: time.Now})
	june := func(day int) pms.Date { return civil.Date{Year: 2026, Month: time.June, Day: day} }
	if _, err := world.AddProperty(sandbox.Property{ID: "71234", Name: "Loft"}); err != nil {
		panic(err)
	}
	if _, err := world.AddStay(sandbox.Stay{UnitID: "71234", Arrival: june(20), Departure: june(23)}); err != nil {
		panic(err)
	}
	if _, err := world.AddBlock("71234", june(25), june(27), "painting"); err != nil {
		panic(err)
	}
	return sandbox.NewHostaway(world, sandbox.HostawayOptions{})
}

package escapia_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"cloud.google.com/go/civil"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/escapia"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// A host lists the stays of a window, follows the changes from then on, and
// tells Escapia of a cleaning.
func Example() {
	ctx := context.Background()
	world := exampleWorld()
	client, err := escapia.New(escapia.Config{
		ClientID: "sandbox-escapia-client", ClientSecret: "sandbox-escapia-secret", PMCID: "1020", TimeZone: "Pacific/Honolulu",
		HTTPClient: &http.Client{Transport: sandbox.Transport(sandbox.NewEscapia(world, sandbox.EscapiaOptions{}))}, // leave out for the vendor
	})
	if err != nil {
		panic(err)
	}
	begin, err := client.ListChanges(ctx, "")
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

	if err := world.Extend(stays[0].ID, june.AddDays(24)); err != nil {
		panic(err)
	}
	changes, err := client.ListChanges(ctx, begin.Next)
	if err != nil {
		panic(err)
	}
	fmt.Println(len(changes.Items), "change: until", changes.Items[0].Departure)
	fmt.Println(client.SetCleanliness(ctx, "133161", pms.Dirty))
	// Output:
	// 133161 guest confirmed 2026-06-20 2026-06-23
	// 133161 block confirmed 2026-06-25 2026-06-27
	// 1 change: until 2026-06-25
	// <nil>
}

// exampleWorld is a unit with a stay and closed days.
func exampleWorld() *sandbox.World {
	world := sandbox.NewEmptyWorld(sandbox.Options{})
	june := func(day int) pms.Date { return civil.Date{Year: 2026, Month: time.June, Day: day} }
	if _, err := world.AddProperty(sandbox.Property{ID: "133161", Name: "Sea Breeze 2"}); err != nil {
		panic(err)
	}
	if _, err := world.AddStay(sandbox.Stay{UnitID: "133161", Arrival: june(20), Departure: june(23)}); err != nil {
		panic(err)
	}
	if _, err := world.AddBlock("133161", june(25), june(27), "painting"); err != nil {
		panic(err)
	}
	return world
}

package kigo_test

import (
	"context"
	"fmt"
	"net/http"

	"golang.org/x/time/rate"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/kigo"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// A host begins to follow an account, then reads what changed.
func Example() {
	ctx := context.Background()
	world := sandbox.NewEmptyWorld(sandbox.Options{})
	casa, err := world.AddProperty(sandbox.Property{ID: "101500", Name: "Casa Lira"})
	if err != nil {
		panic(err)
	}
	vendor := sandbox.NewKigo(world, sandbox.KigoOptions{NoLimits: true})
	defer vendor.Close()

	client, err := kigo.New(kigo.Config{
		Username: "sandbox-agency", Password: "sandbox-kigo-password", Details: true, TimeZone: "Europe/Rome",
		HTTPClient: &http.Client{Transport: sandbox.Transport(vendor)},
		Limiter:    rate.NewLimiter(rate.Inf, 0), // the sandbox is patient
	})
	if err != nil {
		panic(err)
	}
	page, err := client.ListChanges(ctx, "") // takes minutes at the vendor
	if err != nil {
		panic(err)
	}
	if _, err := world.AddStay(sandbox.Stay{
		UnitID: casa, Arrival: world.Today().AddDays(7), Departure: world.Today().AddDays(14),
		Guests: pms.Guests{Adults: 2, Children: 1}, Guest: pms.Guest{Name: "Mia Bauer"},
	}); err != nil {
		panic(err)
	}
	page, err = client.ListChanges(ctx, page.Next)
	if err != nil {
		panic(err)
	}
	for _, b := range page.Items {
		fmt.Println(b.PropertyID, b.Status, b.Guests.Total, "guests leave", b.Departure, b.DepartureTime)
	}
	// Output:
	// 101500 confirmed 3 guests leave 2026-06-15 12:00
}

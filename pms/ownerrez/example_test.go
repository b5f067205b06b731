package ownerrez_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/ownerrez"
	"github.com/changeover-sdk/changeover/pms/sandbox"
)

// A host lists what leaves in a week and writes down when it is cleaned.
func Example() {
	ctx := context.Background()
	world := sandbox.NewEmptyWorld(sandbox.Options{})
	house, err := world.AddProperty(sandbox.Property{ID: "40210", Name: "Dune House"})
	if err != nil {
		panic(err)
	}
	today := world.Today()
	if _, err := world.AddStay(sandbox.Stay{
		UnitID: house, Arrival: today.AddDays(-2), Departure: today.AddDays(3), Channel: "airbnb", Guest: pms.Guest{Name: "Lee Sample"},
	}); err != nil {
		panic(err)
	}
	vendor := sandbox.NewOwnerRez(world, sandbox.OwnerRezOptions{})
	defer vendor.Close()

	client, err := ownerrez.New(ownerrez.Config{
		Username: "owner@example.com", Token: "pt_sandboxownerrez", UserAgent: "Acme Cleaning (help@acme.example)",
		HTTPClient: &http.Client{Transport: sandbox.Transport(vendor)},
	})
	if err != nil {
		panic(err)
	}
	for b, err := range pms.Bookings(ctx, client, pms.BookingQuery{From: today, To: today.AddDays(7), ExcludeBlocks: true}) {
		if err != nil {
			panic(err)
		}
		if err := client.SetCleaningDate(ctx, b.ID, b.Departure); err != nil {
			panic(err)
		}
		fmt.Println(b.PropertyID, b.Channel, b.Status, "cleaned on", vendor.CleaningDate(b.ID))
	}
	// Output:
	// 40210 airbnb confirmed cleaned on 2026-06-04
}

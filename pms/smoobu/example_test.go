package smoobu_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/changeover-sdk/changeover/pms"
	"github.com/changeover-sdk/changeover/pms/sandbox"
	"github.com/changeover-sdk/changeover/pms/smoobu"
)

// A host lists what leaves in a week and leaves a note for the cleaner.
func Example() {
	ctx := context.Background()
	world := sandbox.NewEmptyWorld(sandbox.Options{})
	loft, err := world.AddProperty(sandbox.Property{ID: "412007", Name: "Loft am Kanal"})
	if err != nil {
		panic(err)
	}
	today := world.Today()
	if _, err := world.AddStay(sandbox.Stay{
		UnitID: loft, Arrival: today.AddDays(-2), Departure: today.AddDays(3), Channel: "airbnb", Guest: pms.Guest{Name: "Mara Lind"},
	}); err != nil {
		panic(err)
	}
	vendor := sandbox.NewSmoobu(world, sandbox.SmoobuOptions{})
	defer vendor.Close()

	client, err := smoobu.New(smoobu.Config{
		APIKey: "usr_live_sandbox", APISecret: "sandbox-smoobu-secret",
		HTTPClient: &http.Client{Transport: sandbox.Transport(vendor)},
	})
	if err != nil {
		panic(err)
	}
	for b, err := range pms.Bookings(ctx, client, pms.BookingQuery{From: today, To: today.AddDays(7), ExcludeBlocks: true}) {
		if err != nil {
			panic(err)
		}
		fmt.Println(b.PropertyID, b.Channel, b.Status, "leaves", b.Departure)
		if err := client.UpdateReservation(ctx, b.ID, smoobu.ReservationUpdate{AssistantNotice: new("clean on " + b.Departure.String())}); err != nil {
			panic(err)
		}
	}
	// Output:
	// 412007 airbnb confirmed leaves 2026-06-04
}
